#include "jose/token.h"

#include <gtest/gtest.h>

#include "jose/faults.h"
#include "jose/jws.h"
#include "json/write.h"
#include "support/token_signer.h"

namespace vestibule::jose {
namespace {

using test::TokenSigner;

constexpr std::int64_t kSeconds = 1'800'000'000;

class Token : public ::testing::Test {
 protected:
  Token() {
    rules_.algorithms.assign(kAlgorithms.begin(), kAlgorithms.end());
    rules_.claims.issuer = "https://idp.example";
    rules_.claims.audiences = {"gateway"};
  }

  static json::Object claims() {
    return {{"iss", "https://idp.example"},
            {"aud", "gateway"},
            {"sub", "s-1"},
            {"exp", kSeconds + 60},
            {"iat", kSeconds}};
  }
  /// The claims as text, or the fault and what the witness was told last.
  std::string verdict(const std::string& token) {
    std::string last;
    const auto verified = verifyToken(
        token, rules_, source_, kSeconds * 1'000'000,
        [&](std::string_view rule, std::string_view, std::string_view) { last = rule; });
    if (verified) return json::write(*verified);
    return verified.error().code + " at " + last;
  }

  TokenRules rules_;
  TokenSigner ec_{KeyType::kP256};
  TokenSigner ed_{KeyType::kEd25519};
  bool down_ = false;
  std::vector<json::Object> keys_{ec_.jwk("e"), ed_.jwk("d")};
  KeySource source_{"test",
                    [this](const std::atomic<bool>&) -> Result<FetchedKeys> {
                      if (down_) return internalFailure("down");
                      return FetchedKeys{test::keySetText(keys_), std::nullopt};
                    },
                    {.unknown_key = std::chrono::seconds(0)}};
};

TEST_F(Token, GivesItsClaims) {
  EXPECT_EQ(verdict(ec_.token(Algorithm::kEs256, "e", claims())), json::write(claims()));
  EXPECT_EQ(verdict(ed_.token(Algorithm::kEdDsa, "d", claims())), json::write(claims()));
  EXPECT_EQ(verdict(ed_.token(Algorithm::kEd25519, "d", claims())), json::write(claims()));
}

TEST_F(Token, SaysAtWhichStepItIsRefused) {
  EXPECT_EQ(verdict("x"), "token-malformed at form");
  EXPECT_EQ(verdict(test::compact(R"({"alg":"none"})", json::write(claims()), "")),
            "token-algorithm at algorithm");
  EXPECT_EQ(verdict(ec_.token(Algorithm::kEs256, "x", claims())), "token-unknown-key at signature");
  EXPECT_EQ(verdict(ed_.token(Algorithm::kEdDsa, R"({"alg":"ES256","kid":"e"})", "{}")),
            "token-signature at signature");
  EXPECT_EQ(verdict(ec_.token(Algorithm::kEs256, R"({"alg":"ES256","kid":"e"})", "[]")),
            "token-malformed at form");
  EXPECT_EQ(verdict(ec_.token(Algorithm::kEs256, "e", {{"iss", "x"}})), "token-issuer at issuer");
}

TEST_F(Token, SaysNothingOfItsClaimsBeforeItsSignatureHolds) {
  // Bad claims and a bad signature: the signature is what is told.
  EXPECT_EQ(verdict(ed_.token(Algorithm::kEdDsa, R"({"alg":"ES256","kid":"e"})", R"({"iss":"x"})")),
            "token-signature at signature");
}

TEST_F(Token, J1_IsSignedByAnAlgorithmOfTheList) {
  rules_.algorithms = {Algorithm::kEdDsa};
  EXPECT_EQ(verdict(ed_.token(Algorithm::kEdDsa, "d", claims())), json::write(claims()));
  EXPECT_EQ(verdict(ed_.token(Algorithm::kEd25519, "d", claims())), "token-algorithm at algorithm");
  EXPECT_EQ(verdict(ec_.token(Algorithm::kEs256, "e", claims())), "token-algorithm at algorithm");
}

TEST_F(Token, J1_AKeyWithAnAlgorithmSignsByNoOther) {
  json::Object bound = test::sharedRsaSigner().jwk("r");
  bound.set("alg", "PS256");
  keys_ = {bound};
  const auto& rsa = test::sharedRsaSigner();
  EXPECT_EQ(verdict(rsa.token(Algorithm::kPs256, "r", claims())), json::write(claims()));
  EXPECT_EQ(verdict(rsa.token(Algorithm::kRs256, "r", claims())), "token-unknown-key at signature");
}

TEST_F(Token, IsAnIdTokenByItsType) {
  const auto of_type = [&](const std::string& type) {
    return verdict(ec_.token(Algorithm::kEs256,
                             std::string_view(R"({"alg":"ES256","kid":"e","typ":")" + type + "\"}"),
                             json::write(claims())));
  };
  for (const char* type : {"JWT", "jwt", "application/jwt", ""}) {
    EXPECT_EQ(of_type(type), json::write(claims())) << type;
  }
  for (const char* type :
       {"at+jwt", "application/at+jwt", "logout+jwt", "secevent+jwt", "JOSE", "JWT ", "dpop+jwt"}) {
    EXPECT_EQ(of_type(type), "token-malformed at form") << type;
  }
}

TEST_F(Token, J2_OfANewKeyHasTheKeysReadAnew) {
  EXPECT_EQ(verdict(ec_.token(Algorithm::kEs256, "e", claims())), json::write(claims()));
  const TokenSigner next(KeyType::kP256);
  keys_ = {next.jwk("n")};
  EXPECT_EQ(verdict(next.token(Algorithm::kEs256, "n", claims())), json::write(claims()));
  EXPECT_EQ(verdict(ec_.token(Algorithm::kEs256, "e", claims())), "token-unknown-key at signature");
}

TEST_F(Token, J13_WithoutAKeysNameFollowsTheRotationToo) {
  keys_ = {ec_.jwk()};
  EXPECT_EQ(verdict(ec_.token(Algorithm::kEs256, "", claims())), json::write(claims()));
  const TokenSigner next(KeyType::kP256);
  keys_ = {next.jwk()};
  EXPECT_EQ(verdict(next.token(Algorithm::kEs256, "", claims())), json::write(claims()));
  EXPECT_EQ(verdict(ec_.token(Algorithm::kEs256, "", claims())), "token-signature at signature");
}

TEST_F(Token, IsRefusedForNowWithoutKeys) {
  down_ = true;
  EXPECT_EQ(verdict(ec_.token(Algorithm::kEs256, "e", claims())), "keys-unavailable at signature");
}

}  // namespace
}  // namespace vestibule::jose
