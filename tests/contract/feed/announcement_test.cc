// Which changes go to the outbox, and what their rows say.

#include "contract/feed/feed_test.h"
#include "directory/user_import.h"

namespace vestibule::feed::test {
namespace {

using Lines = std::vector<std::string>;

class AnnouncementTest : public FeedTest {
 protected:
  void forAll(const std::string& more = "") {
    stream("all", "poll", R"(, "pollers": ["t"])" + more);
  }
};

TEST_F(AnnouncementTest, WithoutAStreamNothingIsStored) {
  user("bob");
  EXPECT_EQ(outbox(), Lines());
}

TEST_F(AnnouncementTest, ChangesOfAUserSayWhatTheyWere) {
  forAll();
  const auto id = user("bob", R"(, "externalId": "e1")");
  patchUser(id, R"({"op": "add", "path": "title", "value": "Boss"})");
  patchUser(id, R"({"op": "add", "path": "title", "value": "Boss"})");
  patchUser(id, R"({"op": "replace", "path": "active", "value": false})");
  must(directory::replaceUser(
      context_, view(), id,
      parsed(R"({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "bob"})"),
      {}, {}));
  must(directory::deleteUser(context_, view(), id, {}));
  EXPECT_EQ(outbox(), (Lines{R"(1|1|e1|["userName","externalId"])", R"(4|2|e1|["title"])",
                             R"(36|3|e1|["active"])", R"(18|4|-|["externalId","title","active"])",
                             "8|-|-|[]"}));
}

TEST_F(AnnouncementTest, OnlyWhatAStreamWantsIsStored) {
  forAll(R"(, "events": ["deactivate"], "domains": ["PRIMARY"])");
  const auto id = user("bob");
  user("CORP/ann", R"(, "active": false)");
  EXPECT_EQ(outbox(), Lines());
  patchUser(id, R"({"op": "replace", "path": "active", "value": false})");
  EXPECT_EQ(outbox().size(), 1U);
}

TEST_F(AnnouncementTest, AnImportTellsOfEachUser) {
  forAll();
  const directory::Principal everybody;
  const auto corp = must(directory::View::ofDomain(catalog_->current(), everybody,
                                                   "https://h.example/scim/v2", "CORP"));
  const auto import = [&](directory::ImportMode mode, const std::string& more) {
    directory::UserImportRules rules;
    rules.mode = mode;
    const auto body =
        parsed(R"({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ann")" +
               more + "}");
    must(directory::UserImport(context_, corp, rules).run({{1, body}}, nullptr));
  };
  import(directory::ImportMode::kCreate, R"(, "externalId": "e1")");
  import(directory::ImportMode::kUpsert, R"(, "externalId": "e1", "active": false)");
  EXPECT_EQ(outbox(), (Lines{R"(1|1|e1|["userName","externalId"])", R"(34|2|e1|["active"])"}));
}

TEST_F(AnnouncementTest, LoginsTellOfWhatTheyChange) {
  usual();
  forAll();
  const std::string claims = R"({"uid": "bob", "title": "Boss", "groups": []})";
  login("s1", claims);
  ASSERT_EQ(outbox().size(), 1U);
  EXPECT_EQ(outbox().front().substr(0, 3), "1|1");
  login("s1", claims);
  EXPECT_EQ(outbox().size(), 1U) << "nothing has changed";
  login("s1", R"({"uid": "bob", "title": "Chief", "groups": []})");
  ASSERT_EQ(outbox().size(), 2U);
  EXPECT_EQ(outbox().back(), R"(4|2|-|["title"])");
}

TEST_F(AnnouncementTest, AnUnchangedLoginCostsNoMoreThanWithoutStreams) {
  usual();
  const std::string claims = R"({"uid": "bob", "title": "Boss", "groups": []})";
  login("s1", claims);
  const auto cost = [&] {
    const auto before = onlooker_.statements();
    login("s1", claims);
    return onlooker_.statements() - before;
  };
  cost();
  const auto before = cost();
  forAll();
  login("s1", claims);
  EXPECT_EQ(cost(), before);
}

TEST_F(AnnouncementTest, ARefusedChangeHasNoRow) {
  forAll();
  user("bob");
  EXPECT_FALSE(directory::createUser(
      context_, view(),
      parsed(R"({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "bob"})"),
      {}));
  EXPECT_EQ(outbox().size(), 1U);
}

}  // namespace
}  // namespace vestibule::feed::test
