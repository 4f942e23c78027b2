#include "jit/roles.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/jit/jit_fixture.h"

namespace vestibule::jit {
namespace {

using test::catalog;
using test::parsed;
using test::provider;
using test::traced;

std::vector<std::string> namesOf(const WantedGroups& wanted) {
  std::vector<std::string> names;
  for (const WantedGroup& group : wanted.groups) names.push_back(group.name);
  return names;
}

Result<WantedGroups> wanted(const IdentityProvider& idp, std::string_view claims, Trace& trace) {
  const auto all = catalog();
  const json::Value document = parsed(claims);
  return wantedGroups(idp, *all, *all->findDomain("CORP"), *document.object(), trace);
}

struct RoleCase {
  const char* separator;
  const char* unmapped;
  const char* claims;
  std::vector<std::string> groups;
};

TEST(Roles, BecomeGroupsOfTheUsersDomain) {
  const RoleCase cases[] = {
      {"", "drop", R"({"groups": ["admin"]})", {"admins"}},
      {"", "drop", R"({"groups": "admin"})", {"admins"}},
      {"", "drop", R"({"groups": ["Admin", "ADMIN"]})", {}},
      {"", "drop", R"({"groups": ["dev"]})", {"developers", "employees"}},
      {"", "drop", R"({"groups": ["dev", "admin", "dev"]})", {"admins", "developers", "employees"}},
      {"", "drop", R"({"groups": ["primary-admin"]})", {}},
      {"", "drop", R"({"groups": "admin,dev"})", {}},
      {",", "drop", R"({"groups": "admin,dev"})", {"admins", "developers", "employees"}},
      {",", "drop", R"({"groups": " admin , ,dev,"})", {"admins", "developers", "employees"}},
      {",", "drop", R"({"groups": ["admin,dev"]})", {"admins", "developers", "employees"}},
      {"||", "drop", R"({"groups": "admin||dev"})", {"admins", "developers", "employees"}},
      {"", "drop", R"({"groups": [7]})", {"sevens"}},
      {"", "drop", R"({"groups": [{"name": "admin"}]})", {}},
      {"", "pass", R"({"groups": ["admin", "writers"]})", {"admins", "writers"}},
      {"", "pass", R"({"groups": ["CORP/writers", "corp/readers"]})", {"readers", "writers"}},
      {"", "pass", R"({"groups": ["PRIMARY/writers"]})", {}},
      {"", "pass", R"({"groups": ["team/writers"]})", {"team/writers"}},
      {"", "pass", R"({"groups": ["Writers", "writers"]})", {"Writers"}},
      {"", "pass", R"({"groups": ["no spaces here", "dev!"]})", {}},
  };
  for (const RoleCase& look : cases) {
    SCOPED_TRACE(std::string(look.unmapped) + " " + look.claims);
    const IdentityProvider idp = provider(
        std::string(R"({"claims": {"roleClaim": "groups", "roleClaimSeparator": ")") +
        look.separator + R"("}, "roles": {"unmapped": ")" + look.unmapped + R"(", "mappings": [
          {"idpRole": "admin", "localRole": "CORP/admins"},
          {"idpRole": "dev", "localRole": "CORP/developers"},
          {"idpRole": "dev", "localRole": "CORP/employees"},
          {"idpRole": "7", "localRole": "CORP/sevens"},
          {"idpRole": "primary-admin", "localRole": "PRIMARY/admins"}]}})");
    Trace trace;
    const auto result = wanted(idp, look.claims, trace);
    ASSERT_TRUE(result) << result.error().detail;
    EXPECT_TRUE(result->stated);
    EXPECT_EQ(namesOf(*result), look.groups);
  }
}

TEST(Roles, SayNothingWithoutARoleClaim) {
  Trace trace;
  const auto result = wanted(provider("{}"), R"({"groups": ["admin"]})", trace);
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->stated);
}

TEST(Roles, SayThatThereAreNoneWhenTheClaimIsAbsentOrBlank) {
  for (const char* claims : {"{}", R"({"groups": []})", R"({"groups": null})"}) {
    Trace trace;
    const auto result = wanted(provider(R"({"claims": {"roleClaim": "groups"}})"), claims, trace);
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->stated) << claims;
    EXPECT_TRUE(result->groups.empty());
  }
}

TEST(Roles, SayNothingWhenEntraLeavesThemOutForTheirNumber) {
  Trace trace;
  const auto result =
      wanted(provider(R"({"claims": {"roleClaim": "groups"}})"),
             R"({"_claim_names": {"groups": "src1"}, "_claim_sources": {}})", trace);
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->stated);
}

TEST(Roles, AreTracedWhenTheyAreDropped) {
  Trace trace;
  const IdentityProvider idp = provider(
      R"({"claims": {"roleClaim": "groups"}, "roles": {"mappings": [
        {"idpRole": "p", "localRole": "PRIMARY/admins"}]}})");
  ASSERT_TRUE(wanted(idp, R"({"groups": ["x", "p", {"a": 1}]})", trace));
  EXPECT_TRUE(traced(trace, "unmapped: drop", "dropped"));
  EXPECT_TRUE(traced(trace, "mapping", "is of another domain: dropped"));
  EXPECT_TRUE(traced(trace, "role claim", "is no text: dropped"));
}

/// How many steps of the trace have this outcome.
std::size_t timesTraced(const Trace& trace, std::string_view outcome) {
  std::size_t times = 0;
  for (const TraceEntry& entry : trace.entries()) {
    if (entry.outcome.find(outcome) != std::string::npos) ++times;
  }
  return times;
}

TEST(Roles, AreDroppedUncheckedOnceAFewWereTooMuchWork) {
  store::ControlRows rows;
  rows.domains.push_back(test::domainRow(1, "PRIMARY"));
  rows.domains.push_back(test::domainRow(
      2, "CORP", R"({"RolenameJavaRegEx": "(a+)+", "RolenameJavaScriptRegEx": ""})"));
  const auto all = directory::Catalog::build(std::move(rows));
  json::Array roles;
  // Too long for any pattern, and for that reason cheap.
  for (int i = 0; i < 5; ++i) roles.emplace_back(std::string(1'100, '0') + std::to_string(i));
  for (int i = 0; i < 100; ++i) roles.emplace_back(std::string(200, 'a') + std::to_string(i));
  roles.emplace_back("Zaa");
  const json::Object claims{{"groups", roles}};
  const IdentityProvider idp =
      provider(R"({"claims": {"roleClaim": "groups"}, "roles": {"unmapped": "pass"}})");
  Trace trace;
  const auto result = wantedGroups(idp, *all, *all->findDomain("CORP"), claims, trace);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->groups.empty());
  EXPECT_EQ(timesTraced(trace, "POL-1012"), 5 + kMaxUncheckable);
  // The upper-case name comes before the costly ones and is checked; those behind are not.
  EXPECT_EQ(timesTraced(trace, "POL-1002"), 1U);
  EXPECT_EQ(timesTraced(trace, "dropped unchecked"), 100 - kMaxUncheckable);
}

TEST(Roles, CountOnlyWhenAPatternOfTheFilterMatches) {
  const IdentityProvider idp = provider(
      R"({"claims": {"roleClaim": "groups"}, "roles": {"unmapped": "pass",
          "filter": ["app-.*", "(?i)ADMIN"], "mappings": [
            {"idpRole": "admin", "localRole": "CORP/admins"},
            {"idpRole": "dev", "localRole": "CORP/developers"}]}})");
  Trace trace;
  const auto result =
      wanted(idp, R"({"groups": ["admin", "dev", "app-x", "my-app-x", "everyone"]})", trace);
  ASSERT_TRUE(result);
  EXPECT_EQ(namesOf(*result), (std::vector<std::string>{"admins", "app-x"}));
  EXPECT_EQ(timesTraced(trace, "no pattern matches: dropped"), 3U);
}

TEST(Roles, AreDroppedUncheckedOnceAFewWereTooMuchWorkForTheFilter) {
  const IdentityProvider idp = provider(
      R"({"claims": {"roleClaim": "groups"}, "roles": {"unmapped": "pass", "filter": ["(a+)+"]}})");
  json::Array roles{"AAA", "aaa"};
  roles.emplace_back(std::string(1'100, 'a'));
  for (int i = 0; i < 100; ++i) roles.emplace_back(std::string(200, 'a') + std::to_string(i));
  roles.emplace_back("zzz");
  const auto all = catalog();
  Trace trace;
  const auto result = wantedGroups(idp, *all, *all->findDomain("CORP"),
                                   json::Object{{"groups", std::move(roles)}}, trace);
  ASSERT_TRUE(result);
  EXPECT_EQ(namesOf(*result), std::vector<std::string>());
  EXPECT_EQ(timesTraced(trace, "no pattern matches"), 1U);
  EXPECT_EQ(timesTraced(trace, "is too much work"), kMaxUncheckable);
  EXPECT_EQ(timesTraced(trace, "dropped unchecked"), 102U - kMaxUncheckable);
}

TEST(Roles, AreCheckedAgainstBothRolePatterns) {
  const IdentityProvider idp =
      provider(R"({"claims": {"roleClaim": "groups"}, "roles": {"unmapped": "pass"}})");
  store::ControlRows rows;
  rows.domains.push_back(test::domainRow(1, "PRIMARY"));
  rows.domains.push_back(test::domainRow(2, "CORP", R"({"RolenameJavaRegEx": "[a-z]{3,6}",
      "RolenameJavaScriptRegEx": "^[^q]+$"})"));
  const auto all = directory::Catalog::build(std::move(rows));
  const std::pair<const char*, bool> cases[] = {
      {"abc", true}, {"abcdef", true}, {"ab", false}, {"abcdefg", false}, {"abq", false}};
  for (const auto& [role, allowed] : cases) {
    Trace trace;
    const auto result =
        wantedGroups(idp, *all, *all->findDomain("CORP"), json::Object{{"groups", role}}, trace);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->groups.size(), allowed ? 1U : 0U) << role;
    EXPECT_EQ(timesTraced(trace, "POL-1002"), allowed ? 0U : 1U) << role;
  }
}

TEST(Roles, AreRefusedInAbsurdNumbers) {
  std::string claims = R"({"groups": [)";
  for (int i = 0; i <= 1'000; ++i) claims += (i > 0 ? ",\"r" : "\"r") + std::to_string(i) + "\"";
  claims += "]}";
  Trace trace;
  const auto result = wanted(provider(R"({"claims": {"roleClaim": "groups"}})"), claims, trace);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "JIT-1302");
}

}  // namespace
}  // namespace vestibule::jit
