// Grants with provenance: idpGroupSyncMethod, roles.filter, roles.createGroups and
// roles.maxRevokedPerLogin on a real database. Names in capitals are lines of the parity checklist.

#include <gtest/gtest.h>

#include <barrier>
#include <string>
#include <thread>
#include <vector>

#include "contract/jit/jit_test.h"
#include "directory/federated_identities.h"
#include "directory/provisioned_users.h"

namespace vestibule::jit {
namespace {

using Names = std::vector<std::string>;

class Groups : public test::JitTest {
 protected:
  /// title and groups; `roles` and `jit` are members of these sections.
  void apply(const std::string& roles, const std::string& jit) {
    settings(R"("claims": {"userIdClaim": "uid", "roleClaim": "groups", "mappings": [
               {"idpClaim": "title", "attribute": "title"},
               {"idpClaim": "n", "attribute": "externalId", "sync": "import-once"}]},
               "roles": {"unmapped": "pass")" +
             (roles.empty() ? "" : ", " + roles) +
             R"(}, "jit": {"isEnabled": true, "userstore": "CORP")" +
             (jit.empty() ? "" : ", " + jit) + "}");
  }
  static std::string method(const std::string& name) {
    return R"("idpGroupSyncMethod": ")" + name + "\"";
  }
  static std::string claims(const std::string& groups, const std::string& more = "") {
    return R"({"uid": "bob", "groups": [)" + groups + "]" + more + "}";
  }
  void addMember(const ResourceId& group, const ResourceId& user) {
    changeMembers(group, R"({"op": "add", "path": "members", "value": [{"value": ")" + user.text() +
                             R"("}]})");
  }
};

TEST_F(Groups, FirstLoginOnlyGrantsWhenTheUserIsCreatedAndNeverAfter) {
  apply("", method("FIRST_LOGIN_ONLY"));
  for (const char* name : {"CORP/group-one", "CORP/group-two"}) group(name);
  const auto first = login("s-1", claims(R"("group-one")"));
  ASSERT_EQ(outcome(first), "created");
  EXPECT_EQ(groupsOf(first), Names{"group-one"});
  EXPECT_EQ(count("corp.idp_grants"), 1U);
  const auto before = footprint();
  const auto sent = onlooker_.statements();
  for (const char* groups : {R"("group-one")", R"("group-two")", ""}) {
    const auto later = login("s-1", claims(groups));
    EXPECT_EQ(outcome(later), "unchanged") << groups;
    EXPECT_EQ(groupsOf(later), Names{"group-one"}) << groups;
  }
  // Other roles are no news either: one query each, and no write.
  EXPECT_EQ(onlooker_.statements() - sent, 3U);
  EXPECT_EQ(footprint(), before);
  const auto changed = login("s-1", claims(R"("group-two")", R"(, "title": "Boss")"));
  EXPECT_EQ(outcome(changed), "updated");
  EXPECT_EQ(groupsOf(changed), Names{"group-one"});
}

TEST_F(Groups, FirstLoginOnlyGrantsWhenTheUserIsLinkedByARule) {
  apply("", method("FIRST_LOGIN_ONLY") + R"(, "associateLocalUser": true,
      "accountLookupAttributeMappings": [{"federatedAttribute": "n", "localAttribute": "externalId"}])");
  for (const char* name : {"CORP/group-one", "CORP/group-two"}) group(name);
  scimUser(R"("userName": "CORP/bobby", "externalId": "7")");
  const auto first = login("s-1", claims(R"("group-one")", R"(, "n": "7")"));
  ASSERT_EQ(outcome(first), "linked");
  EXPECT_EQ(groupsOf(first), Names{"group-one"});
  const auto later = login("s-1", claims(R"("group-two")", R"(, "n": "7")"));
  EXPECT_EQ(outcome(later), "unchanged");
  EXPECT_EQ(groupsOf(later), Names{"group-one"});
}

TEST_F(Groups, FirstLoginOnlyGrantsToWhomAnAdministratorLinked) {
  apply("", method("FIRST_LOGIN_ONLY"));
  for (const char* name : {"CORP/group-one", "CORP/group-two"}) group(name);
  const auto user = scimUser(R"("userName": "CORP/bobby", "externalId": "old")");
  must(directory::linkIdentity(context_, {"idp", Subject("s-1")}, user, {"g", "gateway", "r"}));
  const auto first = login("s-1", claims(R"("group-one")", R"(, "n": "7")"));
  ASSERT_EQ(outcome(first), "updated");
  EXPECT_EQ(groupsOf(first), Names{"group-one"});
  EXPECT_EQ(attributes(first), R"({"externalId":"7"})") << "imported once";
  const auto later = login("s-1", claims(R"("group-two")", R"(, "n": "8")"));
  EXPECT_EQ(outcome(later), "unchanged");
  EXPECT_EQ(groupsOf(later), Names{"group-one"});
  EXPECT_EQ(attributes(later), R"({"externalId":"7"})");
}

TEST_F(Groups, NoneGrantsAndRevokesNothing) {
  apply("", method("OVERRIDE_ALL"));
  for (const char* name : {"CORP/group-one", "CORP/group-two"}) group(name);
  ASSERT_EQ(outcome(login("s-1", claims(R"("group-one")"))), "created");
  apply("", method("NONE"));
  const auto known = login("s-1", claims(R"("group-two")"));
  EXPECT_EQ(outcome(known), "unchanged");
  EXPECT_EQ(groupsOf(known), Names{"group-one"});
  const auto created = login("s-2", R"({"uid": "alice", "groups": ["group-two"]})");
  EXPECT_EQ(outcome(created), "created");
  EXPECT_EQ(groupsOf(created), Names());
  EXPECT_TRUE(created.decision->groups.ignored.empty());
}

TEST_F(Groups, ParityEmptyListRevokesTheLastRoleAndManualRolesSurvive) {
  apply("", method("OVERRIDE_ALL"));
  const auto both = group("CORP/both-ways");
  group("CORP/only-here");
  const auto first = login("s-1", claims(R"("both-ways", "only-here")"));
  ASSERT_EQ(outcome(first), "created");
  addMember(both, idOf(first));
  group("CORP/manual", {idOf(first)});
  for (const char* none : {R"({"uid": "bob", "groups": []})", R"({"uid": "bob"})"}) {
    const auto result = login("s-1", none);
    EXPECT_EQ(groupsOf(result), (Names{"both-ways", "manual"})) << none;
  }
  EXPECT_EQ(count("corp.idp_grants"), 0U);
}

TEST_F(Groups, ParityOverrideAllAndMerge) {
  for (const char* name : {"CORP/group-one", "CORP/group-two"}) group(name);
  apply("", method("MERGE_WITH_EXISTING"));
  ASSERT_EQ(outcome(login("s-1", claims(R"("group-one")"))), "created");
  EXPECT_EQ(groupsOf(login("s-1", claims(R"("group-two")"))), (Names{"group-one", "group-two"}));
  apply("", method("OVERRIDE_ALL"));
  EXPECT_EQ(groupsOf(login("s-1", claims(R"("group-two")"))), Names{"group-two"});
}

TEST_F(Groups, TooManyAreNotRevokedInOneLogin) {
  apply(R"("maxRevokedPerLogin": 2)", method("OVERRIDE_ALL"));
  for (const char* name : {"CORP/app-1", "CORP/app-2", "CORP/app-3", "CORP/app-4"}) group(name);
  ASSERT_EQ(outcome(login("s-1", claims(R"("app-1", "app-2", "app-3", "app-4")"))), "created");
  const auto before = footprint();
  const auto refused = login("s-1", claims(R"("app-1")", R"(, "title": "Boss")"));
  EXPECT_EQ(outcome(refused), "JIT-1303");
  EXPECT_EQ(outcome(ask("s-1", claims(""))), "JIT-1303");
  EXPECT_EQ(footprint(), before);
  const auto two = login("s-1", claims(R"("app-1", "app-2")"));
  EXPECT_EQ(outcome(two), "updated");
  EXPECT_EQ(groupsOf(two), (Names{"app-1", "app-2"}));
  EXPECT_EQ(outcome(login("s-1", claims(""))), "updated");
}

TEST_F(Groups, WhatStaysByHandDoesNotCountAsRevoked) {
  apply(R"("maxRevokedPerLogin": 1)", method("OVERRIDE_ALL"));
  const auto one = group("CORP/group-one");
  group("CORP/group-two");
  const auto first = login("s-1", claims(R"("group-one", "group-two")"));
  addMember(one, idOf(first));
  const auto result = login("s-1", claims(""));
  EXPECT_EQ(outcome(result), "updated");
  EXPECT_EQ(groupsOf(result), Names{"group-one"});
}

TEST_F(Groups, OnlyRolesOfTheFilterAreGrantedAndOthersRevoked) {
  apply("", method("OVERRIDE_ALL"));
  for (const char* name : {"CORP/app-1", "CORP/other"}) group(name);
  ASSERT_EQ(outcome(login("s-1", claims(R"("app-1", "other")"))), "created");
  apply(R"("filter": ["app-.*"])", method("OVERRIDE_ALL"));
  const auto result = login("s-1", claims(R"("app-1", "other")"));
  EXPECT_EQ(groupsOf(result), Names{"app-1"});
  EXPECT_TRUE(result.decision->groups.ignored.empty());
}

TEST_F(Groups, AreMadeWhenTheSettingsSaySo) {
  apply(R"("createGroups": true, "mappings": [{"idpRole": "boss", "localRole": "CORP/Chiefs"}])",
        "");
  group("CORP/there");
  const std::string brings = claims(R"("boss", "there", "brand-new", "no way")");
  const auto would = ask("s-1", brings);
  ASSERT_EQ(outcome(would), "created");
  EXPECT_EQ(would.decision->groups.created, (Names{"brand-new", "Chiefs"}));
  EXPECT_EQ(would.decision->groups.granted, (Names{"brand-new", "Chiefs", "there"}));
  EXPECT_EQ(count("corp.user_groups"), 1U) << "an explanation makes nothing";

  const auto first = login("s-1", brings);
  ASSERT_EQ(outcome(first), "created");
  EXPECT_EQ(first.decision->groups.created, (Names{"brand-new", "Chiefs"}));
  EXPECT_EQ(groupsOf(first), (Names{"Chiefs", "brand-new", "there"}));
  EXPECT_EQ(count("corp.user_groups"), 3U);
  const auto sent = onlooker_.statements();
  const auto again = login("s-1", brings);
  EXPECT_EQ(outcome(again), "unchanged");
  EXPECT_TRUE(again.decision->groups.created.empty());
  EXPECT_EQ(onlooker_.statements() - sent, 1U);

  const auto more = login("s-1", claims(R"("BRAND-NEW", "later-on")"));
  EXPECT_EQ(outcome(more), "updated");
  EXPECT_EQ(more.decision->groups.created, Names{"later-on"});
  EXPECT_EQ(groupsOf(more), (Names{"Chiefs", "brand-new", "later-on", "there"}));
}

TEST_F(Groups, AreMadeAsScimMakesThem) {
  apply(R"("createGroups": true)", "");
  const auto first = login("s-1", claims(R"("brand-new")"));
  const auto& made = first.decision->user->groups.front();
  const auto shown = must(directory::getGroup(context_, view(), made.id.text(), {}, {}));
  const json::Value document = test::parsed(shown.body);
  EXPECT_EQ(document.stringAt("displayName"), "CORP/brand-new");
  EXPECT_EQ((*document.find("schemas")->array())[0].string()->compare(
                "urn:ietf:params:scim:schemas:core:2.0:Group"),
            0);
  EXPECT_EQ(document.find("members")->array()->size(), 1U);
  EXPECT_EQ(onlooker_.rows("SELECT action, idp_name, subject, domain_name, version_after FROM " +
                           table("control.audit_events") + " WHERE resource_id = UNHEX(REPLACE('" +
                           made.id.text() + "', '-', ''))"),
            std::vector<std::string>{"group.created|idp|s-1|CORP|1"});
}

TEST_F(Groups, AreMadeOnlyUnderNamesThatBothRolePatternsAllow) {
  apply(R"("createGroups": true)", "");
  domainSettings("CORP",
                 R"({"RolenameJavaRegEx": "[a-z]{3,6}", "RolenameJavaScriptRegEx": "^[^q]+$"})");
  const auto result = login("s-1", claims(R"("abc", "abcdefg", "abq", "Abc")"));
  EXPECT_EQ(result.decision->groups.created, Names{"abc"});
  EXPECT_EQ(count("corp.user_groups"), 1U);
}

TEST_F(Groups, AreNotMadeForALoginThatIsRefusedOrOfAReadOnlyDomain) {
  apply(R"("createGroups": true)", "");
  EXPECT_EQ(outcome(login("s-0", R"({"uid": "x", "groups": ["brand-new"]})")), "JIT-1202");
  EXPECT_EQ(count("corp.user_groups"), 0U);
  ASSERT_EQ(outcome(login("s-1", claims(""))), "created");
  domainSettings("CORP", R"({"ReadOnly": true})");
  EXPECT_EQ(outcome(login("s-1", claims(R"("brand-new")"))), "JIT-1102");
  EXPECT_EQ(outcome(login("s-1", claims(""))), "unchanged");
  EXPECT_EQ(count("corp.user_groups"), 0U);
}

TEST_F(Groups, AreMadeOnceByRacingLogins) {
  apply(R"("createGroups": true)", "");
  constexpr int kThreads = 32;
  std::vector<std::string> outcomes(kThreads);
  std::vector<std::size_t> made(kThreads);
  std::barrier start(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const auto at = static_cast<std::size_t>(i);
      const std::string number = std::to_string(i);
      start.arrive_and_wait();
      const auto result = login("s-" + number, R"({"uid": "user)" + number +
                                                   R"(", "groups": ["new-1", "new-2", "new-3"]})");
      outcomes[at] = outcome(result);
      if (!result.decision) return;
      made[at] = result.decision->groups.created.size();
      if (groupsOf(result) != Names{"new-1", "new-2", "new-3"}) outcomes[at] += " without a group";
    });
  }
  for (auto& thread : threads) thread.join();
  std::size_t all_made = 0;
  for (const std::size_t number : made) all_made += number;
  EXPECT_EQ(outcomes, std::vector<std::string>(kThreads, "created"));
  EXPECT_EQ(all_made, 3U);
  EXPECT_EQ(count("corp.user_groups"), 3U);
  EXPECT_EQ(count("corp.memberships"), 3U * kThreads);
}

TEST_F(Groups, TheLimitOnGroupsThatGoHoldsUnderTheUsersLock) {
  apply("", method("OVERRIDE_ALL"));
  for (const char* name : {"CORP/readers", "CORP/writers"}) group(name);
  const auto made = login("s-1", claims(R"("readers", "writers")"));
  ASSERT_EQ(groupsOf(made), (Names{"readers", "writers"}));
  // What a plan found may have changed until its transaction looks again.
  const auto revokeAll = [&](std::optional<std::size_t> most) {
    directory::Login sign_in;
    sign_in.identity_provider = must(providers_->find(*catalog_->current(), "idp"))->number;
    sign_in.identity_provider_name = "idp";
    sign_in.subject = Subject("s-1");
    sign_in.claims_digest = std::string(32, 'x');
    directory::ProvisionedUserEdit edit;
    edit.attributes = [](const json::Object& current) { return Result<json::Object>(current); };
    edit.sync_groups = edit.revoke_others = true;
    edit.max_revoked = most;
    return directory::updateProvisionedUser(context_, *catalog_->current()->findDomain("CORP"),
                                            idOf(made), sign_in, edit);
  };
  const auto before = footprint();
  for (const std::size_t most : {0U, 1U}) {
    EXPECT_EQ(revokeAll(most).error().kind, ErrorKind::kVersionMismatch) << most;
    EXPECT_EQ(footprint(), before);
  }
  EXPECT_TRUE(must(revokeAll(2)));
  EXPECT_EQ(count("corp.memberships"), 0);
}

TEST_F(Groups, AnAttributeIsSyncedByItsOwnRule) {
  settings(R"("claims": {"userIdClaim": "uid", "mappings": [
      {"idpClaim": "o", "attribute": "title", "sync": "override"},
      {"idpClaim": "i", "attribute": "nickName", "sync": "import-once"},
      {"idpClaim": "p", "attribute": "displayName", "sync": "preserve-local"},
      {"idpClaim": "m", "attribute": "userType"}]},
      "jit": {"isEnabled": true, "userstore": "CORP", "attributeSyncMethod": "NONE"})");
  const auto first = login("s-1", R"({"uid": "bob", "o": "o1", "i": "i1", "p": "p1", "m": "m1"})");
  EXPECT_EQ(attributes(first),
            R"({"displayName":"p1","nickName":"i1","title":"o1","userType":"m1"})");
  const auto sent = onlooker_.statements();
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob", "o": "o1", "i": "i1", "p": "p1", "m": "m1"})")),
            "unchanged");
  // What is not synced is no news: still one query.
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob", "o": "o1", "i": "i2", "p": "p1", "m": "m2"})")),
            "unchanged");
  EXPECT_EQ(onlooker_.statements() - sent, 2U);
  const auto second = login("s-1", R"({"uid": "bob", "o": "o2", "i": "i2", "p": "p2", "m": "m2"})");
  EXPECT_EQ(outcome(second), "updated");
  EXPECT_EQ(attributes(second),
            R"({"displayName":"p1","nickName":"i1","title":"o2","userType":"m1"})");
  scimPatch(idOf(first), R"({"op": "remove", "path": "displayName"})");
  scimPatch(idOf(first), R"({"op": "remove", "path": "nickName"})");
  const auto third = login("s-1", R"({"uid": "bob", "o": "o2", "i": "i2", "p": "p2", "m": "m2"})");
  EXPECT_EQ(attributes(third), R"({"displayName":"p2","title":"o2","userType":"m1"})");
}

}  // namespace
}  // namespace vestibule::jit
