#include "jose/key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <array>
#include <optional>
#include <utility>

#include "base/encoding.h"
#include "jose/openssl_owned.h"

namespace vestibule::jose {
namespace {

constexpr int kMinRsaBits = 2'048;
// Each doubling makes a verification four times as slow.
constexpr int kMaxRsaBits = 8'192;
constexpr int kMaxExponentBits = 64;
constexpr std::size_t kEd25519Bytes = 32;

/// Everything about a curve that JOSE and OpenSSL call by different names.
struct Curve {
  std::string_view name;  ///< `crv`, which OpenSSL knows as well
  KeyType type;
  std::size_t bytes;  ///< of a coordinate, and of r and s
};
constexpr std::array kCurves{Curve{"P-256", KeyType::kP256, 32}, Curve{"P-384", KeyType::kP384, 48},
                             Curve{"P-521", KeyType::kP521, 66}};

tl::unexpected<Error> unusable(std::string reason) {
  return failure(ErrorKind::kInvalidValue, std::move(reason));
}

const unsigned char* bytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::optional<std::string> bytesAt(const json::Object& jwk, std::string_view name) {
  const json::Value* value = jwk.find(name);
  const std::string* text = value == nullptr ? nullptr : value->string();
  if (text == nullptr || text->empty()) return std::nullopt;
  return fromBase64Url(*text);
}

Owned<BIGNUM> numberOf(const std::string& bytes) {
  return Owned<BIGNUM>(BN_bin2bn(bytesOf(bytes), static_cast<int>(bytes.size()), nullptr));
}

std::shared_ptr<EVP_PKEY> shared(Owned<EVP_PKEY> key) { return {key.release(), OpensslFree()}; }

/// A key by the parameters; null when OpenSSL takes them for none.
Owned<EVP_PKEY> keyFrom(const char* type, OSSL_PARAM_BLD* builder) {
  const Owned<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder));
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  const bool made =
      parameters != nullptr && context != nullptr && EVP_PKEY_fromdata_init(context.get()) == 1 &&
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) == 1;
  Owned<EVP_PKEY> owned(key);
  return made ? std::move(owned) : nullptr;
}

/// What OpenSSL itself checks of a public key.
bool isSound(EVP_PKEY* key) {
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  return context != nullptr && EVP_PKEY_public_check(context.get()) == 1;
}

Result<Owned<EVP_PKEY>> readRsa(const json::Object& jwk) {
  const auto modulus_bytes = bytesAt(jwk, "n");
  const auto exponent_bytes = bytesAt(jwk, "e");
  if (!modulus_bytes || !exponent_bytes) return unusable("'n' or 'e' is missing or no base64url");
  if (modulus_bytes->size() > kMaxRsaBits / 8 + 1 || exponent_bytes->size() > 16) {
    return unusable("an RSA key of this size is not taken");
  }
  const auto modulus = numberOf(*modulus_bytes);
  const auto exponent = numberOf(*exponent_bytes);
  const int bits = BN_num_bits(modulus.get());
  if (bits < kMinRsaBits || bits > kMaxRsaBits) {
    return unusable("an RSA key of " + std::to_string(bits) + " bits: 2048 to 8192 are taken");
  }
  // With the exponent 1 every text is its own signature.
  if (BN_is_odd(modulus.get()) == 0 || BN_is_odd(exponent.get()) == 0 ||
      BN_is_one(exponent.get()) == 1 || BN_num_bits(exponent.get()) > kMaxExponentBits) {
    return unusable("the numbers are those of no RSA key");
  }
  const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  if (builder == nullptr ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1) {
    return internalFailure("OpenSSL has no room for a key");
  }
  auto key = keyFrom("RSA", builder.get());
  if (key == nullptr) return unusable("the numbers are those of no RSA key");
  return key;
}

Result<Owned<EVP_PKEY>> readPoint(const json::Object& jwk, const Curve& curve) {
  const auto x = bytesAt(jwk, "x");
  const auto y = bytesAt(jwk, "y");
  // RFC 7518 §6.2.1.2: all bytes of the coordinate, zeros in front included.
  if (!x || !y || x->size() != curve.bytes || y->size() != curve.bytes) {
    return unusable("'x' or 'y' is missing, no base64url, or not of the curve's length");
  }
  const std::string point = '\x04' + *x + *y;
  const std::string name(curve.name);
  const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  if (builder == nullptr ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, name.data(),
                                      name.size()) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return internalFailure("OpenSSL has no room for a key");
  }
  auto key = keyFrom("EC", builder.get());
  if (key == nullptr || !isSound(key.get())) return unusable("the point is not on the curve");
  return key;
}

Result<Owned<EVP_PKEY>> readEd25519(const json::Object& jwk) {
  const auto x = bytesAt(jwk, "x");
  if (!x || x->size() != kEd25519Bytes) return unusable("'x' is not the 32 bytes of a key");
  Owned<EVP_PKEY> key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytesOf(*x), x->size()));
  if (key == nullptr) return unusable("'x' is no key");
  return key;
}

const Curve* curveOf(KeyType type) {
  for (const Curve& curve : kCurves) {
    if (curve.type == type) return &curve;
  }
  return nullptr;
}

/// r and s side by side → the DER of OpenSSL (RFC 7518 §3.4). Nothing for another length.
std::optional<std::string> toDer(std::string_view signature, const Curve& curve) {
  if (signature.size() != 2 * curve.bytes) return std::nullopt;
  auto r = numberOf(std::string(signature.substr(0, curve.bytes)));
  auto s = numberOf(std::string(signature.substr(curve.bytes)));
  const Owned<ECDSA_SIG> pair(ECDSA_SIG_new());
  if (r == nullptr || s == nullptr || pair == nullptr ||
      ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) {
    return std::nullopt;
  }
  // The pair owns them now.
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  unsigned char* written = nullptr;
  const int size = i2d_ECDSA_SIG(pair.get(), &written);
  if (size <= 0) return std::nullopt;
  std::string der(reinterpret_cast<const char*>(written), static_cast<std::size_t>(size));
  OPENSSL_free(written);
  return der;
}

/// Fetched once: an implicit fetch at each verification costs more than the digest.
const EVP_MD* digestOf(Algorithm algorithm) {
  static const EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  static const EVP_MD* const kSha384 = EVP_MD_fetch(nullptr, "SHA384", nullptr);
  static const EVP_MD* const kSha512 = EVP_MD_fetch(nullptr, "SHA512", nullptr);
  switch (algorithm) {
    case Algorithm::kRs256:
    case Algorithm::kPs256:
    case Algorithm::kEs256:
      return kSha256;
    case Algorithm::kRs384:
    case Algorithm::kPs384:
    case Algorithm::kEs384:
      return kSha384;
    case Algorithm::kRs512:
    case Algorithm::kPs512:
    case Algorithm::kEs512:
      return kSha512;
    case Algorithm::kEdDsa:
    case Algorithm::kEd25519:
      break;
  }
  return nullptr;
}

bool isPss(Algorithm algorithm) {
  return algorithm == Algorithm::kPs256 || algorithm == Algorithm::kPs384 ||
         algorithm == Algorithm::kPs512;
}

/// RFC 7518 §3.5: MGF1 by the same digest, a salt as long as it.
bool setPss(EVP_PKEY_CTX* context, const EVP_MD* digest) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest) == 1;
}

}  // namespace

Result<PublicKey> PublicKey::fromJwk(const json::Object& jwk) {
  for (const std::string_view secret : {"d", "k"}) {
    if (jwk.find(secret) != nullptr)
      return unusable("the key is not public: it has its secret part");
  }
  const json::Value* kty = jwk.find("kty");
  const json::Value* crv = jwk.find("crv");
  const std::string* type = kty == nullptr ? nullptr : kty->string();
  const std::string* curve_name = crv == nullptr ? nullptr : crv->string();
  if (type == nullptr) return unusable("'kty' is missing");
  const auto finish = [](KeyType key_type, Result<Owned<EVP_PKEY>> key) -> Result<PublicKey> {
    // What OpenSSL says about keys of others is no news of ours.
    ERR_clear_error();
    if (!key) return propagate(key);
    return PublicKey(key_type, shared(*std::move(key)));
  };
  if (*type == "RSA") return finish(KeyType::kRsa, readRsa(jwk));
  if (*type == "EC" && curve_name != nullptr) {
    for (const Curve& curve : kCurves) {
      if (curve.name == *curve_name) return finish(curve.type, readPoint(jwk, curve));
    }
  }
  if (*type == "OKP" && curve_name != nullptr && *curve_name == "Ed25519") {
    return finish(KeyType::kEd25519, readEd25519(jwk));
  }
  return unusable("keys of this type or curve are not used");
}

bool PublicKey::verifies(Algorithm algorithm, std::string_view text,
                         std::string_view signature) const {
  if (keyTypeOf(algorithm) != type_) return false;
  std::optional<std::string> der;
  if (const Curve* curve = curveOf(type_)) {
    der = toDer(signature, *curve);
    if (!der) return false;
    signature = *der;
  }
  const EVP_MD* digest = digestOf(algorithm);
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* key_context = nullptr;  // the digest context owns it
  const bool holds =
      context != nullptr &&
      EVP_DigestVerifyInit(context.get(), &key_context, digest, nullptr, key_.get()) == 1 &&
      (!isPss(algorithm) || setPss(key_context, digest)) &&
      EVP_DigestVerify(context.get(), bytesOf(signature), signature.size(), bytesOf(text),
                       text.size()) == 1;
  if (!holds) ERR_clear_error();
  return holds;
}

}  // namespace vestibule::jose
