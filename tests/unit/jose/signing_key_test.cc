#include "jose/signing_key.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "jose/jws.h"
#include "jose/key.h"
#include "json/parse.h"

namespace vestibule::jose {
namespace {

const std::string kSecret(32, 's');

SigningKey keyFrom(const std::string& secret) {
  auto key = SigningKey::fromSecret(secret);
  if (!key) throw std::runtime_error(key.error().internal);
  return *std::move(key);
}

TEST(SigningKeyTest, IsTheSameFromTheSameSecret) {
  const auto key = keyFrom(kSecret);
  EXPECT_EQ(key.jwk(), keyFrom(kSecret).jwk());
  EXPECT_NE(key.keyId(), keyFrom(std::string(32, 't')).keyId());
}

TEST(SigningKeyTest, SignsWhatItsPublicKeyVerifies) {
  const auto key = keyFrom(kSecret);
  const auto token = key.sign({{"iss", "me"}}, "secevent+jwt");
  ASSERT_TRUE(token) << token.error().internal;
  const auto jws = parseJws(*token);
  ASSERT_TRUE(jws) << jws.error().detail;
  EXPECT_EQ(jws->algorithm, "ES256");
  EXPECT_EQ(jws->type, "secevent+jwt");
  EXPECT_EQ(jws->key_id, key.keyId());
  EXPECT_EQ(jws->payload, R"({"iss":"me"})");
  const auto verifier = PublicKey::fromJwk(key.jwk());
  ASSERT_TRUE(verifier) << verifier.error().detail;
  EXPECT_TRUE(verifier->verifies(Algorithm::kEs256, jws->signing_input, jws->signature));
  EXPECT_FALSE(verifier->verifies(Algorithm::kEs256, "another text", jws->signature));
  const auto other = PublicKey::fromJwk(keyFrom(std::string(32, 't')).jwk());
  ASSERT_TRUE(other);
  EXPECT_FALSE(other->verifies(Algorithm::kEs256, jws->signing_input, jws->signature));
}

TEST(SigningKeyTest, ShowsNothingPrivate) {
  const auto key = keyFrom(kSecret);
  EXPECT_EQ(key.jwk().find("d"), nullptr);
  EXPECT_EQ(*key.jwk().find("use")->string(), "sig");
  EXPECT_EQ(*key.jwk().find("alg")->string(), "ES256");
  EXPECT_EQ(*key.jwk().find("kid")->string(), key.keyId());
}

}  // namespace
}  // namespace vestibule::jose
