#include "jose/claims.h"

#include <gtest/gtest.h>

#include "jose/faults.h"
#include "json/parse.h"

namespace vestibule::jose {
namespace {

constexpr Timestamp kSecond = 1'000'000;
constexpr std::int64_t kNow = 1'800'000'000;

ClaimRules rules() {
  ClaimRules rules;
  rules.issuer = "https://idp.example";
  rules.audiences = {"gateway", "portal"};
  rules.clock_skew = std::chrono::seconds(60);
  return rules;
}

/// Good claims, with changes in JSON; null takes a claim out.
json::Object claimsWith(const std::string& changes = "{}") {
  json::Object claims{{"iss", "https://idp.example"},
                      {"aud", "gateway"},
                      {"sub", "s-1"},
                      {"exp", kNow + 300},
                      {"iat", kNow - 10}};
  const auto parsed = json::parse(changes);
  for (const json::Member& member : *parsed->object()) {
    if (member.value.isNull()) {
      claims.erase(member.key);
    } else {
      claims.set(member.key, member.value);
    }
  }
  return claims;
}

/// The fault, or "good".
std::string verdict(const json::Object& claims, const ClaimRules& rules,
                    Timestamp now = kNow * kSecond) {
  const auto checked = checkClaims(claims, rules, now, [](auto, auto, auto) {});
  return checked ? "good" : checked.error().code;
}

struct Look {
  const char* changes;
  Fault verdict;
};

void expectAll(const std::vector<Look>& looks, const ClaimRules& by = rules()) {
  for (const Look& look : looks) {
    EXPECT_EQ(verdict(claimsWith(look.changes), by), look.verdict) << look.changes;
  }
}

TEST(TokenClaims, J3_ComeFromExactlyTheIssuer) {
  expectAll({{"{}", "good"},
             {R"({"iss": "https://idp.example/"})", kIssuer},
             {R"({"iss": "https://idp.exampl"})", kIssuer},
             {R"({"iss": "https://IDP.example"})", kIssuer},
             {R"({"iss": "https://idp.example.evil"})", kIssuer},
             {R"({"iss": ""})", kIssuer},
             {R"({"iss": null})", kClaims},
             {R"({"iss": 1})", kClaims},
             {R"({"iss": ["https://idp.example"]})", kClaims}});
}

TEST(TokenClaims, J3_AreForOneOfTheClients) {
  expectAll({{R"({"aud": "portal"})", "good"},
             {R"({"aud": ["gateway"]})", "good"},
             {R"({"aud": "other"})", kAudience},
             {R"({"aud": "Gateway"})", kAudience},
             {R"({"aud": "gateway "})", kAudience},
             {R"({"aud": []})", kAudience},
             {R"({"aud": ["other", "more"], "azp": "gateway"})", kAudience},
             {R"({"aud": null})", kClaims},
             {R"({"aud": 7})", kClaims},
             {R"({"aud": {"gateway": true}})", kClaims},
             {R"({"aud": ["gateway", 7]})", kClaims}});
}

TEST(TokenClaims, J3_OfSeveralAudiencesSayForWhomTheyWereIssued) {
  expectAll({{R"({"aud": ["gateway", "other"]})", kAudience},
             {R"({"aud": ["gateway", "portal"]})", kAudience},
             {R"({"aud": ["gateway", "other"], "azp": "gateway"})", "good"},
             {R"({"aud": ["gateway", "other"], "azp": "portal"})", "good"},
             {R"({"aud": ["gateway", "other"], "azp": "other"})", kAudience},
             {R"({"azp": "gateway"})", "good"},
             {R"({"azp": "other"})", kAudience},
             {R"({"azp": ""})", kAudience},
             {R"({"azp": 1})", kClaims},
             {R"({"azp": ["gateway"]})", kClaims}});
}

TEST(TokenClaims, J6_NameTheirSubject) {
  expectAll({{R"({"sub": ""})", kClaims},
             {R"({"sub": null})", kClaims},
             {R"({"sub": 12345})", kClaims},
             {R"({"sub": ["s-1"]})", kClaims},
             {R"({"sub": " "})", "good"}});
  json::Object claims = claimsWith();
  claims.set("sub", json::Value());
  EXPECT_EQ(verdict(claims, rules()), kClaims) << "JSON null";
}

TEST(TokenClaims, J3_HaveTimesThatAreTimes) {
  for (const std::string name : {"exp", "iat", "nbf"}) {
    for (const char* value :
         {"\"1800000100\"", "true", "[]", "{}", "-1", "1e15", "253402300800", "1e300"}) {
      const std::string changes = "{\"" + name + "\": " + value + "}";
      EXPECT_EQ(verdict(claimsWith(changes), rules()), kClaims) << changes;
    }
  }
  expectAll({{R"({"exp": null})", kClaims},
             {R"({"iat": null})", kClaims},
             {R"({"nbf": null})", "good"},
             {R"({"exp": 1.8000003e9})", "good"},
             {R"({"exp": 1800000300.75})", "good"}});
}

struct Border {
  const char* changes;
  std::int64_t micros_from_now;
  Fault verdict;
};

TEST(TokenClaims, J3_TimesAreExactAtTheirBorders) {
  // By a clock that is at most 60 seconds off.
  const Border borders[] = {
      {R"({"exp": 1800000000})", 60 * kSecond - 1, "good"},
      {R"({"exp": 1800000000})", 60 * kSecond, kExpired},
      {R"({"exp": 1800000000.5})", 60 * kSecond + kSecond / 2 - 1, "good"},
      {R"({"exp": 1800000000.5})", 60 * kSecond + kSecond / 2, kExpired},
      {R"({"nbf": 1800000000})", -60 * kSecond, "good"},
      {R"({"nbf": 1800000000})", -60 * kSecond - 1, kNotYetValid},
      {R"({"iat": 1800000000})", -60 * kSecond, "good"},
      {R"({"iat": 1800000000})", -60 * kSecond - 1, kNotYetValid},
  };
  for (const Border& border : borders) {
    EXPECT_EQ(verdict(claimsWith(border.changes), rules(), kNow * kSecond + border.micros_from_now),
              border.verdict)
        << border.changes << " " << border.micros_from_now;
  }
}

TEST(TokenClaims, J3_TimesAreExactWithoutSkew) {
  ClaimRules strict = rules();
  strict.clock_skew = std::chrono::seconds(0);
  const json::Object claims = claimsWith(R"({"exp": 1800000000, "iat": 1799999999})");
  EXPECT_EQ(verdict(claims, strict, kNow * kSecond - 1), "good");
  EXPECT_EQ(verdict(claims, strict, kNow * kSecond), kExpired);
  EXPECT_EQ(verdict(claims, strict, (kNow - 1) * kSecond), "good");
  EXPECT_EQ(verdict(claims, strict, (kNow - 1) * kSecond - 1), kNotYetValid);
}

TEST(TokenClaims, AreNoOlderThanAllowed) {
  ClaimRules young = rules();
  young.max_age = std::chrono::seconds(600);
  const json::Object claims = claimsWith(R"({"exp": 1900000000, "iat": 1800000000})");
  EXPECT_EQ(verdict(claims, young, (kNow + 660) * kSecond), "good");
  EXPECT_EQ(verdict(claims, young, (kNow + 660) * kSecond + 1), kTooOld);
  EXPECT_EQ(verdict(claims, rules(), (kNow + 1'000'000) * kSecond), "good") << "no limit";
}

TEST(TokenClaims, TellTheWitnessEachStepAndNoValue) {
  std::string told;
  const auto witness = [&](std::string_view rule, std::string_view input,
                           std::string_view outcome) {
    told.append(rule).append("|").append(input).append("|").append(outcome).append("\n");
  };
  EXPECT_FALSE(
      checkClaims(claimsWith(R"({"aud": "secret-client"})"), rules(), kNow * kSecond, witness));
  EXPECT_EQ(told, "issuer|iss|good\naudience|aud, azp|the token is for none of the client ids\n");
}

}  // namespace
}  // namespace vestibule::jose
