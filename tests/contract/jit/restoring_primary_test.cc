// PRIMARY while it is restored is in every catalog: it is read as long as its tables are there, and
// whoever wants to write to it, or to read it behind that, is told to come again. The other domains
// are served as ever.

#include <gtest/gtest.h>

#include "contract/jit/jit_test.h"
#include "directory/federated_identities.h"
#include "directory/listing.h"

namespace vestibule::jit {
namespace {

constexpr const char* kAnn = R"({"uid": "ann", "title": "Dr"})";

class RestoringPrimaryTest : public jit::test::JitTest {
 protected:
  RestoringPrimaryTest() {
    usual("corp");
    jitSettings(R"("userstore": "PRIMARY")", "idp");
    ann_ = idOf(login("s-1", kAnn));
    bob_ = scimUser(R"("userName": "CORP/bob")");
    set("state = 'restoring'");
  }

  /// Changes the row of PRIMARY as the restoring does.
  void set(const std::string& change) {
    onlooker_.run("UPDATE " + table("control.domains") + " SET " + change + " WHERE number = 1");
    onlooker_.run("UPDATE " + table("control.control_state") + " SET revision = revision + 1");
    must(catalog_->refresh());
  }
  /// As once its tables are dropped.
  void drop() { set("schema_name = '" + prefix_ + "_nowhere'"); }

  template <typename T>
  static void expectLater(const Result<T>& result) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::kUnavailable) << result.error().detail;
  }
  static void expectLater(const ProvisionResult& result) {
    ASSERT_FALSE(result.decision);
    EXPECT_EQ(result.decision.error().kind, ErrorKind::kUnavailable);
    EXPECT_EQ(result.decision.error().code, "JIT-1901");
  }
  Result<std::string> list(std::optional<std::string_view> domain) {
    static const directory::Principal kEverybody;
    auto view = must(directory::View::overAllDomains(catalog_->current(), kEverybody,
                                                     "https://h.example/scim/v2", domain));
    return directory::listResources(context_, view, {{context_.user_type, {}}}, {});
  }
  static json::Value user(const std::string& name) {
    return jit::test::parsed(
        R"({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": ")" + name +
        "\"}");
  }

  ResourceId ann_;
  ResourceId bob_;
};

TEST_F(RestoringPrimaryTest, ItIsReadAndNotWrittenTo) {
  EXPECT_TRUE(directory::getUser(context_, view(), ann_.text(), {}, {}));
  EXPECT_EQ(outcome(login("s-1", kAnn)), "unchanged");
  auto refused = directory::createUser(context_, view(), user("new"), {});
  expectLater(refused);
  EXPECT_TRUE(refused.error().retry_after);
  EXPECT_NE(refused.error().detail.find("being restored"), std::string::npos);
  expectLater(directory::deleteUser(context_, view(), ann_.text(), {}));
  expectLater(directory::unlinkIdentity(context_, {"idp", Subject("s-1")}, {"t", "token", "r-1"}));
  expectLater(directory::changeDomain(context_, DomainNumber(1),
                                      jit::test::parsed(R"({"description": "x"})"), {}));
  expectLater(login("s-1", R"({"uid": "ann", "title": "Prof"})"));
  expectLater(login("s-2", R"({"uid": "new"})"));
  const auto catalog = catalog_->current();
  const json::Value shown(directory::describeDomain(catalog->primary()));
  EXPECT_EQ(shown.stringAt("state"), "restoring");
  EXPECT_TRUE(catalog->unfinishedDomains().empty());
}

TEST_F(RestoringPrimaryTest, OnceItsTablesAreGoneItIsUnavailableAndNothingLooksEmpty) {
  drop();
  expectLater(directory::getUser(context_, view(), ann_.text(), {}, {}));
  expectLater(list(std::nullopt));
  expectLater(list("PRIMARY"));
  expectLater(directory::createUser(context_, view(), user("new"), {}));
  expectLater(login("s-1", kAnn));
  expectLater(login("s-2", R"({"uid": "new"})"));
}

TEST_F(RestoringPrimaryTest, TheOtherDomainsAreServed) {
  drop();
  EXPECT_TRUE(directory::getUser(context_, view(), bob_.text(), {}, {}));
  EXPECT_TRUE(list("CORP"));
  EXPECT_TRUE(directory::createUser(context_, view(), user("CORP/new"), {}));
  EXPECT_TRUE(directory::deleteUser(context_, view(), bob_.text(), {}));
  EXPECT_EQ(outcome(login("c-1", R"({"uid": "cid"})", "corp")), "created");
  EXPECT_EQ(outcome(login("c-1", R"({"uid": "cid"})", "corp")), "unchanged");
}

}  // namespace
}  // namespace vestibule::jit
