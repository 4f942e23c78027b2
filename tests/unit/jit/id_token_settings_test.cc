#include "jit/id_token_settings.h"

#include <gtest/gtest.h>

#include "unit/jit/jit_fixture.h"

namespace vestibule::jit {
namespace {

using test::compile;
using test::parsed;

/// An identity provider with a good section `idToken`, with these members set over it; null takes
/// one out.
json::Value documentWith(std::string_view changes) {
  json::Value document = parsed(R"({"name": "idp", "idToken": {
      "issuer": "https://idp.example", "clientIds": ["gateway"],
      "jwksUri": "https://idp.example/keys"}})");
  json::Object& section = *document.object()->find("idToken")->object();
  const json::Value members = parsed(changes);
  for (const json::Member& member : *members.object()) {
    if (member.value.isNull()) {
      section.erase(member.key);
    } else {
      section.set(member.key, member.value);
    }
  }
  return document;
}

TEST(IdTokenSettings, HaveTheirDefaultsWrittenOut) {
  const auto provider = compile(documentWith("{}"));
  ASSERT_TRUE(provider) << provider.error().detail;
  EXPECT_EQ(
      json::write(*provider->document.find("idToken")),
      R"({"issuer":"https://idp.example","clientIds":["gateway"],)"
      R"("jwksUri":"https://idp.example/keys",)"
      R"("algorithms":["RS256","RS384","RS512","PS256","PS384","PS512","ES256","ES384",)"
      R"("ES512","EdDSA","Ed25519"],"clockSkewSeconds":60,"maxAgeSeconds":0,"required":true})");
  const auto again = compile(provider->document);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->document, provider->document);
  ASSERT_TRUE(provider->id_token);
  EXPECT_EQ(provider->id_token->rules.claims.clock_skew, std::chrono::seconds(60));
  EXPECT_FALSE(provider->id_token->rules.claims.max_age);
}

TEST(IdTokenSettings, AreNotThereWithoutTheirSection) {
  const auto provider = compile(parsed(R"({"name": "idp"})"));
  ASSERT_TRUE(provider);
  EXPECT_FALSE(provider->id_token);
  EXPECT_EQ(provider->document.find("idToken"), nullptr);
}

TEST(IdTokenSettings, AreRead) {
  const auto provider = compile(documentWith(
      R"({"algorithms": ["ES256", "EdDSA"], "clockSkewSeconds": 0, "maxAgeSeconds": 600,
          "jwksUri": "/etc/keys.json", "required": false, "clientIds": ["a", "b"]})"));
  ASSERT_TRUE(provider) << provider.error().detail;
  const IdTokenSettings& settings = *provider->id_token;
  EXPECT_EQ(settings.rules.algorithms,
            (std::vector{jose::Algorithm::kEs256, jose::Algorithm::kEdDsa}));
  EXPECT_EQ(settings.rules.claims.clock_skew, std::chrono::seconds(0));
  EXPECT_EQ(settings.rules.claims.max_age, std::chrono::seconds(600));
  EXPECT_EQ(settings.rules.claims.audiences, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(settings.keys.is_file);
  EXPECT_FALSE(settings.required);
}

struct BadSection {
  std::string changes;
  const char* complaint;
};

TEST(IdTokenSettings, AreRefusedWithPlaceAndReason) {
  const BadSection cases[] = {
      {R"({"isuer": "x"})", "/idToken/isuer: is not known"},
      {R"({"issuer": null})", "/idToken/issuer: is missing"},
      {R"({"issuer": ""})", "/idToken/issuer"},
      {R"({"issuer": 1})", "/idToken/issuer"},
      {R"({"issuer": "a\nb"})", "/idToken/issuer: has control characters"},
      {R"({"clientIds": null})", "/idToken/clientIds: must name 1 to 100"},
      {R"({"clientIds": []})", "/idToken/clientIds: must name 1 to 100"},
      {R"({"clientIds": "gateway"})", "/idToken/clientIds"},
      {R"({"clientIds": [""]})", "/idToken/clientIds"},
      {R"({"clientIds": ["a", "a"]})", "/idToken/clientIds: names 'a' twice"},
      {R"({"jwksUri": null})", "/idToken/jwksUri: is missing"},
      {R"({"jwksUri": "http://idp.example/keys"})", "/idToken/jwksUri: must be https"},
      {R"({"jwksUri": "HTTP://idp.example/keys"})", "/idToken/jwksUri: must be https"},
      {R"({"jwksUri": "ftp://idp.example/keys"})", "/idToken/jwksUri: must be an https URL"},
      {R"({"jwksUri": "keys.json"})", "/idToken/jwksUri: must be an https URL or an absolute path"},
      {R"({"jwksUri": "https://"})", "/idToken/jwksUri: names no host"},
      {R"({"jwksUri": "https://u:p@idp.example/"})", "/idToken/jwksUri: must not name a user"},
      {R"({"jwksUri": "https://idp.example/#k"})", "/idToken/jwksUri: must not have a fragment"},
      {R"({"jwksUri": "https://idp.example/a b"})", "/idToken/jwksUri: has white space"},
      {R"({"algorithms": []})", "/idToken/algorithms: is empty"},
      {R"({"algorithms": ["none"]})", "/idToken/algorithms: 'none' is none of RS256"},
      {R"({"algorithms": ["RS256", "HS256"]})", "/idToken/algorithms: 'HS256' is none of"},
      {R"({"algorithms": ["rs256"]})", "/idToken/algorithms: 'rs256' is none of"},
      {R"({"algorithms": ["RS256", "RS256"]})", "/idToken/algorithms: names 'RS256' twice"},
      {R"({"clockSkewSeconds": 601})", "/idToken/clockSkewSeconds: must be a whole number from 0"},
      {R"({"clockSkewSeconds": -1})", "/idToken/clockSkewSeconds"},
      {R"({"clockSkewSeconds": 1.5})", "/idToken/clockSkewSeconds"},
      {R"({"clockSkewSeconds": "60"})", "/idToken/clockSkewSeconds"},
      {R"({"maxAgeSeconds": 2678401})", "/idToken/maxAgeSeconds"},
      {R"({"required": "yes"})", "/idToken/required"},
  };
  for (const BadSection& look : cases) {
    const auto provider = compile(documentWith(look.changes));
    ASSERT_FALSE(provider) << look.changes;
    EXPECT_NE(provider.error().detail.find(look.complaint), std::string::npos)
        << provider.error().detail;
    EXPECT_EQ(provider.error().kind, ErrorKind::kInvalidValue);
  }
  for (const char* section : {"[]", "null", "\"https://idp.example\"", "true"}) {
    const auto provider =
        compile(parsed(R"({"name": "idp", "idToken": )" + std::string(section) + "}"));
    ASSERT_FALSE(provider) << section;
    EXPECT_NE(provider.error().detail.find("/idToken"), std::string::npos);
  }
}

}  // namespace
}  // namespace vestibule::jit
