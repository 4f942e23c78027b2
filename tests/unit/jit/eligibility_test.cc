#include "jit/eligibility.h"

#include <gtest/gtest.h>

#include <string>

#include "jit/codes.h"
#include "unit/jit/jit_fixture.h"

namespace vestibule::jit {
namespace {

using test::compile;
using test::parsed;
using test::provider;

constexpr const char* kClaims = R"("claims": {"roleClaim": "groups", "roleClaimSeparator": ","})";

IdentityProvider under(const std::string& conditions) {
  return provider(std::string("{") + kClaims + R"(, "jit": {"conditions": )" + conditions + "}}");
}

/// Empty when the subject may be provisioned, else the code.
std::string verdict(const IdentityProvider& idp, const std::string& claims) {
  const json::Value document = parsed(claims);
  ConditionTest test(*document.object(), {idp.role_claim, idp.role_separator});
  Trace trace;
  const auto eligible = requireEligible(idp.conditions, test, trace);
  if (!eligible) {
    EXPECT_FALSE(trace.entries().empty());
  }
  return eligible ? "" : eligible.error().code;
}

struct Case {
  const char* condition;
  const char* claims;
  bool holds;
};

TEST(Eligibility, AllowsByOneConditionAndDeniesByOne) {
  const Case cases[] = {
      {R"({"claim": "team", "equals": "Sales"})", R"({"team": "Sales"})", true},
      {R"({"claim": "team", "equals": "Sales"})", R"({"team": " Sales "})", true},
      {R"({"claim": "team", "equals": "Sales"})", R"({"team": ["IT", "Sales"]})", true},
      {R"({"claim": "team", "equals": "Sales"})", R"({"team": "sales"})", false},
      {R"({"claim": "team", "equals": "Sales"})", R"({"team": {"a": "Sales"}})", false},
      {R"({"claim": "team", "equals": "Sales"})", R"({})", false},
      {R"({"claim": "level", "equals": "7"})", R"({"level": 7})", true},
      {R"({"claim": "staff", "equals": "true"})", R"({"staff": true})", true},
      {R"({"claim": "org.unit", "matches": "[0-9]{4}"})", R"({"org": {"unit": "1234"}})", true},
      {R"({"claim": "org.unit", "matches": "[0-9]{4}"})", R"({"org": {"unit": "12345"}})", false},
      {R"({"claim": "a", "matches": "(?i)sales"})", R"({"a": "SALES"})", true},
      {R"({"emailDomain": "acme.example"})",
       R"({"email": "b@ACME.example", "email_verified": true})", true},
      {R"({"emailDomain": "acme.example"})",
       R"({"email": "b@acme.example@evil.example", "email_verified": true})", false},
      {R"({"emailDomain": "acme.example"})",
       R"({"email": "b@sub.acme.example", "email_verified": true})", false},
      {R"({"emailDomain": "acme.example"})", R"({"email": "acme.example", "email_verified": true})",
       false},
      {R"({"emailDomain": "acme.example"})",
       R"({"email": "@acme.example", "email_verified": true})", false},
      {R"({"emailDomain": "acme.example", "claim": "upn"})",
       R"({"upn": "b@acme.example", "email_verified": true})", true},
      {R"({"group": "staff"})", R"({"groups": ["it", "staff"]})", true},
      {R"({"group": "staff"})", R"({"groups": "it, staff"})", true},
      {R"({"group": "staff"})", R"({"groups": ["Staff"]})", false},
      {R"({"group": "staff"})", R"({})", false},
  };
  for (const Case& look : cases) {
    SCOPED_TRACE(std::string(look.condition) + " " + look.claims);
    const std::string list = std::string("[") + look.condition + "]";
    EXPECT_EQ(verdict(under(R"({"allow": )" + list + "}"), look.claims),
              look.holds ? "" : kNotEligible.code);
    EXPECT_EQ(verdict(under(R"({"deny": )" + list + "}"), look.claims),
              look.holds ? kNotEligible.code : "");
  }
}

TEST(Eligibility, TakesADenialOverAPermission) {
  const auto idp = under(R"({"allow": [{"group": "staff"}, {"claim": "vip", "equals": "true"}],
                             "deny": [{"group": "leavers"}]})");
  EXPECT_EQ(verdict(idp, R"({"groups": ["staff"]})"), "");
  EXPECT_EQ(verdict(idp, R"({"vip": true})"), "");
  EXPECT_EQ(verdict(idp, R"({"groups": ["staff", "leavers"]})"), "JIT-1408");
  EXPECT_EQ(verdict(idp, R"({})"), "JIT-1408");
  EXPECT_EQ(verdict(under("{}"), R"({})"), "");
}

TEST(Eligibility, LetsInByVerifiedAddressesAloneAndKeepsOutByAny) {
  constexpr const char* kUnverified = R"({"email": "b@acme.example"})";
  EXPECT_EQ(verdict(under(R"({"allow": [{"emailDomain": "acme.example"}]})"), kUnverified),
            "JIT-1408");
  EXPECT_EQ(verdict(under(R"({"allow": [{"emailDomain": "acme.example",
                              "requireVerifiedEmail": false}]})"),
                    kUnverified),
            "");
  EXPECT_EQ(verdict(under(R"({"deny": [{"emailDomain": "acme.example"}]})"), kUnverified),
            "JIT-1408");
  // One claim `email_verified` does not speak of several addresses.
  EXPECT_EQ(verdict(under(R"({"allow": [{"emailDomain": "acme.example"}]})"),
                    R"({"email": ["a@evil.example", "b@acme.example"], "email_verified": true})"),
            "JIT-1408");
}

TEST(Eligibility, RefusesWhereItCannotBeToldWhetherADenialHolds) {
  const auto by_group = under(R"({"deny": [{"group": "leavers"}]})");
  EXPECT_EQ(verdict(by_group, R"({"_claim_names": {"groups": "src1"}})"), "JIT-1409");
  std::string many = R"({"groups": [)";
  for (int i = 0; i <= 1'000; ++i) many += (i > 0 ? ",\"r" : "\"r") + std::to_string(i) + "\"";
  EXPECT_EQ(verdict(by_group, many + "]}"), "JIT-1409");

  const auto by_pattern = under(R"({"deny": [{"claim": "a", "matches": "(a+)+"}]})");
  const std::string hard = std::string(200, 'a') + "!";
  EXPECT_EQ(verdict(by_pattern, R"({"a": ")" + hard + "\"}"), "JIT-1409");
  EXPECT_EQ(verdict(by_pattern, R"({"a": ")" + std::string(2'000, 'b') + "\"}"), "JIT-1409");
  const auto allowing = under(R"({"allow": [{"claim": "a", "matches": "(a+)+"}]})");
  EXPECT_EQ(verdict(allowing, R"({"a": ")" + hard + "\"}"), "JIT-1408");
}

TEST(Eligibility, TriesABoundedNumberOfPatterns) {
  const auto idp = under(R"({"deny": [{"claim": "a", "matches": "x"}]})");
  std::string few = R"({"a": [)";
  std::string many = few;
  for (int i = 0; i <= ConditionTest::kMaxPatternTests; ++i) {
    if (i < ConditionTest::kMaxPatternTests) few += i > 0 ? R"(,"b")" : R"("b")";
    many += i > 0 ? R"(,"b")" : R"("b")";
  }
  EXPECT_EQ(verdict(idp, few + "]}"), "");
  EXPECT_EQ(verdict(idp, many + "]}"), "JIT-1409");
}

TEST(Eligibility, IsWrittenOutAndReadsAsItself) {
  const auto idp = under(R"({"allow": [{"emailDomain": "Acme.Example"}, {"group": "staff"}],
      "deny": [{"emailDomain": "evil.example", "claim": "upn"}, {"claim": "a", "matches": "b.*"}]})");
  EXPECT_EQ(
      json::write(*idp.document.find("jit")->find("conditions")),
      R"({"allow":[{"emailDomain":"acme.example","claim":"email","requireVerifiedEmail":true},)"
      R"({"group":"staff"}],"deny":[{"emailDomain":"evil.example","claim":"upn"},)"
      R"({"claim":"a","matches":"b.*"}]})");
  const auto again = compile(idp.document);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->document, idp.document);
}

TEST(Eligibility, IsRefusedOnSaveWithPlaceAndReason) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"allow": [{}]})", "/jit/conditions/allow/0: needs one of equals, matches"},
      {R"({"deny": [{"claim": "a"}]})", "/jit/conditions/deny/0: needs one of"},
      {R"({"deny": [{"equals": "a"}]})", "/jit/conditions/deny/0/claim: is missing"},
      {R"({"deny": [{"claim": "a", "equals": "b", "matches": "c"}]})",
       "/jit/conditions/deny/0/matches: stands beside 'equals'"},
      {R"({"deny": [{"claim": "a", "matches": "("}]})", "/jit/conditions/deny/0/matches"},
      {R"({"deny": [{"claim": "a", "equals": " b"}]})", "begins or ends with white space"},
      {R"({"deny": [{"emailDomain": "a@b.example"}]})", "/jit/conditions/deny/0/emailDomain"},
      {R"({"deny": [{"emailDomain": "b.example", "requireVerifiedEmail": true}]})",
       "/jit/conditions/deny/0/requireVerifiedEmail: is not for what keeps out"},
      {R"({"allow": [{"group": "a", "requireVerifiedEmail": true}]})",
       "/jit/conditions/allow/0/requireVerifiedEmail: is for emailDomain alone"},
      {R"({"allow": [{"group": "a", "claim": "b"}]})", "/jit/conditions/allow/0/claim"},
      {R"({"allow": [{"group": "a", "userstore": "CORP"}]})",
       "/jit/conditions/allow/0/userstore: is not known"},
      {R"({"permit": []})", "/jit/conditions/permit: is not known"},
      {R"([])", "/jit/conditions: must be an object"},
  };
  for (const auto& [conditions, part] : cases) {
    SCOPED_TRACE(conditions);
    const auto compiled = compile(parsed(std::string(R"({"name": "x", )") + kClaims +
                                         R"(, "jit": {"conditions": )" + conditions + "}}"));
    ASSERT_FALSE(compiled);
    EXPECT_NE(compiled.error().detail.find(part), std::string::npos) << compiled.error().detail;
  }
}

}  // namespace
}  // namespace vestibule::jit
