#include "jose/signing_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

#include <array>
#include <utility>

#include "base/crypto.h"
#include "base/encoding.h"
#include "jose/openssl_owned.h"
#include "json/write.h"

namespace vestibule::jose {
namespace {

/// Of a coordinate, and of r and s.
constexpr int kBytes = 32;

const unsigned char* bytesOf(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

tl::unexpected<Error> refused() { return internalFailure("OpenSSL makes no P-256 key"); }

/// A private and a public key as numbers.
struct Numbers {
  Owned<BIGNUM> secret;
  std::array<unsigned char, 2 * kBytes + 1> point{};  ///< uncompressed: 4, x, y
};

/// FIPS 186-5 A.2.1: twice as many bits as the order has, so that no key is likelier than another.
Result<Numbers> numbersOf(std::string_view secret) {
  const Owned<EC_GROUP> group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  const Owned<BN_CTX> context(BN_CTX_new());
  const Owned<BIGNUM> order(BN_new());
  std::string wide = hmacSha256(secret, "P-256 1");
  wide += hmacSha256(secret, "P-256 2");
  Numbers numbers;
  numbers.secret.reset(BN_bin2bn(bytesOf(wide), static_cast<int>(wide.size()), nullptr));
  if (group == nullptr || context == nullptr || order == nullptr || numbers.secret == nullptr) {
    return refused();
  }
  const Owned<EC_POINT> point(EC_POINT_new(group.get()));
  BIGNUM* const key = numbers.secret.get();
  const bool made =
      point != nullptr && EC_GROUP_get_order(group.get(), order.get(), context.get()) == 1 &&
      BN_sub_word(order.get(), 1) == 1 && BN_mod(key, key, order.get(), context.get()) == 1 &&
      BN_add_word(key, 1) == 1 &&
      EC_POINT_mul(group.get(), point.get(), key, nullptr, nullptr, context.get()) == 1 &&
      EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED,
                         numbers.point.data(), numbers.point.size(),
                         context.get()) == numbers.point.size();
  if (!made) return refused();
  return numbers;
}

Owned<EVP_PKEY> keyOf(const Numbers& numbers) {
  const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  if (builder == nullptr ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, numbers.secret.get()) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, numbers.point.data(),
                                       numbers.point.size()) != 1) {
    return nullptr;
  }
  const Owned<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  const bool made = parameters != nullptr && context != nullptr &&
                    EVP_PKEY_fromdata_init(context.get()) == 1 &&
                    EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()) == 1;
  Owned<EVP_PKEY> owned(key);
  return made ? std::move(owned) : nullptr;
}

/// r and s side by side (RFC 7518 §3.4) of a signature in DER; empty when it is none.
std::string joseForm(const std::string& der) {
  const unsigned char* at = bytesOf(der);
  const Owned<ECDSA_SIG> signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  if (signature == nullptr) return {};
  std::array<unsigned char, std::size_t{2} * kBytes> bytes{};
  if (BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), bytes.data(), kBytes) != kBytes ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), bytes.data() + kBytes, kBytes) != kBytes) {
    return {};
  }
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Result<SigningKey> SigningKey::fromSecret(std::string_view secret) {
  const auto numbers = numbersOf(secret);
  if (!numbers) return tl::make_unexpected(numbers.error());
  auto made = keyOf(*numbers);
  if (made == nullptr) return refused();
  SigningKey key;
  key.key_ = {made.release(), OpensslFree()};
  const std::string_view point(reinterpret_cast<const char*>(numbers->point.data()),
                               numbers->point.size());
  key.jwk_ = {{"crv", "P-256"},
              {"kty", "EC"},
              {"x", toBase64Url(point.substr(1, kBytes))},
              {"y", toBase64Url(point.substr(1 + kBytes))}};
  // RFC 7638 §3.2: just these members, in this order.
  key.key_id_ = toBase64Url(sha256(json::write(key.jwk_)));
  key.jwk_.set("kid", key.key_id_);
  key.jwk_.set("use", "sig");
  key.jwk_.set("alg", "ES256");
  return key;
}

Result<std::string> SigningKey::sign(const json::Object& claims, std::string_view type) const {
  const json::Object header{{"alg", "ES256"}, {"kid", key_id_}, {"typ", type}};
  std::string token = toBase64Url(json::write(header)) + "." + toBase64Url(json::write(claims));
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  std::size_t size = 0;
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytesOf(token), token.size()) != 1) {
    return internalFailure("OpenSSL does not sign");
  }
  std::string der(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(der.data()), &size,
                     bytesOf(token), token.size()) != 1) {
    return internalFailure("OpenSSL does not sign");
  }
  der.resize(size);
  const std::string signature = joseForm(der);
  if (signature.empty()) return internalFailure("OpenSSL's signature is none");
  token += '.';
  token += toBase64Url(signature);
  return token;
}

}  // namespace vestibule::jose
