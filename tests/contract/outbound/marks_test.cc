// What is marked, and when: exactly with what has changed.

#include "contract/outbound/outbound_test.h"
#include "directory/federated_identities.h"
#include "directory/user_import.h"

namespace vestibule::outbound::test {
namespace {

class MarksTest : public OutboundTest {
 protected:
  std::uint64_t marksOf(const ResourceId& id) {
    std::string hex;
    for (const char c : id.bytes()) {
      constexpr const char* kDigits = "0123456789ABCDEF";
      hex += kDigits[static_cast<unsigned char>(c) >> 4U];
      hex += kDigits[static_cast<unsigned char>(c) & 15U];
    }
    return marks("resource_id = UNHEX('" + hex + "')");
  }
  void clear() { onlooker_.run("DELETE FROM " + table("control.outbound_pending")); }
};

TEST_F(MarksTest, AreNoneWithoutATarget) {
  user("ada");
  EXPECT_EQ(marks(), 0U);
}

TEST_F(MarksTest, AreNoneWhereTheTargetIsDisabledOrOfAnotherDomain) {
  target(R"({"enabled": false})", "off");
  target(R"({"domains": ["CORP"]})", "corp");
  user("ada");
  EXPECT_EQ(marks(), 0U);
  user("CORP/bob");
  EXPECT_EQ(marks(), 1U);
}

TEST_F(MarksTest, ComeOnceForEachTargetHoweverOftenAUserChanges) {
  target("{}", "one");
  target("{}", "two");
  const auto ada = user("ada");
  for (int i = 0; i < 5; ++i) {
    scimPatch(ada, R"({"op": "replace", "path": "title", "value": ")" + std::to_string(i) + "\"}");
  }
  EXPECT_EQ(marksOf(ada), 2U);
  EXPECT_EQ(marks("generation = 6"), 2U);
}

TEST_F(MarksTest, ComeWithEveryKindOfChange) {
  target();
  const auto ada = user("ada");
  const auto staff = group("staff", {ada});
  EXPECT_EQ(marksOf(ada), 1U);
  EXPECT_EQ(marksOf(staff), 1U);
  clear();
  changeMembers(staff,
                R"({"op": "remove", "path": "members[value eq \")" + ada.text() + R"(\"]"})");
  EXPECT_EQ(marksOf(staff), 1U);
  EXPECT_EQ(marksOf(ada), 0U) << "the membership is the group's";
  clear();
  changeMembers(staff, R"({"op": "replace", "path": "displayName", "value": "crew"})");
  EXPECT_EQ(marksOf(staff), 1U);
  clear();
  scimDelete(ada);
  EXPECT_EQ(marksOf(ada), 1U);
}

TEST_F(MarksTest, ComeWithAnImport) {
  target();
  const directory::Principal everybody;
  const auto corp = must(directory::View::ofDomain(catalog_->current(), everybody,
                                                   "https://h.example/scim/v2", "CORP"));
  const auto line = [](std::uint64_t number, const std::string& name) {
    return directory::ImportLine{
        number, parsed(R"({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],)"
                       R"("userName": ")" +
                       name + "\"}")};
  };
  must(directory::UserImport(context_, corp, {}).run({line(1, "ann"), line(2, "bob")}, nullptr));
  EXPECT_EQ(marks(), 2U);
}

TEST_F(MarksTest, DoNotComeWithWhatChangesNothing) {
  target();
  const auto ada = user("ada", R"(, "title": "Countess")");
  const auto staff = group("staff", {ada});
  clear();
  scimPatch(ada, R"({"op": "replace", "path": "title", "value": "Countess"})");
  changeMembers(staff,
                R"({"op": "add", "path": "members", "value": [{"value": ")" + ada.text() + "\"}]}");
  changeMembers(staff, R"({"op": "remove", "path": "members[value eq \")" +
                           ResourceId::generate(DomainNumber(1), ResourceKind::kUser).text() +
                           R"(\"]"})");
  EXPECT_EQ(marks(), 0U);
}

TEST_F(MarksTest, DoNotComeWithWhatIsRefused) {
  target();
  user("ada");
  clear();
  EXPECT_THROW(user("ada"), std::runtime_error);
  EXPECT_EQ(marks(), 0U);
}

TEST_F(MarksTest, ComeWithALoginThatChangesAUserAndWithNoOther) {
  target();
  usual();
  const auto first = login("1", R"({"uid": "eve", "title": "a", "groups": ["staff"]})");
  const auto eve = idOf(first);
  EXPECT_EQ(marksOf(eve), 1U);
  clear();
  EXPECT_EQ(outcome(login("1", R"({"uid": "eve", "title": "a", "groups": ["staff"]})")),
            "unchanged");
  EXPECT_EQ(marks(), 0U);
  EXPECT_EQ(outcome(login("1", R"({"uid": "eve", "title": "b", "groups": ["staff"]})")), "updated");
  EXPECT_EQ(marksOf(eve), 1U);
}

TEST_F(MarksTest, AnUnchangedLoginStaysOneQuery) {
  target();
  usual();
  const auto claims = R"({"uid": "eve", "title": "a"})";
  login("1", claims);
  login("1", claims);
  const auto before = onlooker_.statements();
  EXPECT_EQ(outcome(login("1", claims)), "unchanged");
  EXPECT_EQ(onlooker_.statements() - before, 1U);
}

TEST_F(MarksTest, OfMembersComeWithTheGroupsThatTheTargetTakesAlone) {
  target(R"({"memberOf": ["staff"]})");
  const auto ada = user("ada");
  const auto bob = user("bob");
  const auto staff = group("staff", {ada});
  const auto others = group("others", {bob});
  const auto number = must(targetRow(context_, "hr")).number;
  const auto catalog = catalog_->current();
  const auto look = [&](const ResourceId& changed) {
    clear();
    must(database_->write([&](store::Session& session) {
      return store::markScopeOfGroup(session, database_->controlSchema(),
                                     catalog->primary().tables(), number, changed, {"staff"});
    }));
  };
  look(others);
  EXPECT_EQ(marks(), 0U);
  look(staff);
  EXPECT_EQ(marksOf(ada), 1U);
  EXPECT_EQ(marks(), 1U);
}

TEST_F(MarksTest, ASettledTargetHasEverythingLookedAt) {
  const auto ada = user("ada");
  const auto staff = group("staff");
  target();
  must(syncAll(context_, "hr"));
  EXPECT_EQ(marks(), 1U) << "one row stands for all";
  onlooker_.run("UPDATE " + table("control.outbound_pending") + " SET due = 0");
  const auto worker = start();
  await([&] { return service.users() == Lines{"ada"}; });
  awaitQuiet();
  EXPECT_EQ(stateOf(ada), "synchronised");
  static_cast<void>(staff);
}

}  // namespace
}  // namespace vestibule::outbound::test
