#include "jit/routing.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "unit/jit/jit_fixture.h"

namespace vestibule::jit {
namespace {

using test::catalog;
using test::parsed;
using test::provider;

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
    const auto found = route(*all, gateway, idp, look.name, trace);
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
  const auto empty = route(*all, gateway, by_name, "CORP/", trace);
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().code, "JIT-1201");

  const IdentityProvider lost = provider(R"({"jit": {"isEnabled": true, "userstore": "GONE"}})");
  const auto missing = route(*all, gateway, lost, "bob", trace);
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
  EXPECT_TRUE(route(*all, gateway, idp, "CORP/bob", trace));
  std::set<std::string> said;
  for (const char* name : {"bob", "PRIMARY/bob", "nowhere/bob"}) {
    Trace refusals;
    const auto refused = route(*all, gateway, idp, name, refusals);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, "JIT-1101");
    EXPECT_EQ(refused.error().kind, ErrorKind::kNotFound);
    said.insert(refused.error().detail + json::write(refusals.toJson()));
  }
  for (const char* userstore : {"PRIMARY", "GONE"}) {
    Trace trace_of_one;
    const auto refused =
        route(*all, gateway,
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

}  // namespace
}  // namespace vestibule::jit
