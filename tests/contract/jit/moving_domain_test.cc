// A domain that is being moved to another installation is read and not written to, by whatever way:
// who wants to write is told to come again.

#include <gtest/gtest.h>

#include "contract/jit/jit_test.h"
#include "directory/federated_identities.h"
#include "store/domain_move.h"

namespace vestibule::jit {
namespace {

constexpr const char* kAnn = R"({"uid": "ann", "title": "Dr"})";
constexpr const char* kPromotedAnn = R"({"uid": "ann", "title": "Prof"})";

class MovingDomainTest : public jit::test::JitTest {
 protected:
  MovingDomainTest() {
    usual();
    ann_ = idOf(login("s-1", kAnn));
    other_ = scimUser(R"("userName": "CORP/bob")");
    store::AuditEvent event;
    event.action = "domain.moving";
    must(database_->write([&](store::Session& session) {
      return store::beginMove(session, database_->controlSchema(), DomainName("CORP"), event);
    }));
    must(database_->write([&](store::Session& session) {
      return store::raiseFence(session, database_->controlSchema(), DomainName("CORP"));
    }));
    must(catalog_->refresh());
  }

  template <typename T>
  static void expectLater(const Result<T>& result) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::kUnavailable) << result.error().detail;
    EXPECT_TRUE(result.error().retry_after);
  }
  static json::Value user(const std::string& more) {
    return parsed(R"({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], )" + more + "}");
  }
  static json::Value parsed(const std::string& text) { return jit::test::parsed(text); }

  const directory::Author author_{"t", "token", "r-1"};
  ResourceId ann_;
  ResourceId other_;
};

TEST_F(MovingDomainTest, ItIsRead) {
  EXPECT_TRUE(directory::getUser(context_, view(), ann_.text(), {}, {}));
  EXPECT_EQ(outcome(login("s-1", kAnn)), "unchanged");
}

TEST_F(MovingDomainTest, ScimClientsComeAgain) {
  expectLater(directory::createUser(context_, view(), user(R"("userName": "CORP/new")"), {}));
  expectLater(directory::replaceUser(context_, view(), ann_.text(),
                                     user(R"("userName": "CORP/ann")"), {}, {}));
  expectLater(directory::deleteUser(context_, view(), ann_.text(), {}));
}

TEST_F(MovingDomainTest, LoginsThatChangeSomethingComeAgain) {
  for (const auto& result : {login("s-1", kPromotedAnn), login("s-2", R"({"uid": "cid"})")}) {
    ASSERT_FALSE(result.decision);
    EXPECT_EQ(result.decision.error().kind, ErrorKind::kUnavailable);
    EXPECT_EQ(result.decision.error().code, "JIT-1901");
    EXPECT_TRUE(result.decision.error().retry_after);
  }
}

TEST_F(MovingDomainTest, LinksAndSettingsComeAgain) {
  const directory::IdentityName linked{"idp", Subject("s-1")};
  expectLater(directory::linkIdentity(context_, {"idp", Subject("s-9")}, ann_, author_));
  expectLater(directory::moveIdentity(context_, linked, other_, author_));
  expectLater(directory::unlinkIdentity(context_, linked, author_));
  expectLater(directory::changeDomain(context_,
                                      catalog_->current()->findDomain("CORP")->tables().number,
                                      parsed(R"({"description": "x"})"), {}));
  EXPECT_EQ(count("control.federated_identities"), 1U);
}

TEST_F(MovingDomainTest, OnceItIsMovedItIsNotThere) {
  store::AuditEvent event;
  event.action = "domain.moved";
  must(database_->write([&](store::Session& session) {
    return store::finishMove(session, database_->controlSchema(), DomainName("CORP"), event);
  }));
  must(catalog_->refresh());
  EXPECT_EQ(catalog_->current()->findDomain("CORP"), nullptr);
  EXPECT_EQ(outcome(login("s-1", kAnn)), "JIT-1101");
  const auto& unfinished = catalog_->current()->unfinishedDomains();
  ASSERT_EQ(unfinished.size(), 1U);
  EXPECT_EQ(unfinished.front().state, "moved");
}

}  // namespace
}  // namespace vestibule::jit
