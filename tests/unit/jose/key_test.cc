#include "jose/key.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "json/parse.h"
#include "support/token_signer.h"

namespace vestibule::jose {
namespace {

using test::TokenSigner;

const TokenSigner& signerOf(KeyType type) {
  static const TokenSigner p256(KeyType::kP256);
  static const TokenSigner p384(KeyType::kP384);
  static const TokenSigner p521(KeyType::kP521);
  static const TokenSigner ed25519(KeyType::kEd25519);
  switch (type) {
    case KeyType::kP256:
      return p256;
    case KeyType::kP384:
      return p384;
    case KeyType::kP521:
      return p521;
    case KeyType::kEd25519:
      return ed25519;
    case KeyType::kRsa:
      break;
  }
  return test::sharedRsaSigner();
}

PublicKey keyOf(KeyType type) { return PublicKey::fromJwk(signerOf(type).jwk()).value(); }

TEST(PublicKey, VerifiesWhatItsOwnerSignedByEachAlgorithmAndNothingElse) {
  const std::string text = "header.payload";
  for (const Algorithm algorithm : kAlgorithms) {
    SCOPED_TRACE(nameOf(algorithm));
    const KeyType type = keyTypeOf(algorithm);
    const PublicKey key = keyOf(type);
    EXPECT_EQ(key.type(), type);
    const std::string signature = signerOf(type).signature(algorithm, text);
    EXPECT_TRUE(key.verifies(algorithm, text, signature));
    EXPECT_FALSE(key.verifies(algorithm, "header.paylOad", signature));
    EXPECT_FALSE(key.verifies(algorithm, "", signature));
    const PublicKey other = PublicKey::fromJwk(TokenSigner(type, 2'048).jwk()).value();
    EXPECT_FALSE(other.verifies(algorithm, text, signature)) << "another key of the type";
  }
}

TEST(PublicKey, J1_VerifiesByTheAlgorithmOfTheSignatureAlone) {
  const std::string text = "header.payload";
  for (const Algorithm signed_by : kAlgorithms) {
    const KeyType type = keyTypeOf(signed_by);
    const std::string signature = signerOf(type).signature(signed_by, text);
    for (const Algorithm tried : kAlgorithms) {
      const bool same = tried == signed_by ||
                        (type == KeyType::kEd25519 && keyTypeOf(tried) == KeyType::kEd25519);
      EXPECT_EQ(keyOf(type).verifies(tried, text, signature), same)
          << nameOf(signed_by) << " as " << nameOf(tried);
    }
  }
}

TEST(PublicKey, J1_RefusesEverySignatureThatIsChanged) {
  const std::string text = "header.payload";
  for (const Algorithm algorithm : kAlgorithms) {
    SCOPED_TRACE(nameOf(algorithm));
    const KeyType type = keyTypeOf(algorithm);
    const PublicKey key = keyOf(type);
    const std::string good = signerOf(type).signature(algorithm, text);
    for (const std::size_t at : {std::size_t{0}, good.size() / 2, good.size() - 1}) {
      std::string changed = good;
      changed[at] = static_cast<char>(changed[at] ^ 1);
      EXPECT_FALSE(key.verifies(algorithm, text, changed)) << "byte " << at;
    }
    EXPECT_FALSE(key.verifies(algorithm, text, ""));
    EXPECT_FALSE(key.verifies(algorithm, text, good.substr(1)));
    EXPECT_FALSE(key.verifies(algorithm, text, good + '\0')) << "a byte behind it";
    EXPECT_FALSE(key.verifies(algorithm, text, '\0' + good)) << "a byte before it";
    EXPECT_FALSE(key.verifies(algorithm, text, std::string(good.size(), '\0'))) << "r = s = 0";
    EXPECT_FALSE(key.verifies(algorithm, text, std::string(good.size(), '\xff')));
    EXPECT_FALSE(key.verifies(algorithm, text,
                              good.substr(0, good.size() / 2) + std::string(good.size() / 2, '\0')))
        << "s = 0";
  }
}

/// r and s side by side → DER.
std::string derOf(const std::string& raw) {
  const auto integer = [](std::string bytes) {
    while (bytes.size() > 1 && bytes.front() == '\0') bytes.erase(0, 1);
    if (static_cast<unsigned char>(bytes.front()) >= 0x80) bytes.insert(0, 1, '\0');
    return "\x02" + std::string(1, static_cast<char>(bytes.size())) + bytes;
  };
  const std::string inside =
      integer(raw.substr(0, raw.size() / 2)) + integer(raw.substr(raw.size() / 2));
  return "\x30" + std::string(1, static_cast<char>(inside.size())) + inside;
}

TEST(PublicKey, J1_TakesNoDerFromECDSA) {
  // What OpenSSL itself would take, and JWS does not (RFC 7518 §3.4).
  const std::string raw = signerOf(KeyType::kP256).signature(Algorithm::kEs256, "text");
  ASSERT_TRUE(keyOf(KeyType::kP256).verifies(Algorithm::kEs256, "text", raw));
  EXPECT_FALSE(keyOf(KeyType::kP256).verifies(Algorithm::kEs256, "text", derOf(raw)));
}

struct BadKey {
  const char* what;
  std::string jwk;
};

TEST(PublicKey, IsNotMadeOfWhatIsNone) {
  const auto rsa = [](unsigned bits) { return TokenSigner(KeyType::kRsa, bits).jwk(); };
  const auto text = [](const json::Object& jwk, std::string_view name) {
    return *jwk.find(name)->string();
  };
  const json::Object weak = rsa(1'024);
  const auto& ec = signerOf(KeyType::kP256).jwk();
  const std::string n(text(test::sharedRsaSigner().jwk(), "n"));
  const std::string x(text(ec, "x"));
  const std::string y(text(ec, "y"));
  const std::string short_x = toBase64Url(fromBase64Url(x)->substr(1));
  const auto rsaKey = [](const std::string& modulus, const std::string& exponent) {
    return R"({"kty":"RSA","n":")" + modulus + R"(","e":")" + exponent + "\"}";
  };
  const auto point = [](const std::string& curve, const std::string& one, const std::string& two) {
    return R"({"kty":"EC","crv":")" + curve + R"(","x":")" + one + R"(","y":")" + two + "\"}";
  };
  const BadKey cases[] = {
      {"no type", "{}"},
      {"a type that is no string", R"({"kty":["RSA"]})"},
      {"a secret", R"({"kty":"oct","k":"c2VjcmV0"})"},
      {"an unknown type", R"({"kty":"AKP"})"},
      {"RSA of 1024 bits", rsaKey(text(weak, "n"), "AQAB")},
      {"RSA of 16384 bits", rsaKey(toBase64Url(std::string(2'048, '\xff')), "AQAB")},
      {"the exponent 1", rsaKey(n, "AQ")},
      {"an even exponent", rsaKey(n, "AQAA")},
      {"a long exponent", rsaKey(n, toBase64Url(std::string(9, '\xff')))},
      {"an even modulus", rsaKey(toBase64Url(std::string(255, '\xff') + '\xfe'), "AQAB")},
      {"no exponent", R"({"kty":"RSA","n":")" + n + "\"}"},
      {"padding", rsaKey(n + "==", "AQAB")},
      {"a private RSA key", R"({"kty":"RSA","e":"AQAB","d":"AQ","n":")" + n + "\"}"},
      {"a point that is not on the curve", point("P-256", x, x)},
      {"a point of another curve", point("P-384", x, y)},
      {"a coordinate without its zeros", point("P-256", short_x, y)},
      {"no second coordinate", R"({"kty":"EC","crv":"P-256","x":")" + x + "\"}"},
      {"a curve that is not used", point("secp256k1", x, y)},
      {"no curve", R"({"kty":"EC","x":"AQ","y":"AQ"})"},
      {"Ed448", R"({"kty":"OKP","crv":"Ed448","x":")" + x + "\"}"},
      {"a key for agreement", R"({"kty":"OKP","crv":"X25519","x":")" + x + "\"}"},
      {"an Ed25519 key of 31 bytes", R"({"kty":"OKP","crv":"Ed25519","x":")" + short_x + "\"}"},
  };
  for (const BadKey& look : cases) {
    const auto jwk = json::parse(look.jwk);
    ASSERT_TRUE(jwk) << look.what;
    const auto key = PublicKey::fromJwk(*jwk->object());
    ASSERT_FALSE(key) << look.what;
    EXPECT_EQ(key.error().kind, ErrorKind::kInvalidValue) << look.what;
  }
}

}  // namespace
}  // namespace vestibule::jose
