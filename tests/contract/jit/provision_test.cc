#include "jit/provision.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/unicode.h"
#include "contract/jit/jit_test.h"
#include "jit/codes.h"
#include "jit/login_checks.h"
#include "store/federated_identity_store.h"

namespace vestibule::jit {
namespace {

class Provision : public test::JitTest {};

TEST_F(Provision, CreatesTheUserOfAFirstLogin) {
  usual();
  group("CORP/writers");
  const auto result = login(
      "s-1", R"({"uid": "bob", "title": "Boss", "email": "b@c.example", "groups": ["writers"]})");
  ASSERT_EQ(outcome(result), "created") << result.decision.error().detail;
  EXPECT_EQ(result.decision->domain->name().value(), "CORP");
  EXPECT_EQ(userName(result), "bob");
  EXPECT_EQ(attributes(result),
            R"({"title":"Boss","emails":[{"value":"b@c.example","type":"work"}]})");
  EXPECT_EQ(result.decision->groups.granted, std::vector<std::string>{"writers"});
  EXPECT_EQ(idOf(result).domain(), result.decision->domain->tables().number);

  const auto shown = must(directory::getUser(context_, view(), idOf(result).text(), {}, {}));
  const json::Value user = test::parsed(shown.body);
  EXPECT_EQ(user.stringAt("userName"), "CORP/bob");
  EXPECT_EQ((*user.find("groups")->array())[0].stringAt("display"), "CORP/writers");
  EXPECT_EQ(count("control.federated_identities"), 1U);
}

TEST_F(Provision, OfAKnownUserWithUnchangedClaimsIsOneQueryAndNoWrite) {
  usual();
  group("CORP/writers");
  constexpr const char* kSame = R"({"uid": "bob", "title": "Boss", "groups": ["writers"]})";
  ASSERT_EQ(outcome(login("s-1", kSame)), "created");
  ASSERT_EQ(outcome(login("s-1", kSame)), "unchanged");
  const auto before = footprint();
  const auto statements = onlooker_.statements();
  for (int i = 0; i < 10; ++i) {
    const auto result = login("s-1", kSame);
    EXPECT_EQ(outcome(result), "unchanged");
    EXPECT_EQ(groupsOf(result), std::vector<std::string>{"writers"});
    EXPECT_EQ(attributes(result), R"({"title":"Boss"})");
  }
  EXPECT_EQ(onlooker_.statements() - statements, 10U);
  EXPECT_EQ(footprint(), before);
}

TEST_F(Provision, OfAKnownUserIsOneQueryAlsoWhenAWantedGroupDoesNotExist) {
  usual();
  group("CORP/writers");
  constexpr const char* kSame =
      R"({"uid": "bob", "title": "Boss", "groups": ["writers", "later-on"]})";
  ASSERT_EQ(outcome(login("s-1", kSame)), "created");
  const auto asks = [&](std::uint64_t statements) {
    const auto before = footprint();
    const auto sent = onlooker_.statements();
    const auto result = login("s-1", kSame);
    EXPECT_EQ(outcome(result), "unchanged");
    EXPECT_EQ(result.decision->groups.ignored, std::vector<std::string>{"later-on"});
    EXPECT_EQ(onlooker_.statements() - sent, statements);
    EXPECT_EQ(footprint(), before);
  };
  // The first login has noted which names of groups it knew.
  asks(1);
  asks(1);
  // A group of another name: one login looks again, and notes it.
  const auto other = group("CORP/unrelated");
  EXPECT_EQ(outcome(login("s-1", kSame)), "unchanged");
  asks(1);
  // Members of a group are no name of it.
  changeMembers(other, R"({"op": "add", "path": "members", "value": [{"value": ")" +
                           idOf(login("s-1", kSame)).text() + R"("}]})");
  asks(1);
  // A group that takes the missing name.
  changeMembers(other, R"({"op": "replace", "path": "displayName", "value": "CORP/Later-On"})");
  const auto granted = login("s-1", kSame);
  EXPECT_EQ(groupsOf(granted), (std::vector<std::string>{"Later-On", "writers"}));
  EXPECT_TRUE(granted.decision->groups.ignored.empty());
}

TEST_F(Provision, OfAKnownUserInMoreThanEightGroupsIsTwoQueries) {
  usual();
  std::string groups;
  for (int i = 1; i <= 9; ++i) {
    const std::string name = "group-" + std::to_string(i);
    group("CORP/" + name);
    groups += (i > 1 ? ",\"" : "\"") + name + "\"";
    const std::string subject = "s-" + std::to_string(i);
    const std::string claims =
        R"({"uid": "user)" + std::to_string(i) + R"(", "groups": [)" + groups + "]}";
    ASSERT_EQ(outcome(login(subject, claims)), "created");
    const auto before = footprint();
    const auto sent = onlooker_.statements();
    const auto result = login(subject, claims);
    EXPECT_EQ(outcome(result), "unchanged");
    EXPECT_EQ(groupsOf(result).size(), static_cast<std::size_t>(i));
    EXPECT_EQ(onlooker_.statements() - sent, i <= 8 ? 1U : 2U) << i;
    EXPECT_EQ(footprint(), before);
  }
}

TEST_F(Provision, GrantsAGroupThatTheUserIsInThroughAnotherOnly) {
  usual();
  const auto inner = group("CORP/inner");
  group("CORP/outer", {inner});
  const auto direct = [](const ProvisionResult& result) {
    std::vector<std::string> names;
    for (const auto& group : result.decision->user->groups) {
      if (group.direct) names.push_back(group.display);
    }
    return names;
  };
  const std::string claims = R"({"uid": "bobbyd", "groups": ["inner"]})";
  const auto created = login("bob", claims);
  ASSERT_EQ(outcome(created), "created");
  EXPECT_EQ(groupsOf(created), (std::vector<std::string>{"inner", "outer"}));
  EXPECT_EQ(direct(created), std::vector<std::string>{"inner"});
  const auto known = login("bob", claims);
  EXPECT_EQ(outcome(known), "unchanged");
  EXPECT_EQ(groupsOf(known), (std::vector<std::string>{"inner", "outer"}));

  const auto both = login("bob", R"({"uid": "bobbyd", "groups": ["inner", "outer"]})");
  EXPECT_EQ(outcome(both), "updated");
  EXPECT_EQ(both.decision->groups.granted, std::vector<std::string>{"outer"});
  EXPECT_EQ(direct(both).size(), 2U);
  EXPECT_EQ(count("corp.idp_grants"), 2U);
  EXPECT_EQ(outcome(login("bob", R"({"uid": "bobbyd", "groups": ["inner", "outer"]})")),
            "unchanged");

  const auto revoked = login("bob", claims);
  EXPECT_EQ(revoked.decision->groups.revoked, std::vector<std::string>{"outer"});
  EXPECT_EQ(groupsOf(revoked), (std::vector<std::string>{"inner", "outer"}))
      << "still through inner";
}

TEST_F(Provision, KeepsAttributesWhoseClaimsAreToBeFetchedElsewhere) {
  usual();
  constexpr const char* kElsewhere = R"({"uid": "bob", "_claim_names": {"title": "src1"}})";
  ASSERT_EQ(outcome(login("s-1", R"({"uid": "bob", "title": "Boss"})")), "created");
  const auto result = login("s-1", kElsewhere);
  EXPECT_EQ(outcome(result), "unchanged");
  EXPECT_EQ(attributes(result), R"({"title":"Boss"})");
  const auto sent = onlooker_.statements();
  EXPECT_EQ(outcome(login("s-1", kElsewhere)), "unchanged");
  EXPECT_EQ(onlooker_.statements() - sent, 1U);
  const auto none = login("s-1", R"({"uid": "bob"})");
  EXPECT_EQ(outcome(none), "updated");
  EXPECT_EQ(attributes(none), "{}");
}

TEST_F(Provision, BringsChangedClaimsInOnce) {
  usual();
  const auto first = login("s-1", R"({"uid": "bob", "title": "Boss"})");
  const auto second = login("s-1", R"({"uid": "bob", "title": "Chief"})");
  EXPECT_EQ(outcome(second), "updated");
  EXPECT_EQ(attributes(second), R"({"title":"Chief"})");
  EXPECT_EQ(versionOf(second), versionOf(first) + 1);
  EXPECT_EQ(idOf(second), idOf(first));
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob", "title": "Chief"})")), "unchanged");
  // The index of the attribute follows: a SCIM client finds the user by what is there now.
  EXPECT_EQ(versionOf(login("s-1", R"({"uid": "bob", "title": "Chief"})")), versionOf(second));
}

TEST_F(Provision, NeverRenamesAUser) {
  usual();
  const auto first = login("s-1", R"({"uid": "bob"})");
  const auto renamed = login("s-1", R"({"uid": "robert"})");
  EXPECT_EQ(outcome(renamed), "unchanged");
  EXPECT_EQ(userName(renamed), "bob");
  EXPECT_EQ(idOf(renamed), idOf(first));
}

TEST_F(Provision, FindsAUserThatScimRenamed) {
  usual();
  const auto first = login("s-1", R"({"uid": "bob", "title": "Boss"})");
  scimPatch(idOf(first), R"({"op": "replace", "path": "userName", "value": "CORP/robert"})");
  const auto second = login("s-1", R"({"uid": "bob", "title": "Boss"})");
  EXPECT_EQ(outcome(second), "unchanged");
  EXPECT_EQ(idOf(second), idOf(first));
  EXPECT_EQ(userName(second), "robert");
  // And the name is free for somebody else.
  EXPECT_EQ(outcome(login("s-2", R"({"uid": "bob"})")), "created");
}

TEST_F(Provision, AppliesNewSettingsAtTheNextLogin) {
  usual();
  constexpr const char* kLogin = R"({"uid": "bob", "title": "Boss", "nick": "Bobby"})";
  ASSERT_EQ(outcome(login("s-1", kLogin)), "created");
  must(providers_->patch("idp", test::parsed(R"({"claims": {"mappings": [
      {"idpClaim": "title", "attribute": "title"}, {"idpClaim": "nick", "attribute": "nickName"}]}})")));
  const auto result = login("s-1", kLogin);
  EXPECT_EQ(outcome(result), "updated");
  EXPECT_EQ(attributes(result), R"({"nickName":"Bobby","title":"Boss"})");
  must(providers_->patch("idp", test::parsed(R"({"description": "x"})")));
  EXPECT_EQ(outcome(login("s-1", kLogin)), "unchanged");
}

TEST_F(Provision, SyncsAttributesByTheMethod) {
  const std::pair<const char*, const char*> cases[] = {
      {"OVERRIDE_ALL", R"({"title":"Boss"})"},
      {"PRESERVE_LOCAL", R"({"nickName":"local","title":"Boss"})"},
      {"NONE", R"({"nickName":"local","title":"by hand"})"},
  };
  for (const auto& [method, expected] : cases) {
    SCOPED_TRACE(method);
    const std::string name = std::string("idp-") + method;
    jitSettings(R"("userstore": "CORP", "attributeSyncMethod": ")" + std::string(method) + "\"",
                name);
    const std::string claims = R"({"uid": "u-)" + lowerAscii(method) + R"(", "title": "Boss"})";
    const auto first = login("s-1", claims, name);
    ASSERT_EQ(outcome(first), "created");
    scimPatch(idOf(first),
              R"({"op": "replace", "value": {"nickName": "local", "title": "by hand"}})");
    const auto second = login("s-1", claims, name);
    EXPECT_EQ(outcome(second), std::string(method) == "NONE" ? "unchanged" : "updated");
    EXPECT_EQ(attributes(second), expected);
    EXPECT_EQ(outcome(login("s-1", claims, name)), "unchanged");
  }
}

TEST_F(Provision, OverrideAllKeepsWhatIsNotTheIdentityProvidersBusiness) {
  usual();
  const auto first = login("s-1", R"({"uid": "bob"})");
  scimPatch(
      idOf(first),
      R"({"op": "add", "value": {"externalId": "hr-7", "active": true, "password": "s3cret-pass"}})");
  const auto second = login("s-1", R"({"uid": "bob", "title": "Boss"})");
  EXPECT_EQ(attributes(second), R"({"externalId":"hr-7","title":"Boss","active":true})");
  EXPECT_EQ(onlooker_.number("SELECT COUNT(password_hash) FROM " + table("corp.users")), 1U);
}

TEST_F(Provision, RevokesOnlyItsOwnGrants) {
  usual();
  usual("other");
  const auto first = login("s-1", R"({"uid": "bob"})");
  group("CORP/manual", {idOf(first)});
  for (const char* name : {"CORP/writers", "CORP/shared"}) group(name);
  const auto both_ways = group("CORP/both-ways");
  const auto granted =
      login("s-1", R"({"uid": "bob", "groups": ["writers", "shared", "both-ways", "manual"]})");
  EXPECT_EQ(outcome(granted), "updated");
  EXPECT_EQ(groupsOf(granted),
            (std::vector<std::string>{"both-ways", "manual", "shared", "writers"}));
  EXPECT_EQ(granted.decision->groups.granted.size(), 3U);

  // Somebody adds by hand what the identity provider granted already: now it has two sources.
  changeMembers(both_ways, R"({"op": "add", "path": "members", "value": [{"value": ")" +
                               idOf(first).text() + R"("}]})");

  const auto revoked = login("s-1", R"({"uid": "bob", "groups": []})");
  EXPECT_EQ(outcome(revoked), "updated");
  EXPECT_EQ(groupsOf(revoked), (std::vector<std::string>{"both-ways", "manual"}));
  EXPECT_EQ(revoked.decision->groups.revoked.size(), 2U);
  EXPECT_EQ(count("corp.idp_grants"), 0U);
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob"})")), "unchanged");
}

TEST_F(Provision, MergeOnlyAddsGroups) {
  jitSettings(R"("userstore": "CORP", "idpGroupSyncMethod": "MERGE_WITH_EXISTING")");
  group("CORP/writers");
  group("CORP/readers");
  ASSERT_EQ(outcome(login("s-1", R"({"uid": "bob", "groups": ["writers"]})")), "created");
  const auto result = login("s-1", R"({"uid": "bob", "groups": ["readers"]})");
  EXPECT_EQ(outcome(result), "updated");
  EXPECT_EQ(groupsOf(result), (std::vector<std::string>{"readers", "writers"}));
  const auto none = login("s-1", R"({"uid": "bob"})");
  EXPECT_EQ(outcome(none), "unchanged");
  EXPECT_EQ(groupsOf(none), (std::vector<std::string>{"readers", "writers"}));
}

TEST_F(Provision, LeavesGrantsWhenTheGroupsAreToBeFetchedElsewhere) {
  usual();
  group("CORP/writers");
  ASSERT_EQ(outcome(login("s-1", R"({"uid": "bob", "groups": ["writers"]})")), "created");
  const auto result = login("s-1", R"({"uid": "bob", "_claim_names": {"groups": "src1"}})");
  EXPECT_EQ(outcome(result), "unchanged");
  EXPECT_EQ(groupsOf(result), std::vector<std::string>{"writers"});
  // Nothing about groups is not the same news as no groups.
  const auto none = login("s-1", R"({"uid": "bob", "groups": []})");
  EXPECT_EQ(outcome(none), "updated");
  EXPECT_EQ(groupsOf(none), std::vector<std::string>());
}

TEST_F(Provision, MakesNoGroupsButGrantsThemOnceTheyExist) {
  usual();
  constexpr const char* kLogin = R"({"uid": "bob", "groups": ["later-on"]})";
  const auto first = login("s-1", kLogin);
  EXPECT_EQ(first.decision->groups.ignored, std::vector<std::string>{"later-on"});
  EXPECT_EQ(count("corp.user_groups"), 0U);
  EXPECT_EQ(outcome(login("s-1", kLogin)), "unchanged");
  group("CORP/Later-On");
  const auto granted = login("s-1", kLogin);
  EXPECT_EQ(outcome(granted), "updated");
  EXPECT_EQ(groupsOf(granted), std::vector<std::string>{"Later-On"});
  EXPECT_EQ(outcome(login("s-1", kLogin)), "unchanged");
}

TEST_F(Provision, GrantsAgainWhatWasTakenAway) {
  usual();
  constexpr const char* kLogin = R"({"uid": "bob", "groups": ["writers"]})";
  const auto id = group("CORP/writers");
  const auto first = login("s-1", kLogin);
  changeMembers(
      id, R"({"op": "remove", "path": "members[value eq \")" + idOf(first).text() + R"(\"]"})");
  const auto again = login("s-1", kLogin);
  EXPECT_EQ(outcome(again), "updated");
  EXPECT_EQ(groupsOf(again), std::vector<std::string>{"writers"});
}

TEST_F(Provision, ObeysThePoliciesOnNames) {
  usual();
  domainSettings("CORP",
                 R"({"UsernameJavaRegEx": "[a-z]{3,10}", "UsernameJavaScriptRegEx": "^[^q]+$",
                             "RolenameJavaRegEx": "[a-z]{3,10}", "RolenameJavaScriptRegEx": ""})");
  const std::pair<const char*, const char*> cases[] = {
      {"bob", "created"},    {"ab", "JIT-1202"},    {"abcdefghijk", "JIT-1202"},
      {"Bob", "JIT-1202"},   {"a b", "JIT-1202"},   {"b@c.example", "JIT-1202"},
      {"queen", "JIT-1202"}, {"CORP/", "JIT-1201"}, {"CORP/alice", "created"},
  };
  for (const auto& [name, expected] : cases) {
    SCOPED_TRACE(name);
    const auto result = login(std::string("s-") + name, R"({"uid": ")" + std::string(name) + "\"}");
    EXPECT_EQ(outcome(result), expected);
    if (!result.decision) {
      EXPECT_EQ(result.decision.error().attribute, "userName");
    }
  }
  EXPECT_EQ(count("corp.users"), 2U);
  EXPECT_EQ(count("control.federated_identities"), 2U);
}

TEST_F(Provision, TellsNamesThatAreTooMuchWorkFromThoseThatAreRefused) {
  usual();
  domainSettings("CORP", R"({"UsernameJavaRegEx": "(a+)+", "UsernameJavaScriptRegEx": ""})");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "ab"})")), "JIT-1202");
  const auto result = login("s-1", R"({"uid": ")" + std::string(200, 'a') + "!\"}");
  EXPECT_EQ(outcome(result), "JIT-1204");
  EXPECT_EQ(result.decision.error().kind, ErrorKind::kInvalidValue);
  EXPECT_EQ(result.decision.error().attribute, "userName");
}

TEST_F(Provision, ObeysThePreparationOfUserNames) {
  jitSettings(R"("userstore": "PRIMARY")");
  for (const char* name : {"b\u200bob", "bob\u00a0x", "\u05d0b\u05d1"}) {
    EXPECT_EQ(outcome(login(name, R"({"uid": ")" + std::string(name) + "\"}")), "JIT-1202") << name;
  }
  const auto made = login("s-1", R"({"uid": "Łukasz"})");
  EXPECT_EQ(outcome(made), "created");
  EXPECT_EQ(userName(made), "Łukasz");
}

TEST_F(Provision, RefusesNamesThatNoColumnHolds) {
  usual();
  domainSettings("CORP", R"({"UsernameJavaRegEx": "", "UsernameJavaScriptRegEx": ""})");
  const std::string longest(1'020, 'a');
  EXPECT_EQ(outcome(login("s-1", R"({"uid": ")" + longest + "\"}")), "created");
  EXPECT_EQ(outcome(login("s-2", R"({"uid": ")" + longest + "b\"}")), "JIT-1202");
  EXPECT_EQ(outcome(ask("s-2", R"({"uid": ")" + longest + "b\"}")), "JIT-1202");
}

TEST_F(Provision, DropsRolesAgainstTheRolePolicy) {
  usual();
  group("CORP/readers");
  domainSettings("CORP", R"({"RolenameJavaRegEx": "w.*", "RolenameJavaScriptRegEx": ""})");
  const auto result = login("s-1", R"({"uid": "bob", "groups": ["readers"]})");
  EXPECT_EQ(outcome(result), "created");
  EXPECT_TRUE(groupsOf(result).empty());
}

TEST_F(Provision, RefusesANameThatSomebodyElseHas) {
  usual();
  jitSettings(R"("userstore": "PRIMARY")", "primary");
  scimUser(R"("userName": "CORP/alice")");
  scimUser(R"("userName": "alice")");
  const auto taken = login("s-1", R"({"uid": "alice"})");
  EXPECT_EQ(outcome(taken), "JIT-1203");
  EXPECT_EQ(taken.decision.error().kind, ErrorKind::kUniqueness);
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "ALICE"})", "primary")), "JIT-1203");
  // CORP tells names apart by case, as secondary domains do by default.
  EXPECT_EQ(outcome(login("s-2", R"({"uid": "Alice"})")), "created");
  EXPECT_EQ(count("control.federated_identities"), 1U);
}

TEST_F(Provision, WritesNothingInAReadOnlyDomain) {
  usual();
  group("CORP/writers");
  constexpr const char* kSame = R"({"uid": "bob", "title": "Boss", "groups": ["writers"]})";
  ASSERT_EQ(outcome(login("s-1", kSame)), "created");
  domainSettings("CORP", R"({"ReadOnly": true})");
  const auto before = footprint();
  EXPECT_EQ(outcome(login("s-2", R"({"uid": "alice"})")), "JIT-1102");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob", "title": "Chief"})")), "JIT-1102");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob", "title": "Boss"})")), "JIT-1102");
  // Whoever brings nothing new signs in, even when the settings have changed meanwhile.
  EXPECT_EQ(outcome(login("s-1", kSame)), "unchanged");
  must(providers_->patch("idp", test::parsed(R"({"description": "x"})")));
  EXPECT_EQ(outcome(login("s-1", kSame)), "unchanged");
  EXPECT_EQ(footprint(), before);
}

TEST_F(Provision, RefusesADisabledDomainForKnownUsersToo) {
  usual();
  ASSERT_EQ(outcome(login("s-1", R"({"uid": "bob"})")), "created");
  domainSettings("CORP", R"({"Disabled": true})");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob"})")), "JIT-1103");
  EXPECT_EQ(outcome(login("s-2", R"({"uid": "alice"})")), "JIT-1103");
}

TEST_F(Provision, R11_NeverEnablesADisabledUser) {
  usual();
  const auto first = login("s-1", R"({"uid": "bob"})");
  scimPatch(idOf(first), R"({"op": "replace", "path": "active", "value": false})");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob"})")), "JIT-1401");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob", "title": "Boss"})")), "JIT-1401");
  scimPatch(idOf(first), R"({"op": "replace", "path": "active", "value": true})");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob"})")), "unchanged");
}

TEST_F(Provision, MakesADeletedUserAnew) {
  usual();
  const auto first = login("s-1", R"({"uid": "bob"})");
  scimDelete(idOf(first));
  EXPECT_EQ(count("control.federated_identities"), 0U);
  const auto second = login("s-1", R"({"uid": "bob"})");
  EXPECT_EQ(outcome(second), "created");
  EXPECT_NE(idOf(second), idOf(first));
}

TEST_F(Provision, GoesOnAsNewWhereALinkLeadsNowhere) {
  usual();
  const auto first = login("s-1", R"({"uid": "bob"})");
  // As after a backup of one schema was restored.
  onlooker_.run("DELETE FROM " + table("corp.users"));
  ASSERT_EQ(count("control.federated_identities"), 1U);
  const auto second = login("s-1", R"({"uid": "bob"})");
  EXPECT_EQ(outcome(second), "created");
  EXPECT_NE(idOf(second), idOf(first));
  EXPECT_EQ(count("control.federated_identities"), 1U);
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob"})")), "unchanged");
}

TEST_F(Provision, TellsSubjectsApartByEveryByte) {
  usual();
  const std::string longest = [] {
    std::string text;
    for (int i = 0; i < 255; ++i) text += "\xF0\x9F\x94\x91";
    return text;
  }();
  ASSERT_EQ(longest.size(), kMaxSubjectBytes);
  const std::vector<std::string> subjects = {"s",       "S",          "s ",   " s", "ſ",
                                             "s\u0301", "\u015b",     "1",    "１", "a'b\"\\c;--",
                                             longest,   "00u/x@y#z%", "\x01", "%",  "_"};
  std::set<ResourceId> users;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    const auto result = login(subjects[i], R"({"uid": "user)" + std::to_string(i) + "\"}");
    ASSERT_EQ(outcome(result), "created") << subjects[i];
    users.insert(idOf(result));
  }
  EXPECT_EQ(users.size(), subjects.size());
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    const auto again = login(subjects[i], R"({"uid": "user)" + std::to_string(i) + "\"}");
    EXPECT_EQ(outcome(again), "unchanged") << subjects[i];
    EXPECT_EQ(userName(again), "user" + std::to_string(i));
  }
}

TEST_F(Provision, RefusesSubjectsThatCannotBe) {
  usual();
  for (const std::string& subject : {std::string(), std::string(256, 's'), std::string("a\0b", 3),
                                     std::string("\xff"), std::string(1'021, 's')}) {
    EXPECT_EQ(outcome(login(subject, R"({"uid": "bob"})")), "JIT-1003");
  }
  EXPECT_EQ(count("corp.users"), 0U);
}

TEST_F(Provision, KeepsTheSubjectsOfTwoIdentityProvidersApart) {
  usual("one");
  usual("two");
  const auto first = login("s-1", R"({"uid": "bob"})", "one");
  const auto second = login("s-1", R"({"uid": "alice"})", "two");
  EXPECT_EQ(outcome(second), "created");
  EXPECT_NE(idOf(first), idOf(second));
  // Nor does one reach the other's user by its name.
  EXPECT_EQ(outcome(login("s-9", R"({"uid": "bob"})", "two")), "JIT-1203");
  EXPECT_EQ(count("control.federated_identities"), 2U);
}

TEST_F(Provision, GoesWhereTheUserNameSays) {
  jitSettings(R"("userstore": "As in username")");
  const std::vector<std::vector<std::string>> cases = {
      {"s-1", "bob", "PRIMARY", "bob"},       {"s-2", "CORP/bob", "CORP", "bob"},
      {"s-3", "corp/alice", "CORP", "alice"}, {"s-4", "nowhere/carol", "PRIMARY", "carol"},
      {"s-5", "/dave", "PRIMARY", "dave"},
  };
  for (const auto& look : cases) {
    SCOPED_TRACE(look[1]);
    const auto result = login(look[0], R"({"uid": ")" + look[1] + "\"}");
    ASSERT_EQ(outcome(result), "created");
    EXPECT_EQ(result.decision->domain->name().value(), look[2]);
    EXPECT_EQ(userName(result), look[3]);
  }
  // A known user stays where it is, whatever the name says now.
  const auto moved = login("s-2", R"({"uid": "PRIMARY/bob"})");
  EXPECT_EQ(outcome(moved), "unchanged");
  EXPECT_EQ(moved.decision->domain->name().value(), "CORP");
  const auto nameless = login("s-2", R"({"uid": {"a": 1}})");
  EXPECT_EQ(outcome(nameless), "unchanged");
}

TEST_F(Provision, StaysWithinTheDomainsOfTheToken) {
  jitSettings(R"("userstore": "As in username")");
  ASSERT_EQ(outcome(login("s-1", R"({"uid": "bob"})")), "created");
  gateway_.all_domains = false;
  gateway_.domains = {DomainNumber(2)};
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "bob"})")), "JIT-1101");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "CORP/bob"})")), "JIT-1101");
  EXPECT_EQ(outcome(login("s-2", R"({"uid": "alice"})")), "JIT-1101");
  EXPECT_EQ(outcome(login("s-2", R"({"uid": "CORP/alice"})")), "created");
}

TEST_F(Provision, DoesNothingWithoutBeingTold) {
  settings(R"("enabled": true)");
  const auto result = login("s-1", R"({"uid": "bob"})");
  EXPECT_EQ(outcome(result), "skipped");
  EXPECT_EQ(result.decision->domain, nullptr);
  EXPECT_FALSE(result.decision->user);
  EXPECT_EQ(count("primary.users"), 0U);
}

TEST_F(Provision, RefusesIdentityProvidersThatAreUnknownOrDisabled) {
  settings(std::string(R"("enabled": false, )") + kClaims +
           R"(, "jit": {"isEnabled": true, "onFailure": "allow"})");
  const auto disabled = login("s-1", R"({"uid": "bob"})");
  EXPECT_EQ(outcome(disabled), "JIT-1002");
  EXPECT_EQ(disabled.on_failure, OnFailure::kAllow);
  const auto unknown = login("s-1", R"({"uid": "bob"})", "IDP");
  EXPECT_EQ(outcome(unknown), "JIT-1001");
  EXPECT_EQ(unknown.on_failure, OnFailure::kRefuse);
}

TEST_F(Provision, RefusesValuesThatDoNotFit) {
  usual();
  const auto result = login("s-1", R"({"uid": "bob", "title": {"not": "a text"}})");
  EXPECT_EQ(outcome(result), "JIT-1301");
  EXPECT_NE(result.decision.error().detail.find("'title'"), std::string::npos);
  EXPECT_EQ(count("corp.users"), 0U);
}

TEST_F(Provision, SaysWhenTheDatabaseIsAway) {
  jitSettings(R"("userstore": "CORP", "onFailure": "allow")");
  store::DatabaseOptions nowhere;
  nowhere.url = "mysql://root@/?socket=/nowhere/at-all.sock";
  const auto gone = must(store::Database::create(nowhere));
  directory::Context without = context_;
  without.database = gone.get();
  const auto result =
      provision(without, *providers_, gateway_, request("s-1", R"({"uid": "bob"})"));
  EXPECT_EQ(outcome(result), "JIT-1901");
  EXPECT_EQ(result.decision.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(result.on_failure, OnFailure::kAllow);
  // Where else could it be kept?
  const auto kept = recent_events_.find("", 10);
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept.front().action, "jit.failed");
  EXPECT_EQ(kept.front().code, "JIT-1901");
}

TEST_F(Provision, TakesTheClaimsOfRealIdentityProviders) {
  domainSettings("CORP", R"({"UsernameJavaRegEx": "", "UsernameJavaScriptRegEx": ""})");
  for (const char* name : {"PRIMARY/admins", "PRIMARY/engineers", "PRIMARY/employees",
                           "CORP/managers", "CORP/finance", "CORP/auditors"}) {
    group(name);
  }
  const std::vector<std::vector<std::string>> cases = {
      {"okta", "okta-acme", "PRIMARY", "zoe.nunez@acme.example", "admins"},
      {"entra", "entra-contoso", "PRIMARY", "lukas.muller@contoso.example", "employees,engineers"},
      {"google", "google-lingua", "PRIMARY", "yuki.tanaka@lingua.example", ""},
      {"keycloak", "keycloak-werk", "CORP", "bjorn", "managers"},
      {"wso2", "wso2-corp", "CORP", "amara.okafor", "auditors,finance"},
  };
  for (const auto& look : cases) {
    SCOPED_TRACE(look[0]);
    const auto read = [&](const std::string& folder) {
      std::ostringstream text;
      text << std::ifstream(VESTIBULE_SOURCE_DIR "/tests/golden/" + folder + "/" + look[0] +
                            ".json")
                  .rdbuf();
      return text.str();
    };
    must(providers_->apply(test::parsed(read("identity_providers"))));
    const std::string claims = read("claims");
    const std::string subject(*test::parsed(claims).stringAt("sub"));
    const auto result = login(subject, claims, look[1]);
    ASSERT_EQ(outcome(result), "created") << result.decision.error().detail;
    EXPECT_EQ(result.decision->domain->name().value(), look[2]);
    EXPECT_EQ(userName(result), look[3]);
    std::string groups;
    for (const auto& name : groupsOf(result)) groups += (groups.empty() ? "" : ",") + name;
    EXPECT_EQ(groups, look[4]);
    EXPECT_EQ(outcome(login(subject, claims, look[1])), "unchanged");
  }
}

}  // namespace
}  // namespace vestibule::jit
