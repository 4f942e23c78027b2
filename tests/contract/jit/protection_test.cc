// Users and groups that no login touches: wish 24, the super-admin guard of the reference product
// made general.

#include "jit/protection.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "contract/jit/jit_test.h"

namespace vestibule::jit {
namespace {

class Protected : public test::JitTest {
 protected:
  void protect(const std::string& users, const std::string& groups = "",
               const std::string& more = "") {
    jitSettings(
        R"("userstore": "CORP", "associateLocalUser": true, "idpGroupSyncMethod": "OVERRIDE_ALL",
      "accountLookupAttributeMappings": [{"federatedAttribute": "n", "localAttribute": "externalId"}],
      "protectedUsers": [)" +
        users + R"(], "protectedGroups": [)" + groups + "]" + more);
  }
};

TEST_F(Protected, J10_UsersAreNeverLinked) {
  protect(R"("CORP/Root", "boss")");
  scimUser(R"("userName": "CORP/root", "externalId": "1")");
  scimUser(R"("userName": "CORP/BOSS", "externalId": "2")");
  scimUser(R"("userName": "CORP/clerk", "externalId": "3")");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "x", "n": "1"})")), "JIT-1404");
  EXPECT_EQ(outcome(login("s-2", R"({"uid": "x", "n": "2"})")), "JIT-1404");
  EXPECT_EQ(outcome(login("s-3", R"({"uid": "x", "n": "3"})")), "linked");
  EXPECT_EQ(count("control.federated_identities"), 1U);
}

TEST_F(Protected, J10_MembersOfProtectedGroupsAreNeverLinkedDirectlyOrThroughOthers) {
  protect("", R"("Admins")");
  const auto direct = scimUser(R"("userName": "CORP/direct", "externalId": "1")");
  const auto indirect = scimUser(R"("userName": "CORP/indirect", "externalId": "2")");
  const auto inner = group("CORP/inner", {indirect});
  group("CORP/admins", {direct, inner});
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "x", "n": "1"})")), "JIT-1404");
  EXPECT_EQ(outcome(login("s-2", R"({"uid": "x", "n": "2"})")), "JIT-1404");
}

TEST_F(Protected, UserNamesAreNeverMade) {
  protect(R"("root", "CORP/boss", "PRIMARY/clerk")");
  for (const char* name : {"root", "ROOT", "boss"}) {
    const auto result = login(name, R"({"uid": ")" + std::string(name) + "\"}");
    EXPECT_EQ(outcome(result), "JIT-1404") << name;
    EXPECT_EQ(result.decision.error().attribute, "userName");
  }
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "clerk"})")), "created");
}

TEST_F(Protected, UsersWhoWereLinkedBeforeSignInAndNothingOfThemChanges) {
  group("CORP/writers");
  protect("");
  const auto made = login("s-1", R"({"uid": "root", "title": "Boss", "groups": ["writers"]})");
  ASSERT_EQ(outcome(made), "created");
  protect(R"("root")", "", R"(, "reactivate": true)");
  const auto before = footprint();
  const auto again = login("s-1", R"({"uid": "root", "title": "Chief", "groups": []})");
  EXPECT_EQ(outcome(again), "unchanged");
  EXPECT_EQ(idOf(again), idOf(made));
  EXPECT_EQ(groupsOf(again), std::vector<std::string>{"writers"});
  EXPECT_EQ(footprint(), before);
  // Nor does a login enable it.
  scimPatch(idOf(made), R"({"op": "replace", "path": "active", "value": false})");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "root"})")), "JIT-1401");
}

TEST_F(Protected, GroupsHaveNoMemberThatALoginEnables) {
  protect("", R"("admins")", R"(, "reactivate": true)");
  const auto made = login("s-1", R"({"uid": "bob", "title": "Boss"})");
  group("CORP/admins", {idOf(made)});
  // A member is a user like others,
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob", "title": "Chief"})")), "updated");
  // until somebody disables it.
  scimPatch(idOf(made), R"({"op": "replace", "path": "active", "value": false})");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob", "title": "Chief"})")), "JIT-1401");
}

TEST_F(Protected, GroupsAreNeitherGrantedNorRevoked) {
  group("CORP/admins");
  group("CORP/writers");
  protect("");
  const auto made = login("s-1", R"({"uid": "bob", "groups": ["admins", "writers"]})");
  ASSERT_EQ(groupsOf(made), (std::vector<std::string>{"admins", "writers"}));
  protect("", R"("CORP/ADMINS")");
  const auto would = ask("s-1", R"({"uid": "bob", "groups": []})");
  EXPECT_EQ(would.decision->groups.revoked, std::vector<std::string>{"writers"});
  const auto revoked = login("s-1", R"({"uid": "bob", "groups": []})");
  EXPECT_EQ(groupsOf(revoked), std::vector<std::string>{"admins"});
  EXPECT_EQ(revoked.decision->groups.revoked, std::vector<std::string>{"writers"});
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob", "groups": []})")), "unchanged");

  const auto other = login("s-2", R"({"uid": "eve", "groups": ["admins", "Admins", "writers"]})");
  EXPECT_EQ(groupsOf(other), std::vector<std::string>{"writers"});
  EXPECT_EQ(groupsOf(login("s-2", R"({"uid": "eve", "groups": ["admins"]})")),
            std::vector<std::string>());
}

TEST_F(Protected, NamesOfOtherDomainsProtectNobodyHere) {
  group("CORP/admins");
  protect(R"("PRIMARY/root")", R"("PRIMARY/admins")");
  scimUser(R"("userName": "CORP/root", "externalId": "1")");
  const auto linked = login("s-1", R"({"uid": "x", "n": "1", "groups": ["admins"]})");
  EXPECT_EQ(outcome(linked), "linked");
  EXPECT_EQ(groupsOf(linked), std::vector<std::string>{"admins"});
}

TEST_F(Protected, NamesAreCheckedOnSave) {
  const std::pair<const char*, const char*> cases[] = {
      {R"("protectedUsers": ["GONE/root"])", "/jit/protectedUsers: there is no user store domain"},
      {R"("protectedGroups": ["GONE/root"])",
       "/jit/protectedGroups: there is no user store domain"},
      {R"("protectedUsers": ["CORP/"])", "/jit/protectedUsers: 'CORP/' is neither a name nor"},
      {R"("protectedUsers": ["/root"])", "/jit/protectedUsers: '/root' is neither"},
      {R"("protectedUsers": [" root"])", "/jit/protectedUsers: ' root' is neither"},
      {R"("protectedGroups": [" "])", "/jit/protectedGroups: ' ' is neither"},
      {R"("protectedUsers": "root")", "/jit/protectedUsers: must be an array"},
  };
  for (const auto& [settings, part] : cases) {
    SCOPED_TRACE(settings);
    const auto applied = providers_->apply(
        test::parsed(R"({"name": "idp", "jit": {)" + std::string(settings) + "}}"));
    ASSERT_FALSE(applied);
    EXPECT_NE(applied.error().detail.find(part), std::string::npos) << applied.error().detail;
  }
}

}  // namespace
}  // namespace vestibule::jit
