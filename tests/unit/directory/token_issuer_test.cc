#include "directory/token_issuer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "directory/principal.h"
#include "json/merge_patch.h"
#include "json/parse.h"
#include "json/write.h"

namespace vestibule::directory {
namespace {

json::Value parsed(const std::string& text) {
  auto value = json::parse(text);
  EXPECT_TRUE(value) << text;
  return value ? *std::move(value) : json::Value();
}

/// The least that an issuer has, with changes over it.
json::Value documentWith(const std::string& changes) {
  json::Value document = parsed(
      R"({"name": "corp", "issuer": "https://as.example", "audiences": ["https://id.example/scim"],
          "jwksUri": "/etc/keys.json", "scopes": ["scim:read"]})");
  json::mergePatch(document, parsed(changes));
  return document;
}

TEST(TokenIssuer, HasTheRulesOfRfc9068WhereNothingElseIsSaid) {
  const auto issuer = compileTokenIssuer(documentWith("{}"));
  ASSERT_TRUE(issuer) << issuer.error().detail;
  EXPECT_TRUE(issuer->enabled);
  EXPECT_EQ(issuer->rules.types, std::vector<std::string>{"at+jwt"});
  EXPECT_EQ(issuer->rules.claims.clock_skew, std::chrono::seconds(60));
  EXPECT_FALSE(issuer->rules.claims.for_client);
  EXPECT_EQ(issuer->scope_claim, "scope");
  EXPECT_EQ(issuer->client_claim, "client_id");
  EXPECT_EQ(issuer->scopes, static_cast<std::uint8_t>(Scope::kScimRead));
  EXPECT_TRUE(issuer->clients.empty());
  EXPECT_TRUE(issuer->all_domains);
  EXPECT_FALSE(issuer->requests_per_minute);
  EXPECT_FALSE(issuer->tolerances);
}

TEST(TokenIssuer, ItsDocumentReadsAsItWasRead) {
  for (const char* changes :
       {"{}",
        R"({"enabled": false, "description": "Entra", "algorithms": ["ES256"], "types": ["JWT"],
            "clockSkewSeconds": 0, "scopeClaim": "roles", "scopePrefix": "api/", "clientClaim": "azp",
            "scopes": ["scim:read", "scim:write", "me:read"], "clients": ["a", "b"],
            "domains": ["CORP"], "tolerances": "entra", "requestsPerMinute": 600,
            "identityProvider": "idp"})"}) {
    const auto once = compileTokenIssuer(documentWith(changes));
    ASSERT_TRUE(once) << once.error().detail;
    const auto again = compileTokenIssuer(once->document);
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(json::write(again->document), json::write(once->document));
  }
}

TEST(TokenIssuer, IsRefusedWithPlaceAndReason) {
  const struct {
    const char* changes;
    const char* complaint;
  } cases[] = {
      {R"({"isuer": "x"})", "/isuer: is not known"},
      {R"({"name": null})", "/name: is missing"},
      {R"({"name": "a/b"})", "/name"},
      {R"({"issuer": null})", "/issuer: is missing"},
      {R"({"audiences": null})", "/audiences: must name 1 to 100 audiences"},
      {R"({"audiences": []})", "/audiences: must name 1 to 100 audiences"},
      {R"({"jwksUri": "http://as.example/keys"})", "/jwksUri: must be https"},
      {R"({"algorithms": ["HS256"]})", "/algorithms: 'HS256' is none of"},
      {R"({"types": []})", "/types: must name 1 to 100 types"},
      {R"({"clockSkewSeconds": 601})", "/clockSkewSeconds: must be a whole number from 0 to 600"},
      {R"({"scopeClaim": ""})", "/scopeClaim: is empty"},
      {R"({"clientClaim": ""})", "/clientClaim: is empty"},
      {R"({"scopes": null})", "/scopes: must name 1 to 100 scopes"},
      {R"({"scopes": ["root"]})", "/scopes: unknown scope"},
      {R"({"scopes": ["scim:read", "scim:read"]})", "/scopes: names 'scim:read' twice"},
      {R"({"clients": []})", "/clients: must name 1 to 100 clients"},
      {R"({"domains": []})", "/domains: must name 1 to 100 domains"},
      {R"({"tolerances": "lenient"})", "/tolerances"},
      {R"({"requestsPerMinute": 0})", "/requestsPerMinute: must be a whole number from 1"},
      {R"({"requestsPerMinute": "600"})", "/requestsPerMinute"},
      {R"({"enabled": "yes"})", "/enabled"},
  };
  for (const auto& look : cases) {
    const auto issuer = compileTokenIssuer(documentWith(look.changes));
    ASSERT_FALSE(issuer) << look.changes;
    EXPECT_EQ(issuer.error().kind, ErrorKind::kInvalidValue);
    EXPECT_NE(issuer.error().detail.find(look.complaint), std::string::npos)
        << issuer.error().detail;
  }
  for (const char* text : {"[]", "null", "1"}) EXPECT_FALSE(compileTokenIssuer(parsed(text)));
  const auto too_long =
      compileTokenIssuer(documentWith(R"({"issuer": ")" + std::string(701, 'a') + "\"}"));
  ASSERT_FALSE(too_long);
  EXPECT_NE(too_long.error().detail.find("/issuer: has more than 700 bytes"), std::string::npos);
}

}  // namespace
}  // namespace vestibule::directory
