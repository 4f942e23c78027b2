// ID tokens at the gateway's endpoints: what a good one comes to, and that none of the bad ones
// comes to a user.

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/encoding.h"
#include "contract/jit/jit_test.h"
#include "directory/tokens.h"
#include "http/jit_api.h"
#include "support/temporary_folder.h"
#include "support/token_signer.h"

namespace vestibule::http {
namespace {

using jose::Algorithm;
using jose::KeyType;
using test::TokenSigner;

const TokenSigner& rsa() { return test::sharedRsaSigner(); }
const TokenSigner& ec() {
  static const TokenSigner signer(KeyType::kP256);
  return signer;
}
const TokenSigner& ed() {
  static const TokenSigner signer(KeyType::kEd25519);
  return signer;
}

class IdToken : public jit::test::JitTest {
 protected:
  IdToken() {
    // Keys that rotate are noticed at once.
    jose::KeySourceLimits limits;
    limits.unknown_key = std::chrono::seconds(0);
    providers_ = std::make_unique<jit::IdentityProviders>(context_, jose::FetchOptions(), limits);
    addJitRoutes(router_, context_, *providers_, {.origin = {.url = "https://id.example"}});
    token_ = must(directory::createToken(context_, {"gateway", "jit", std::nullopt, {}})).text;
    must(catalog_->refresh());
    publish({rsa().jwk("r"), ec().jwk("e"), ed().jwk("d")});
    take("idp");
  }

  [[nodiscard]] std::string keyFile() const { return (folder_.path() / "keys.json").string(); }
  void publish(const std::vector<json::Object>& keys) const {
    std::ofstream(keyFile(), std::ios::trunc) << test::keySetText(keys);
  }
  /// Lets an identity provider's tokens in; `more` are further settings of the section.
  void take(const std::string& name, const std::string& more = "",
            const std::string& issuer = "https://idp.example") {
    settings(std::string(kClaims) + ", " + kSettings + R"(, "idToken": {"issuer": ")" + issuer +
                 R"(", "clientIds": ["gateway"], "jwksUri": ")" + keyFile() + "\"" + more + "}",
             name);
  }

  static std::int64_t nowSeconds() { return now() / 1'000'000; }
  static json::Object claims(const std::string& subject = "s-1", const std::string& user = "bob") {
    return {{"iss", "https://idp.example"}, {"aud", "gateway"},          {"sub", subject},
            {"iat", nowSeconds()},          {"exp", nowSeconds() + 300}, {"uid", user},
            {"title", "Engineer"}};
  }
  static json::Object changed(const std::string& key, json::Value value) {
    json::Object result = claims();
    result.set(key, std::move(value));
    return result;
  }
  static std::string good(const std::string& subject = "s-1", const std::string& user = "bob") {
    return rsa().token(Algorithm::kRs256, "r", claims(subject, user));
  }

  Response send(const std::string& path, const json::Object& body, const std::string& key = "") {
    Request request;
    request.method = Method::kPost;
    request.path = path;
    request.body = json::write(body);
    request.headers.add("Content-Type", "application/json");
    request.headers.add("Authorization", "Bearer " + token_);
    if (!key.empty()) request.headers.add("Idempotency-Key", key);
    return router_.find(request.method, request.path).route->handler(request);
  }
  static json::Object body(const std::string& token, const std::string& idp = "idp") {
    return {{"identityProvider", idp}, {"idToken", token}};
  }
  Response provision(const std::string& token, const std::string& idp = "idp") {
    return send("/jit/v1/provision", body(token, idp));
  }
  static json::Value read(const Response& response) { return jit::test::parsed(response.body); }
  /// The code of a refusal, or the outcome.
  static std::string verdict(const Response& response) {
    const json::Value answer = read(response);
    return std::string(answer.stringAt("code").value_or(answer.stringAt("outcome").value_or("")));
  }

  test::TemporaryFolder folder_;
  Router router_;
  std::string token_;
};

TEST_F(IdToken, BringsSubjectAndClaims) {
  const auto first = provision(good());
  ASSERT_EQ(first.status, 201) << first.body;
  const json::Value answer = read(first);
  EXPECT_EQ(answer.stringAt("subject"), "s-1");
  EXPECT_EQ(answer.find("user")->stringAt("userName"), "bob");
  EXPECT_EQ(answer.find("user")->stringAt("title"), "Engineer");
  const auto again = provision(good());
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(verdict(again), "unchanged");
  EXPECT_EQ(verdict(provision(rsa().token(Algorithm::kPs256, "r", claims()))), "unchanged");
  EXPECT_EQ(verdict(provision(ec().token(Algorithm::kEs256, "e", claims()))), "unchanged");
  EXPECT_EQ(verdict(provision(ed().token(Algorithm::kEdDsa, "d", claims()))), "unchanged");
}

TEST_F(IdToken, OfAKnownUserCostsOneQueryAndNoWrite) {
  provision(good());
  provision(good());
  const std::string token = good();
  const auto before = footprint();
  const auto statements = onlooker_.statements();
  EXPECT_EQ(verdict(provision(token)), "unchanged");
  EXPECT_EQ(onlooker_.statements() - statements, 1U);
  EXPECT_EQ(footprint(), before);
}

TEST_F(IdToken, AlgorithmsAndKeysOfJ1AndJ2ComeToNoUser) {
  const std::string header_none = R"({"alg":"none","kid":"r"})";
  const std::string payload = json::write(claims());
  const std::string token = good();
  const std::string input = token.substr(0, token.rfind('.'));
  const auto signed_as = [&](const std::string& header) {
    return rsa().token(Algorithm::kRs256, header, payload);
  };
  const TokenSigner stranger(KeyType::kEd25519);
  const struct {
    const char* what;
    std::string token;
    const char* code;
  } cases[] = {
      {"none, without signature", test::compact(header_none, payload, ""), "JIT-1612"},
      {"none, in another case", test::compact(R"({"alg":"nOnE"})", payload, ""), "JIT-1612"},
      {"none, with a signature", signed_as(header_none), "JIT-1612"},
      {"HS256, by whatever the public key is", signed_as(R"({"alg":"HS256","kid":"r"})"),
       "JIT-1612"},
      {"an unknown algorithm", signed_as(R"({"alg":"RS1","kid":"r"})"), "JIT-1612"},
      {"no algorithm", signed_as(R"({"alg":"","kid":"r"})"), "JIT-1612"},
      {"RS256 called PS256", signed_as(R"({"alg":"PS256","kid":"r"})"), "JIT-1614"},
      {"RS256 called RS512", signed_as(R"({"alg":"RS512","kid":"r"})"), "JIT-1614"},
      {"the name of a key of another type", signed_as(R"({"alg":"RS256","kid":"e"})"), "JIT-1613"},
      {"RS256 called ES256", signed_as(R"({"alg":"ES256","kid":"r"})"), "JIT-1613"},
      {"a name that is a path", signed_as(R"({"alg":"RS256","kid":"../../dev/null"})"), "JIT-1613"},
      {"a name that is SQL", signed_as(R"({"alg":"RS256","kid":"' OR 1=1 -- "})"), "JIT-1613"},
      {"another key of the name", stranger.token(Algorithm::kEdDsa, "d", claims()), "JIT-1614"},
      {"a key that the token brings along",
       stranger.token(Algorithm::kEdDsa,
                      std::string_view(R"({"alg":"EdDSA","jwk":)" + json::write(stranger.jwk()) +
                                       R"(,"kid":"mine"})"),
                      payload),
       "JIT-1613"},
      {"an address that the token brings along",
       stranger.token(
           Algorithm::kEdDsa,
           std::string_view(R"({"alg":"EdDSA","jku":"https://evil.example/","kid":"mine"})"),
           payload),
       "JIT-1613"},
      {"no signature", input + ".", "JIT-1614"},
      {"a changed payload",
       token.substr(0, token.find('.') + 1) + toBase64Url(json::write(claims("s-2", "admin"))) +
           token.substr(token.rfind('.')),
       "JIT-1614"},
      {"a changed header",
       toBase64Url(R"({"alg":"RS256","kid":"r","typ":"jwt"})") + token.substr(token.find('.')),
       "JIT-1614"},
      {"an ES256 signature of zeros",
       test::compact(R"({"alg":"ES256","kid":"e"})", payload, std::string(64, '\0')), "JIT-1614"},
      {"an access token", signed_as(R"({"alg":"RS256","kid":"r","typ":"at+jwt"})"), "JIT-1611"},
      {"a logout token", signed_as(R"({"alg":"RS256","kid":"r","typ":"logout+jwt"})"), "JIT-1611"},
      {"a critical extension", signed_as(R"({"alg":"RS256","kid":"r","crit":["b64"],"b64":true})"),
       "JIT-1611"},
  };
  for (const auto& look : cases) {
    const auto response = provision(look.token);
    EXPECT_EQ(verdict(response), look.code) << look.what;
    EXPECT_EQ(response.status, std::string_view(look.code) == "JIT-1611" ? 400 : 403) << look.what;
    EXPECT_EQ(response.headers.first("Content-Type"), "application/problem+json");
    EXPECT_EQ(read(response).stringAt("attribute"), "idToken");
  }
  EXPECT_EQ(count("corp.users"), 0U);
  EXPECT_EQ(count("control.federated_identities"), 0U);
}

TEST_F(IdToken, J2_WithoutAKeysNameIsVerifiedByTheOnlyKeyThatFits) {
  EXPECT_EQ(verdict(provision(rsa().token(Algorithm::kRs256, "", claims()))), "created");
  const TokenSigner other(KeyType::kP256);
  publish({ec().jwk("e"), other.jwk("f")});
  EXPECT_EQ(verdict(provision(rsa().token(Algorithm::kRs256, "new", claims()))), "JIT-1613");
  EXPECT_EQ(verdict(provision(ec().token(Algorithm::kEs256, "", claims()))), "JIT-1613");
  EXPECT_EQ(verdict(provision(ec().token(Algorithm::kEs256, "e", claims()))), "unchanged");
}

TEST_F(IdToken, J2_TwoKeysOfOneNameAreBothTried) {
  const TokenSigner other(KeyType::kP256);
  publish({other.jwk("e"), ec().jwk("e"), rsa().jwk("e")});
  EXPECT_EQ(verdict(provision(ec().token(Algorithm::kEs256, "e", claims()))), "created");
  EXPECT_EQ(verdict(provision(other.token(Algorithm::kEs256, "e", claims()))), "unchanged");
  EXPECT_EQ(verdict(provision(rsa().token(Algorithm::kRs256, "e", claims()))), "unchanged");
}

TEST_F(IdToken, ClaimsOfJ3AndJ6ComeToNoUser) {
  const std::int64_t at = nowSeconds();
  const struct {
    const char* what;
    json::Object claims;
    const char* code;
  } cases[] = {
      {"another issuer", changed("iss", "https://evil.example"), "JIT-1615"},
      {"a trailing slash", changed("iss", "https://idp.example/"), "JIT-1615"},
      {"another audience", changed("aud", "other"), "JIT-1616"},
      {"several audiences and no azp", changed("aud", json::Array{"gateway", "other"}), "JIT-1616"},
      {"another party", changed("azp", "other"), "JIT-1616"},
      {"expired", changed("exp", at - 61), "JIT-1617"},
      {"not valid yet", changed("nbf", at + 120), "JIT-1618"},
      {"issued in the future", changed("iat", at + 120), "JIT-1618"},
      {"a time as text", changed("exp", std::to_string(at + 300)), "JIT-1620"},
      {"an empty subject", changed("sub", ""), "JIT-1620"},
      {"a subject that is a number", changed("sub", 7), "JIT-1620"},
      {"a null subject", changed("sub", json::Value()), "JIT-1620"},
      {"a subject that is too long", changed("sub", std::string(256, 's')), "JIT-1003"},
  };
  for (const auto& look : cases) {
    EXPECT_EQ(verdict(provision(rsa().token(Algorithm::kRs256, "r", look.claims))), look.code)
        << look.what;
  }
  for (const char* missing : {"iss", "aud", "exp", "iat", "sub"}) {
    json::Object less = claims();
    less.erase(missing);
    EXPECT_EQ(verdict(provision(rsa().token(Algorithm::kRs256, "r", less))), "JIT-1620") << missing;
  }
  EXPECT_EQ(count("corp.users"), 0U);
}

TEST_F(IdToken, FormsOfJ5ComeToNoUser) {
  const std::string token = good();
  const std::string header = R"({"alg":"RS256","kid":"r"})";
  const auto payload = [&](const std::string& text) {
    return rsa().token(Algorithm::kRs256, header, text);
  };
  const std::string twice = json::write(claims());
  const struct {
    const char* what;
    std::string token;
  } cases[] = {
      {"two tokens glued", token + token},
      {"an encrypted token", token + ".AAAA.AAAA"},
      {"a token as the payload of another", payload(token)},
      {"a claim twice", payload(twice.substr(0, twice.size() - 1) + R"(,"sub":"admin"})")},
      {"a claim twice, in another case",
       payload(twice.substr(0, twice.size() - 1) + R"(,"SUB":"admin"})")},
      {"claims that are a list", payload("[" + twice + "]")},
      {"claims that are a text", payload("\"sub\"")},
      {"no claims", payload("")},
      {"NUL in a claim", payload(R"({"sub":"s\u0000"})")},
      {"bytes behind the claims", payload(twice + "{}")},
      {"deep claims", payload(R"({"a":)" + std::string(40, '[') + std::string(40, ']') + "}")},
      {"padding", token + "=="},
      {"a newline", token + "\n"},
      {"200 kB", payload(R"({"a":")" + std::string(150'000, 'a') + "\"}")},
  };
  for (const auto& look : cases) {
    const auto response = provision(look.token);
    EXPECT_EQ(response.status, 400) << look.what;
    EXPECT_EQ(verdict(response), "JIT-1611") << look.what << " " << response.body;
  }
  EXPECT_EQ(count("corp.users"), 0U);
}

TEST_F(IdToken, ThatWasTakenOnceIsNotLookedAtAgainUnderItsKey) {
  json::Object older = claims();
  older.set("iat", nowSeconds() - 100);
  const std::string token = rsa().token(Algorithm::kRs256, "r", older);
  const auto first = send("/jit/v1/provision", body(token), "k-1");
  ASSERT_EQ(first.status, 201) << first.body;
  take("idp", R"(, "maxAgeSeconds": 10, "clockSkewSeconds": 0)");
  EXPECT_EQ(verdict(provision(token)), "JIT-1619");
  EXPECT_EQ(verdict(send("/jit/v1/provision", body(token), "k-2")), "JIT-1619");
  EXPECT_EQ(send("/jit/v1/provision", body(token), "k-1").status, 201) << "its answer was lost";
  settings(R"("enabled": false)");
  EXPECT_EQ(verdict(send("/jit/v1/provision", body(token), "k-1")), "JIT-1002");
}

TEST_F(IdToken, J5_GroupsThatAreATextAreTakenAsOne) {
  group("CORP/writers");
  const auto response =
      provision(rsa().token(Algorithm::kRs256, "r", changed("groups", "writers")));
  ASSERT_EQ(response.status, 201) << response.body;
  EXPECT_EQ(json::write(*read(response).find("groups")->find("granted")), R"(["writers"])");
}

TEST_F(IdToken, J7_IsGoodForItsOwnIdentityProviderAlone) {
  take("other", "", "https://other.example");
  EXPECT_EQ(verdict(provision(good())), "created");
  EXPECT_EQ(verdict(provision(good(), "other")), "JIT-1615");
  json::Object others = changed("iss", "https://other.example");
  others.set("uid", "rob");
  const auto second = provision(rsa().token(Algorithm::kRs256, "r", others), "other");
  EXPECT_EQ(second.status, 201) << "the same sub of two issuers is two identities";
  EXPECT_EQ(count("control.federated_identities"), 2U);
}

TEST_F(IdToken, J8_OfADisabledUserOrIdentityProviderIsRefused) {
  ASSERT_EQ(provision(good()).status, 201);
  scimPatch(ResourceId::parse(*read(provision(good())).find("user")->stringAt("id")).value(),
            R"({"op": "replace", "path": "active", "value": false})");
  EXPECT_EQ(verdict(provision(good())), "JIT-1401");
  must(providers_->patch("idp", jit::test::parsed(R"({"enabled": false})")));
  EXPECT_EQ(verdict(provision(good())), "JIT-1002");
}

TEST_F(IdToken, StandsAloneForWhoTheUserIs) {
  json::Object both = body(good());
  both.set("claims", json::Object{{"uid", "admin"}});
  EXPECT_EQ(verdict(send("/jit/v1/provision", both)), "JIT-1603");
  json::Object mixed = body(good());
  mixed.set("subject", "s-2");
  const auto refused = send("/jit/v1/provision", mixed);
  EXPECT_EQ(verdict(refused), "JIT-1604");
  EXPECT_EQ(refused.status, 403);
  mixed.set("subject", "S-1");
  EXPECT_EQ(verdict(send("/jit/v1/provision", mixed)), "JIT-1604");
  mixed.set("subject", "s-1");
  EXPECT_EQ(verdict(send("/jit/v1/provision", mixed)), "created");
}

TEST_F(IdToken, IsNeededWhereTheSettingsSayAndTakenWhereTheyDoNot) {
  const json::Object claims_alone{
      {"identityProvider", "idp"}, {"subject", "s-9"}, {"claims", json::Object{{"uid", "zoe"}}}};
  const auto refused = send("/jit/v1/provision", claims_alone);
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(verdict(refused), "JIT-1601");
  take("idp", R"(, "required": false)");
  EXPECT_EQ(verdict(send("/jit/v1/provision", claims_alone)), "created");
  EXPECT_EQ(verdict(provision(good())), "created");
  usual("plain");
  const auto not_taken = provision(good(), "plain");
  EXPECT_EQ(not_taken.status, 409);
  EXPECT_EQ(verdict(not_taken), "JIT-1602");
}

TEST_F(IdToken, IsVerifiedButNotNeededWhereNothingIsProvisioned) {
  take("idp");
  must(providers_->patch("idp", jit::test::parsed(R"({"jit": {"isEnabled": false}})")));
  EXPECT_EQ(verdict(send("/jit/v1/provision", json::Object{{"identityProvider", "idp"},
                                                           {"subject", "s"},
                                                           {"claims", json::Object()}})),
            "skipped");
  EXPECT_EQ(verdict(provision(good())), "skipped");
  EXPECT_EQ(verdict(provision(good() + "A")), "JIT-1614");
}

TEST_F(IdToken, OfASettingThatHasChangedIsJudgedByTheNewOne) {
  EXPECT_EQ(verdict(provision(good())), "created");
  take("idp", R"(, "algorithms": ["ES256"])");
  EXPECT_EQ(verdict(provision(good())), "JIT-1612");
  EXPECT_EQ(verdict(provision(ec().token(Algorithm::kEs256, "e", claims()))), "unchanged");
  take("idp", R"(, "maxAgeSeconds": 600)");
  json::Object old = changed("iat", nowSeconds() - 661);
  EXPECT_EQ(verdict(provision(rsa().token(Algorithm::kRs256, "r", old))), "JIT-1619");
}

TEST_F(IdToken, J13_OfANewKeyIsTakenAndOfARemovedOneIsRefused) {
  EXPECT_EQ(verdict(provision(good())), "created");
  const TokenSigner next(KeyType::kP256);
  publish({next.jwk("next")});
  EXPECT_EQ(verdict(provision(next.token(Algorithm::kEs256, "next", claims()))), "unchanged");
  EXPECT_EQ(verdict(provision(good())), "JIT-1613");
}

TEST_F(IdToken, WithoutKeysIsRefusedForNow) {
  std::filesystem::remove(keyFile());
  const auto refused = provision(good());
  EXPECT_EQ(refused.status, 503) << refused.body;
  EXPECT_EQ(verdict(refused), "JIT-1621");
  EXPECT_TRUE(refused.headers.first("Retry-After"));
  EXPECT_EQ(refused.body.find(keyFile()), std::string::npos) << "no path of the machine";
}

TEST_F(IdToken, IsExplainedStepByStepAndNeverRepeated) {
  const auto explained = send("/jit/v1/explain", body(good()));
  ASSERT_EQ(explained.status, 200) << explained.body;
  const json::Value answer = read(explained);
  EXPECT_EQ(answer.stringAt("outcome"), "created");
  EXPECT_EQ(answer.stringAt("subject"), "s-1");
  std::string steps;
  for (const json::Value& step : *answer.find("trace")->array()) {
    if (step.stringAt("step") != "idToken") continue;
    steps += std::string(*step.stringAt("rule")) + "|" + std::string(*step.stringAt("input")) +
             "|" + std::string(*step.stringAt("outcome")) + "\n";
  }
  EXPECT_EQ(steps,
            "signature|alg RS256, kid r|holds\nissuer|iss|good\naudience|aud, azp|good\n"
            "times|exp, nbf, iat|good\nsubject|sub|good\n");
  EXPECT_EQ(count("corp.users"), 0U);

  const std::string token = rsa().token(Algorithm::kRs256, "r", changed("aud", "hidden-client"));
  const auto refused = send("/jit/v1/explain", body(token));
  ASSERT_EQ(refused.status, 200);
  EXPECT_EQ(read(refused).stringAt("outcome"), "refused");
  EXPECT_EQ(read(refused).find("subject"), nullptr);
  EXPECT_EQ(read(refused).find("problem")->stringAt("code"), "JIT-1616");
  EXPECT_EQ(refused.body.find(token.substr(token.rfind('.') + 1)), std::string::npos);
  EXPECT_EQ(refused.body.find("hidden-client"), std::string::npos);
}

}  // namespace
}  // namespace vestibule::http
