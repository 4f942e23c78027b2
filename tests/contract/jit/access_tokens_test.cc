// Access tokens of other issuers, and rates, as a request meets them: whom `authenticate` lets in
// as what, and whom not.

#include "directory/access_tokens.h"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include "base/crypto.h"
#include "contract/jit/jit_test.h"
#include "directory/audit.h"
#include "directory/failed_attempts.h"
#include "directory/token_issuers.h"
#include "directory/tokens.h"
#include "http/authentication.h"
#include "http/error_response.h"
#include "http/scim_request.h"
#include "json/merge_patch.h"
#include "support/temporary_folder.h"
#include "support/token_signer.h"

namespace vestibule::http {
namespace {

using directory::Scope;
using jose::Algorithm;
using jose::KeyType;
using test::TokenSigner;

const TokenSigner& ec() {
  static const TokenSigner signer(KeyType::kP256);
  return signer;
}

class AccessTokensTest : public jit::test::JitTest {
 protected:
  AccessTokensTest() {
    context_.access_tokens = &access_tokens_;
    context_.failed_attempts = &failed_attempts_;
    publish({ec().jwk("e")});
    issuer("{}");
  }

  [[nodiscard]] std::string keyFile() const { return (folder_.path() / "keys.json").string(); }
  void publish(const std::vector<json::Object>& keys) const {
    std::ofstream(keyFile(), std::ios::trunc) << test::keySetText(keys);
  }
  [[nodiscard]] json::Value document(const std::string& changes,
                                     const std::string& name = "as") const {
    json::Value document =
        jit::test::parsed(R"({"name": ")" + name + R"(", "issuer": "https://as.example",
            "audiences": ["https://id.example/scim"], "jwksUri": ")" +
                          keyFile() + R"(",
            "scopes": ["scim:read", "scim:write", "me:read"], "domains": ["CORP"]})");
    json::mergePatch(document, jit::test::parsed(changes));
    return document;
  }
  /// Lets an issuer in, with changes to its settings.
  void issuer(const std::string& changes) {
    must(directory::applyTokenIssuer(context_, document(changes)));
  }

  static std::int64_t nowSeconds() { return now() / 1'000'000; }
  /// The claims of a good token, with changes.
  static json::Object claims(const std::string& changes = "{}") {
    json::Value claims = json::Object{{"iss", "https://as.example"},
                                      {"aud", "https://id.example/scim"},
                                      {"sub", "s-1"},
                                      {"client_id", "okta"},
                                      {"iat", nowSeconds()},
                                      {"exp", nowSeconds() + 300},
                                      {"jti", "1"},
                                      {"scope", "openid scim:read"}};
    json::mergePatch(claims, jit::test::parsed(changes));
    return *claims.object();
  }
  static std::string signedBy(
      const TokenSigner& signer, const json::Object& claims,
      const std::string& header = R"({"alg":"ES256","kid":"e","typ":"at+jwt"})") {
    return signer.token(Algorithm::kEs256, header, json::write(claims));
  }
  static std::string good(const std::string& changes = "{}") {
    return signedBy(ec(), claims(changes));
  }

  static Request request(const std::string& token, const std::string& peer = "192.0.2.1") {
    Request request;
    request.path = "/scim/v2/Me";
    request.peer = peer;
    request.headers.add("Authorization", "Bearer " + token);
    return request;
  }
  Result<Caller> enter(const std::string& token) { return authenticate(request(token), context_); }
  /// Why a token does not open anything; empty when it does.
  std::string refused(const std::string& token) {
    const auto caller = identify(request(token), context_);
    if (caller) return "";
    EXPECT_EQ(caller.error().kind, ErrorKind::kUnauthenticated);
    EXPECT_EQ(caller.error().code, "invalid_token");
    return caller.error().detail;
  }

  test::TemporaryFolder folder_;
  // What is unknown is looked up at once.
  directory::AccessTokens access_tokens_{{}, {.unknown_key = std::chrono::seconds(0)}};
  directory::FailedAttempts failed_attempts_;
};

TEST_F(AccessTokensTest, AGoodTokenIsAPrincipalWithWhatBothItAndTheSettingsAllow) {
  const auto caller = must(enter(good(R"({"scope": "openid scim:read admin"})")));
  EXPECT_TRUE(caller.principal->has(Scope::kScimRead));
  EXPECT_FALSE(caller.principal->has(Scope::kScimWrite));  // not in the token
  EXPECT_FALSE(caller.principal->has(Scope::kAdmin));      // not in the settings
  EXPECT_EQ(caller.principal->name, "as:okta");
  EXPECT_EQ(caller.principal->token_id.size(), 32U);
  EXPECT_FALSE(caller.principal->all_domains);
  EXPECT_TRUE(caller.principal->sees(DomainNumber(2)));
  EXPECT_FALSE(caller.principal->sees(DomainNumber(1)));
  const auto same = must(enter(good(R"({"sub": "s-2", "jti": "2"})")));
  EXPECT_EQ(same.principal->token_id, caller.principal->token_id);
  const auto other = must(enter(good(R"({"client_id": "entra"})")));
  EXPECT_NE(other.principal->token_id, caller.principal->token_id);
}

TEST_F(AccessTokensTest, ATokenWithoutAScopeOfOursMayNothing) {
  for (const char* scope : {R"({"scope": "openid"})", R"({"scope": ""})", R"({"scope": null})",
                            R"({"scope": 1})", R"({"scope": ["admin"]})"}) {
    const auto caller = authorize(request(good(scope)), context_, Scope::kScimRead);
    ASSERT_FALSE(caller) << scope;
    EXPECT_EQ(caller.error().kind, ErrorKind::kForbidden);
    EXPECT_EQ(caller.error().code, kInsufficientScope);
  }
}

TEST_F(AccessTokensTest, ScopesAndClientsAreReadAsTheSettingsSay) {
  issuer(R"({"scopeClaim": "scp", "scopePrefix": "api://id/", "clientClaim": "azp",
             "clients": ["entra"], "types": ["JWT"]})");
  const auto token = [](const std::string& changes) {
    return signedBy(ec(), claims(changes), R"({"alg":"ES256","kid":"e"})");
  };
  const auto caller = must(enter(token(
      R"({"scp": ["api://id/scim:write", "scim:read", 1], "azp": "entra", "client_id": null})")));
  EXPECT_TRUE(caller.principal->has(Scope::kScimWrite));
  EXPECT_FALSE(caller.principal->has(Scope::kScimRead));
  EXPECT_NE(refused(token(R"({"azp": "okta"})")).find("none of those"), std::string::npos);
  EXPECT_NE(refused(token(R"({"azp": null})")).find("'azp'"), std::string::npos);
  EXPECT_NE(refused(good()).find("'typ'"), std::string::npos);  // at+jwt is not allowed now
}

TEST_F(AccessTokensTest, WhatIsNotAGoodTokenOpensNothing) {
  static const TokenSigner stranger(KeyType::kP256);
  const auto header = [](const std::string& text) { return signedBy(ec(), claims(), text); };
  const std::string token = good();
  const struct {
    const char* what;
    std::string token;
    const char* reason;
  } cases[] = {
      {"another key", signedBy(stranger, claims()), "signature"},
      {"an unknown key", header(R"({"alg":"ES256","kid":"x","typ":"at+jwt"})"), "key"},
      {"no signature", header(R"({"alg":"none","typ":"at+jwt"})"), "'none'"},
      {"an ID token of the same issuer", header(R"({"alg":"ES256","kid":"e","typ":"JWT"})"), "typ"},
      {"without typ", header(R"({"alg":"ES256","kid":"e"})"), "typ"},
      {"another issuer", good(R"({"iss": "https://other.example"})"), "no issuer"},
      {"an issuer with a slash more", good(R"({"iss": "https://as.example/"})"), "no issuer"},
      {"no issuer", good(R"({"iss": null})"), "no issuer"},
      {"another audience", good(R"({"aud": "https://other.example"})"), "another audience"},
      {"no audience", good(R"({"aud": null})"), "'aud'"},
      {"expired", good(R"({"exp": )" + std::to_string(nowSeconds() - 61) + "}"), "expired"},
      {"not yet", good(R"({"nbf": )" + std::to_string(nowSeconds() + 120) + "}"), "not valid yet"},
      {"no subject", good(R"({"sub": null})"), "'sub'"},
      {"an empty subject", good(R"({"sub": ""})"), "'sub'"},
      {"no client", good(R"({"client_id": null})"), "'client_id'"},
      {"an empty client", good(R"({"client_id": ""})"), "'client_id'"},
      {"a client that is no text", good(R"({"client_id": 7})"), "'client_id'"},
      {"cut off", token.substr(0, token.size() - 4), ""},
      {"two tokens", token + "." + token, ""},
      {"dots", "..", ""},
  };
  for (const auto& look : cases) {
    SCOPED_TRACE(look.what);
    const auto reason = refused(look.token);
    EXPECT_FALSE(reason.empty());
    EXPECT_NE(reason.find(look.reason), std::string::npos) << reason;
    EXPECT_EQ(reason.find("s-1"), std::string::npos);
  }
  EXPECT_EQ(refused(token), "");
  // Several audiences are no matter for an access token.
  EXPECT_EQ(refused(good(R"({"aud": ["a", "https://id.example/scim"], "azp": "okta"})")), "");
}

TEST_F(AccessTokensTest, WhatIsRememberedHoldsAsLongAsTokenAndSettingsDo) {
  const std::string token = good();
  const auto at_once = [&] { return identifyAtOnce(request(token), context_).has_value(); };
  EXPECT_FALSE(at_once());  // nobody has verified it yet
  must(enter(token));
  EXPECT_TRUE(at_once());
  const auto& catalog = *catalog_->current();
  const auto digest = sha256(token);
  EXPECT_NE(access_tokens_.remembered(catalog, digest, now() + 59'000'000), nullptr);
  EXPECT_EQ(access_tokens_.remembered(catalog, digest, now() + 61'000'000), nullptr);
  const std::string short_lived =
      good(R"({"exp": )" + std::to_string(nowSeconds() - 40) + "}");  // within the skew of 60 s
  must(enter(short_lived));
  EXPECT_EQ(access_tokens_.remembered(catalog, sha256(short_lived), now() + 21'000'000), nullptr);

  issuer(R"({"scopes": ["scim:write"]})");
  EXPECT_FALSE(at_once());
  EXPECT_FALSE(must(enter(token)).principal->has(Scope::kScimRead));
  issuer(R"({"enabled": false})");
  EXPECT_FALSE(refused(token).empty());
  issuer("{}");
  EXPECT_EQ(refused(token), "");
  must(directory::removeTokenIssuer(context_, "as"));
  EXPECT_FALSE(refused(token).empty());
}

TEST_F(AccessTokensTest, KeysRotate) {
  static const TokenSigner next(KeyType::kP256);
  must(enter(good()));
  publish({next.jwk("n")});
  const std::string header = R"({"alg":"ES256","kid":"n","typ":"at+jwt"})";
  EXPECT_EQ(refused(signedBy(next, claims(), header)), "");
  EXPECT_FALSE(refused(good(R"({"jti": "another"})")).empty());  // the old key is gone
}

TEST_F(AccessTokensTest, AnIssuerThatComesBackHasTheKeysOfNowAndOthersKeepTheirs) {
  static const TokenSigner next(KeyType::kP256);
  const auto others = folder_.path() / "others.json";
  std::filesystem::copy_file(keyFile(), others);
  must(directory::applyTokenIssuer(
      context_,
      document(R"({"issuer": "https://b.example", "jwksUri": ")" + others.string() + R"("})",
               "b")));
  must(enter(good()));
  must(enter(good(R"({"iss": "https://b.example"})")));
  // Whoever reads now finds none.
  std::filesystem::remove(others);
  must(directory::removeTokenIssuer(context_, "as"));
  publish({next.jwk("n")});
  issuer("{}");
  EXPECT_FALSE(refused(good(R"({"jti": "another"})")).empty());  // by a key of before
  EXPECT_EQ(refused(signedBy(next, claims(), R"({"alg":"ES256","kid":"n","typ":"at+jwt"})")), "");
  EXPECT_EQ(refused(good(R"({"iss": "https://b.example", "jti": "another"})")), "");
}

TEST_F(AccessTokensTest, WithoutKeysNobodyKnowsAndItIsNotTheClientsFault) {
  std::filesystem::remove(keyFile());
  const auto caller = enter(good());
  ASSERT_FALSE(caller);
  EXPECT_EQ(caller.error().kind, ErrorKind::kUnavailable);
}

TEST_F(AccessTokensTest, MeIsTheUserWhomTheIdentityProviderCallsByTheSubject) {
  usual();
  const auto bob = must(login("s-1", R"({"uid": "bob"})").decision).user->resource.meta.id;
  const std::string token = good(R"({"scope": "me:read"})");
  const auto me = [&](const std::string& text) {
    return authorizeForSelf(request(text), context_, Scope::kScimRead);
  };
  ASSERT_FALSE(me(token));
  EXPECT_EQ(me(token).error().kind, ErrorKind::kNotImplemented);
  issuer(R"({"identityProvider": "idp"})");
  const auto caller = must(me(token));
  EXPECT_EQ(caller.principal->user, bob);
  EXPECT_EQ(me(good(R"({"scope": "me:read", "sub": "s-9"})")).error().kind,
            ErrorKind::kNotImplemented);
  EXPECT_EQ(me(good(R"({"scope": "openid"})")).error().kind, ErrorKind::kForbidden);
}

TEST_F(AccessTokensTest, SettingsNameWhatThereIs) {
  const auto refusal = [&](const std::string& changes, const std::string& name = "as") {
    const auto applied = directory::applyTokenIssuer(context_, document(changes, name));
    return applied ? "" : applied.error().detail;
  };
  EXPECT_NE(refusal(R"({"domains": ["NOWHERE"]})").find("/domains"), std::string::npos);
  EXPECT_NE(refusal(R"({"identityProvider": "none"})").find("/identityProvider"),
            std::string::npos);
  EXPECT_NE(refusal("{}", "other").find("another token issuer has this issuer"), std::string::npos);
  EXPECT_EQ(count("control.token_issuers"), 1U);
}

TEST_F(AccessTokensTest, ADomainOfTheSameNameLaterIsAnother) {
  must(directory::deleteDomain(context_, "CORP", "CORP", {}));
  must(directory::createDomain(context_, migrations_, jit::test::parsed(R"({"name": "CORP"})")));
  const auto caller = must(enter(good()));
  EXPECT_FALSE(caller.principal->all_domains);
  const auto catalog = catalog_->current();
  EXPECT_FALSE(caller.principal->sees(catalog->findDomain("CORP")->tables().number));
}

TEST_F(AccessTokensTest, ChangesOfIssuersAreInTheAudit) {
  const directory::Author author{"a-1", "operator", "r-1"};
  const auto other = document(R"({"issuer": "https://b.example"})", "b");
  must(directory::applyTokenIssuer(context_, other, {}, author));
  must(directory::applyTokenIssuer(context_, other, {}, author));  // nothing new
  must(directory::patchTokenIssuer(context_, "b", jit::test::parsed(R"({"enabled": false})"), {},
                                   author));
  must(directory::removeTokenIssuer(context_, "b", {}, author));
  std::vector<std::string> actions;
  for (const auto& event : must(directory::auditOfRequest(context_, "r-1", 10))) {
    actions.push_back(event.action + " " + event.target);
  }
  EXPECT_EQ(actions, (std::vector<std::string>{"token-issuer.deleted b", "token-issuer.updated b",
                                               "token-issuer.created b"}));
}

TEST_F(AccessTokensTest, EachClientOfAnIssuerHasTheRateOfTheSettings) {
  issuer(R"({"requestsPerMinute": 2})");
  for (const char* client : {R"({"client_id": "a"})", R"({"client_id": "b"})"}) {
    must(enter(good(client)));
    // Another token of the same client is no way out.
    must(enter(good(std::string(client).insert(1, R"("jti": "2", )"))));
    const auto third = enter(good(client));
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().kind, ErrorKind::kTooManyRequests);
    EXPECT_EQ(third.error().retry_after, 30U);
  }
}

TEST_F(AccessTokensTest, ATokenOfOursHasTheRateThatItWasGiven) {
  auto token = must(directory::createToken(context_, {.name = "t",
                                                      .scopes = "scim:read",
                                                      .domains = {},
                                                      .expires = {},
                                                      .requests_per_minute = 2}));
  must(enter(token.text));
  must(enter(token.text));
  const auto third = enter(token.text);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().kind, ErrorKind::kTooManyRequests);
  EXPECT_EQ(third.error().retry_after, 30U);
  // Neither a rotation nor a new catalog is a way out.
  token = must(directory::rotateToken(context_, "t", std::chrono::seconds(0), {}));
  EXPECT_FALSE(enter(token.text));
  directory::TokenChange change;
  change.requests_per_minute.emplace();
  must(directory::changeToken(context_, "t", change));
  must(enter(token.text));
}

TEST_F(AccessTokensTest, ARequestCountsForTheDomainThatItIsAbout) {
  const auto corp = catalog_->current()->findDomain("CORP")->tables().number;
  must(directory::changeDomain(context_, corp,
                               jit::test::parsed(R"({"settings": {"requestsPerMinute": 2}})"), {}));
  const auto made = [&](const std::string& name, std::optional<std::vector<std::string>> domains) {
    return must(directory::createToken(context_, {name, "scim:read", std::move(domains), {}})).text;
  };
  const std::string everywhere = made("everywhere", {});
  const std::string bound = made("bound", std::vector<std::string>{"CORP"});
  const auto in_corp = ResourceId::generate(corp, ResourceKind::kUser).text();
  const auto elsewhere = ResourceId::generate(DomainNumber(1), ResourceKind::kUser).text();
  using Parameter = std::pair<std::string, std::string>;
  const struct {
    const char* what;
    std::string token;
    Parameter parameter;
    std::optional<std::string_view> only;
    bool counts;
  } cases[] = {
      {"by the base URL", everywhere, {"domain", "CORP"}, {}, true},
      {"by ?domain=", everywhere, {}, "CORP", true},
      {"by the id", everywhere, {"id", in_corp}, {}, true},
      {"by the token", bound, {}, {}, true},
      {"another domain", everywhere, {"domain", "PRIMARY"}, {}, false},
      {"an id of another", everywhere, {"id", elsewhere}, {}, false},
      {"all domains", everywhere, {}, {}, false},
  };
  for (const auto& look : cases) {
    SCOPED_TRACE(look.what);
    // A new process, as it were: nothing has been counted.
    catalog_ = must(directory::CatalogWatch::start(*database_, false));
    context_.catalog = catalog_.get();
    auto asked = request(look.token);
    if (!look.parameter.first.empty()) asked.parameters.push_back(look.parameter);
    const auto caller = must(identify(asked, context_));
    const auto view = [&] { return viewOf(asked, caller, context_, "", look.only); };
    EXPECT_TRUE(view());
    EXPECT_TRUE(view());
    const auto third = view();
    EXPECT_EQ(third.has_value(), !look.counts);
    if (third) continue;
    EXPECT_EQ(third.error().kind, ErrorKind::kTooManyRequests);
    EXPECT_EQ(scimError(third.error()).headers.first("Retry-After"), "30");
    // Settings that change, as those of another domain do, are no way out.
    must(catalog_->refresh());
    EXPECT_FALSE(viewOf(asked, must(identify(asked, context_)), context_, "", look.only));
  }
}

TEST_F(AccessTokensTest, A10_WhoGuessesIsSlowedDownAndNobodyElse) {
  const auto token =
      must(directory::createToken(context_, {"t", "scim:read", std::nullopt, {}})).text;
  ErrorKind kind = ErrorKind::kUnauthenticated;
  for (std::uint32_t i = 0; i < directory::FailedAttempts::kPerMinute; ++i) {
    kind = enter("vst_wrong" + std::to_string(i)).error().kind;
    ASSERT_EQ(kind, ErrorKind::kUnauthenticated);
  }
  const auto slowed = enter("vst_wrong");
  EXPECT_EQ(slowed.error().kind, ErrorKind::kTooManyRequests);
  EXPECT_GE(slowed.error().retry_after.value_or(0), 1U);
  // A valid token is let in from the same address, and a wrong one from another is only wrong.
  must(enter(token));
  const auto elsewhere = authenticate(request("vst_wrong", "192.0.2.2"), context_);
  EXPECT_EQ(elsewhere.error().kind, ErrorKind::kUnauthenticated);
  // Who sends no token at all is not guessing.
  Request bare;
  bare.peer = "192.0.2.1";
  EXPECT_EQ(authenticate(bare, context_).error().kind, ErrorKind::kUnauthenticated);
}

}  // namespace
}  // namespace vestibule::http
