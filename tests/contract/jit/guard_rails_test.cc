// Guard-rails and logins: what an identity provider takes away is counted for it, whoever brings
// the login (O-4, J-11).

#include "directory/guard_rails.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "contract/jit/jit_test.h"
#include "directory/federated_identities.h"
#include "jit/codes.h"

namespace vestibule::jit {
namespace {

using Names = std::vector<std::string>;

class GuardRails : public test::JitTest {
 protected:
  GuardRails() {
    gateway_.token_id = std::string(32, '7');
    for (const char* name : {"CORP/group-one", "CORP/group-two", "CORP/group-three"}) group(name);
  }

  void guard(const std::string& rails) {
    domainSettings("CORP", R"({"guardRails": )" + rails + "}");
  }

  /// A provider that overrides groups.
  void apply(const std::string& name = "idp", const std::string& jit = "") {
    settings(R"("claims": {"userIdClaim": "uid", "roleClaim": "groups", "mappings": [
               {"idpClaim": "title", "attribute": "title"}]},
               "roles": {"unmapped": "pass"},
               "jit": {"isEnabled": true, "userstore": "CORP", "idpGroupSyncMethod": "OVERRIDE_ALL")" +
                 jit + "}",
             name);
  }
  static std::string claims(const std::string& uid, const std::string& groups,
                            const std::string& more = "") {
    return R"({"uid": ")" + uid + R"(", "groups": [)" + groups + "]" + more + "}";
  }

  /// `kind used refused` for each row.
  Names rows() {
    return onlooker_.rows("SELECT actor_kind, kind, used, refused FROM " +
                          table("corp.guard_rails") + " ORDER BY actor_kind, actor, kind");
  }
};

TEST_F(GuardRails, CountsTheMembershipsThatALoginTakesAwayForTheProvider) {
  apply();
  guard(R"({"membershipRemovals": 10})");
  ASSERT_EQ(outcome(login("s-1", claims("bob", R"("group-one", "group-two", "group-three")"))),
            "created");
  EXPECT_EQ(rows(), Names());
  ASSERT_EQ(outcome(login("s-1", claims("bob", R"("group-one")"))), "updated");
  EXPECT_EQ(rows(), Names{"2|3|2|0"});
  ASSERT_EQ(outcome(login("s-1", claims("bob", R"("group-one")"))), "unchanged");
  EXPECT_EQ(rows(), Names{"2|3|2|0"});
}

TEST_F(GuardRails, CountsNoMembershipThatAnotherSourceKeeps) {
  apply();
  guard(R"({"membershipRemovals": 10})");
  const auto both = group("CORP/both-ways");
  const auto first = login("s-1", claims("bob", R"("both-ways")"));
  ASSERT_EQ(outcome(first), "created");
  changeMembers(both, R"({"op": "add", "path": "members", "value": [{"value": ")" +
                          idOf(first).text() + R"("}]})");
  const auto later = login("s-1", claims("bob", ""));
  EXPECT_EQ(groupsOf(later), Names{"both-ways"});
  EXPECT_EQ(rows(), Names());
}

TEST_F(GuardRails, RefusesALoginThatWouldTakeTooMuchAwayAsAWhole) {
  apply("idp", R"(, "onFailure": "allow")");
  guard(R"({"windowMinutes": 60, "membershipRemovals": 1})");
  ASSERT_EQ(outcome(login("s-1", claims("bob", R"("group-one", "group-two", "group-three")"))),
            "created");
  const auto before = footprint();
  const auto refused = login("s-1", claims("bob", "", R"(, "title": "Boss")"));
  EXPECT_EQ(outcome(refused), kGuardRailReached.code);
  EXPECT_EQ(refused.decision.error().kind, ErrorKind::kTooManyRequests);
  EXPECT_GT(refused.decision.error().retry_after.value_or(0), 3'500U);
  EXPECT_EQ(refused.on_failure, OnFailure::kAllow) << "the provider's setting decides the rest";
  EXPECT_EQ(footprint(), before) << "title, grants and the login itself";
  EXPECT_EQ(rows(), Names{"2|3|0|1"});
  EXPECT_EQ(onlooker_.rows("SELECT idp_name, subject, changes FROM " +
                           table("control.audit_events") + " WHERE action = 'guardrail.reached'"),
            Names{R"(idp|s-1|{"attributes":["membershipRemovals"]})"});
  EXPECT_EQ(outcome(login("s-1", claims("bob", R"("group-one", "group-two")"))), "updated");
}

TEST_F(GuardRails, CountsEachProviderApartAndNotForTheToken) {
  apply();
  apply("other");
  guard(R"({"membershipRemovals": 1})");
  ASSERT_EQ(outcome(login("s-1", claims("bob", R"("group-one")"))), "created");
  ASSERT_EQ(outcome(login("s-1", claims("ann", R"("group-one")"), "other")), "created");
  EXPECT_EQ(outcome(login("s-1", claims("bob", ""))), "updated");
  EXPECT_EQ(outcome(login("s-1", claims("ann", ""), "other")), "updated");
  EXPECT_EQ(rows(), (Names{"2|3|1|0", "2|3|1|0"}));
}

TEST_F(GuardRails, CountsNothingOfALoginWhileTheyAreLifted) {
  apply();
  guard(R"({"membershipRemovals": 1, "liftedUntil": "2999-01-01T00:00:00Z"})");
  ASSERT_EQ(outcome(login("s-1", claims("bob", R"("group-one", "group-two")"))), "created");
  EXPECT_EQ(outcome(login("s-1", claims("bob", ""))), "updated");
  EXPECT_EQ(rows(), Names());
}

TEST_F(GuardRails, CountsTheMembershipsThatGoWithALinkForWhoRemovesIt) {
  apply();
  guard(R"({"membershipRemovals": 1})");
  ASSERT_EQ(outcome(login("s-1", claims("bob", R"("group-one", "group-two")"))), "created");
  ASSERT_EQ(outcome(login("s-2", claims("ann", R"("group-one")"))), "created");
  directory::Principal admin;
  admin.token_id = std::string(32, '9');
  const auto refused = directory::unlinkIdentity(context_, {"idp", Subject("s-1")},
                                                 {admin.token_id, admin.name, "r-1"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kTooManyRequests);
  EXPECT_EQ(count("control.federated_identities"), 2U);
  EXPECT_TRUE(directory::unlinkIdentity(context_, {"idp", Subject("s-2")},
                                        {admin.token_id, admin.name, "r-1"}));
  EXPECT_EQ(rows(), Names{"1|3|1|1"});
}

}  // namespace
}  // namespace vestibule::jit
