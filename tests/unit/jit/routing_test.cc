#include "jit/routing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "unit/jit/jit_fixture.h"

namespace vestibule::jit {
namespace {

using test::catalog;
using test::parsed;
using test::provider;

/// The route of a login that says this name and these claims.
Result<Route> routeOf(const directory::Catalog& catalog, const directory::Principal& gateway,
                      const IdentityProvider& idp, const std::string& name, Trace& trace,
                      const std::string& claims = "{}") {
  const json::Value document = parsed(claims);
  ConditionTest test(*document.object(), {idp.role_claim, idp.role_separator});
  return route(catalog, gateway, idp, test, name, trace);
}

struct RouteCase {
  const char* userstore;
  const char* name;
  const char* domain;
  const char* user_name;
};

TEST(Routing, FindsDomainAndBareName) {
  const RouteCase cases[] = {
      {"PRIMARY", "bob", "PRIMARY", "bob"},
      {"CORP", "bob", "CORP", "bob"},
      {"corp", "bob", "CORP", "bob"},
      {"PRIMARY", "CORP/bob", "PRIMARY", "bob"},
      {"CORP", "PRIMARY/bob", "CORP", "bob"},
      {"CORP", "nowhere/bob", "CORP", "bob"},
      {"CORP", "/bob", "CORP", "bob"},
      {"CORP", "a/b/c", "CORP", "b/c"},
      {"As in username", "bob", "PRIMARY", "bob"},
      {"As in username", "CORP/bob", "CORP", "bob"},
      {"as IN userNAME", "corp/bob", "CORP", "bob"},
      {"As in username", "cOrP/Bob", "CORP", "Bob"},
      {"As in username", "nowhere/bob", "PRIMARY", "bob"},
      {"As in username", "/bob", "PRIMARY", "bob"},
      {"As in username", "CORP/a/b", "CORP", "a/b"},
      {"As in username", "PRIMARY/bob", "PRIMARY", "bob"},
      {"As in username", " CORP/bob", "PRIMARY", "bob"},
      {"As in username", "bob@x.example", "PRIMARY", "bob@x.example"},
  };
  const auto all = catalog();
  directory::Principal gateway;
  for (const RouteCase& look : cases) {
    SCOPED_TRACE(std::string(look.userstore) + ": " + look.name);
    const IdentityProvider idp = provider(
        std::string(R"({"jit": {"isEnabled": true, "userstore": ")") + look.userstore + R"("}})");
    Trace trace;
    const auto found = routeOf(*all, gateway, idp, look.name, trace);
    ASSERT_TRUE(found) << found.error().detail;
    EXPECT_EQ(found->domain->name().value(), look.domain);
    EXPECT_EQ(found->user_name, look.user_name);
    EXPECT_FALSE(trace.entries().empty());
  }
}

TEST(Routing, RefusesWhatLeavesNoNameOrNoDomain) {
  const auto all = catalog();
  directory::Principal gateway;
  Trace trace;
  const IdentityProvider by_name =
      provider(R"({"jit": {"isEnabled": true, "userstore": "As in username"}})");
  const auto empty = routeOf(*all, gateway, by_name, "CORP/", trace);
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().code, "JIT-1201");

  const IdentityProvider lost = provider(R"({"jit": {"isEnabled": true, "userstore": "GONE"}})");
  const auto missing = routeOf(*all, gateway, lost, "bob", trace);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, "JIT-1101");
}

TEST(Routing, LetsATokenReachItsOwnDomainsOnly) {
  const auto all = catalog();
  directory::Principal gateway;
  gateway.all_domains = false;
  gateway.domains = {DomainNumber(2)};
  const IdentityProvider idp =
      provider(R"({"jit": {"isEnabled": true, "userstore": "As in username"}})");
  Trace trace;
  EXPECT_TRUE(routeOf(*all, gateway, idp, "CORP/bob", trace));
  std::set<std::string> said;
  for (const char* name : {"bob", "PRIMARY/bob", "nowhere/bob"}) {
    Trace refusals;
    const auto refused = routeOf(*all, gateway, idp, name, refusals);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, "JIT-1101");
    EXPECT_EQ(refused.error().kind, ErrorKind::kNotFound);
    said.insert(refused.error().detail + json::write(refusals.toJson()));
  }
  for (const char* userstore : {"PRIMARY", "GONE"}) {
    Trace trace_of_one;
    const auto refused =
        routeOf(*all, gateway,
                provider(std::string(R"({"jit": {"isEnabled": true, "userstore": ")") + userstore +
                         R"("}})"),
                "bob", trace_of_one);
    ASSERT_FALSE(refused) << userstore;
    said.insert(refused.error().detail + json::write(trace_of_one.toJson()));
  }
  // Which domains there are is nowhere in it.
  EXPECT_EQ(said.size(), 1U);
}

struct NameCase {
  const char* claims;
  const char* name;  ///< empty: refused
};

TEST(Routing, TakesTheUserIdClaimAndElseTheSubject) {
  const NameCase cases[] = {
      {R"({"uid": "bob"})", "bob"},
      {R"({"uid": " bob\t"})", "bob"},
      {R"({"uid": 40817})", "40817"},
      {R"({"uid": ["bob"]})", "bob"},
      {R"({"uid": ["", "bob"]})", "bob"},
      {R"({"uid": ""})", "s-1"},
      {R"({"uid": null})", "s-1"},
      {R"({"uid": []})", "s-1"},
      {R"({})", "s-1"},
      {R"({"uid": ["bob", "eve"]})", ""},
      {R"({"uid": {"name": "bob"}})", ""},
  };
  const IdentityProvider idp = provider(R"({"claims": {"userIdClaim": "uid"}})");
  for (const NameCase& look : cases) {
    SCOPED_TRACE(look.claims);
    Trace trace;
    const json::Value claims = parsed(look.claims);
    const auto name = assertedName(idp, *claims.object(), Subject("s-1"), trace);
    if (std::string(look.name).empty()) {
      ASSERT_FALSE(name);
      EXPECT_EQ(name.error().code, "JIT-1201");
    } else {
      ASSERT_TRUE(name);
      EXPECT_EQ(*name, look.name);
    }
  }
}

TEST(Routing, TakesTheSubjectWithoutAUserIdClaim) {
  Trace trace;
  const json::Value claims = parsed(R"({"sub": "other", "uid": "bob"})");
  const auto name = assertedName(provider("{}"), *claims.object(), Subject("CORP/s-1"), trace);
  ASSERT_TRUE(name);
  EXPECT_EQ(*name, "CORP/s-1");
}

struct RuleCase {
  const char* claims;
  const char* name;
  const char* domain;  ///< or the code of the refusal
};

TEST(Routing, GoesByTheFirstRuleThatHolds) {
  const IdentityProvider idp =
      provider(R"({"claims": {"roleClaim": "groups"}, "jit": {"isEnabled": true,
      "routing": [{"claim": "type", "equals": "staff", "userstore": "corp"},
                  {"emailDomain": "Corp.Example", "userstore": "CORP"},
                  {"group": "partners", "userstore": "PRIMARY"},
                  {"claim": "unit", "matches": "(a+)+", "userstore": "CORP"},
                  {"claim": "unit", "matches": "[0-9]{4}", "userstore": "CORP"}]}})");
  const std::string hard = R"({"unit": ")" + std::string(200, 'a') + R"(!"})";
  const RuleCase cases[] = {
      {R"({})", "bob", "PRIMARY"},
      {R"({"type": "staff"})", "bob", "CORP"},
      {R"({"type": "staff"})", "PRIMARY/bob", "CORP"},
      {R"({"type": "Staff"})", "bob", "PRIMARY"},
      {R"({"email": "b@corp.example", "email_verified": true})", "bob", "CORP"},
      {R"({"email": "b@corp.example"})", "bob", "PRIMARY"},
      {R"({"unit": "1234"})", "bob", "CORP"},
      {R"({"unit": "12345"})", "bob", "PRIMARY"},
      {R"({"groups": ["partners"], "unit": "1234"})", "bob", "PRIMARY"},
      {R"({"_claim_names": {"groups": "src1"}})", "bob", "JIT-1409"},
      {R"({"type": "staff", "_claim_names": {"groups": "src1"}})", "bob", "CORP"},
      {hard.c_str(), "bob", "JIT-1409"},
  };
  const auto all = catalog();
  directory::Principal gateway;
  for (const RuleCase& look : cases) {
    SCOPED_TRACE(look.claims);
    Trace trace;
    const auto found = routeOf(*all, gateway, idp, look.name, trace, look.claims);
    EXPECT_EQ(found ? found->domain->name().value() : found.error().code, look.domain);
    if (found) {
      EXPECT_EQ(found->user_name, "bob");
    }
  }
}

TEST(Routing, StaysWithinTheAllowedDomains) {
  struct Case {
    const char* allowed;
    const char* unknown;
    const char* name;
    const char* domain;  ///< or the code of the refusal
  };
  const Case cases[] = {
      {R"("PRIMARY", "CORP")", "primary", "CORP/bob", "CORP"},
      {R"("PRIMARY", "CORP")", "primary", "nowhere/bob", "PRIMARY"},
      {R"("PRIMARY")", "primary", "CORP/bob", "PRIMARY"},
      {R"("PRIMARY")", "refuse", "CORP/bob", "JIT-1101"},
      {R"("PRIMARY")", "refuse", "nowhere/bob", "JIT-1101"},
      {R"("PRIMARY")", "refuse", "bob", "PRIMARY"},
      {R"("PRIMARY")", "refuse", "/bob", "PRIMARY"},
      {R"("corp")", "primary", "CORP/bob", "CORP"},
      {R"("CORP")", "primary", "bob", "JIT-1104"},
      {R"("CORP")", "primary", "nowhere/bob", "JIT-1104"},
      {"", "refuse", "nowhere/bob", "JIT-1101"},
      {"", "refuse", "corp/bob", "CORP"},
  };
  const auto all = catalog();
  directory::Principal gateway;
  for (const Case& look : cases) {
    SCOPED_TRACE(std::string(look.allowed) + look.unknown + look.name);
    const IdentityProvider idp =
        provider(std::string(R"({"jit": {"isEnabled": true, "userstore": "As in username",
                 "allowedDomains": [)") +
                 look.allowed + R"(], "unknownDomain": ")" + look.unknown + R"("}})");
    Trace trace;
    const auto found = routeOf(*all, gateway, idp, look.name, trace);
    EXPECT_EQ(found ? found->domain->name().value() : found.error().code, look.domain);
  }
}

TEST(Routing, IsCheckedOnSave) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"routing": [{"userstore": "CORP"}]})",
       "/jit/routing/0: needs one of equals, matches, emailDomain, group"},
      {R"({"routing": [{"claim": "a", "equals": "b"}]})", "/jit/routing/0/userstore: is missing"},
      {R"({"routing": [{"claim": "a", "matches": "(", "userstore": "CORP"}]})",
       "/jit/routing/0/matches"},
      {R"({"routing": [{"claim": "a", "equals": "b", "domain": "CORP"}]})",
       "/jit/routing/0/domain: is not known"},
      {R"({"routing": [{"group": "b", "userstore": "CORP"}]})",
       "/jit/routing/0/group: needs claims.roleClaim"},
      {R"({"allowedDomains": ["CORP"]})", "/jit/userstore: 'PRIMARY' is not among allowedDomains"},
      {R"({"allowedDomains": ["PRIMARY"], "routing": [{"claim": "a", "equals": "b", "userstore": "CORP"}]})",
       "/jit/routing/0/userstore: 'CORP' is not among allowedDomains"},
      {R"({"allowedDomains": ["CORP", "corp"]})", "/jit/allowedDomains: names 'CORP' twice"},
      {R"({"unknownDomain": "refuse"})", "/jit/unknownDomain: 'refuse' needs userstore"},
      {R"({"unknownDomain": "corp"})", "/jit/unknownDomain: 'corp' is none of primary, refuse"},
  };
  for (const auto& [jit, part] : cases) {
    SCOPED_TRACE(jit);
    const auto compiled =
        test::compile(parsed(R"({"name": "x", "jit": )" + std::string(jit) + "}"));
    ASSERT_FALSE(compiled);
    EXPECT_NE(compiled.error().detail.find(part), std::string::npos) << compiled.error().detail;
  }
  const std::pair<const char*, const char*> gone[] = {
      {R"({"routing": [{"claim": "a", "equals": "b", "userstore": "GONE"}]})",
       "/jit/routing/0/userstore: there is no user store domain 'GONE'"},
      {R"({"allowedDomains": ["PRIMARY", "GONE"]})",
       "/jit/allowedDomains: there is no user store domain 'GONE'"},
  };
  for (const auto& [jit, part] : gone) {
    const auto idp = provider(R"({"jit": )" + std::string(jit) + "}");
    const auto checked = checkDomains(idp, *catalog());
    ASSERT_FALSE(checked) << jit;
    EXPECT_NE(checked.error().detail.find(part), std::string::npos) << checked.error().detail;
    EXPECT_TRUE(std::ranges::count(domainsNamedBy(idp), DomainName("GONE")) == 1);
  }
}

}  // namespace
}  // namespace vestibule::jit
