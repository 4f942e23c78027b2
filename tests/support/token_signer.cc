#include "support/token_signer.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <stdexcept>

#include "base/encoding.h"
#include "json/write.h"

namespace vestibule::test {
namespace {

using jose::Algorithm;
using jose::KeyType;

void require(bool holds) {
  if (!holds) throw std::runtime_error("OpenSSL refuses to make a key or a signature");
}

EVP_PKEY* generate(KeyType type, unsigned rsa_bits) {
  switch (type) {
    case KeyType::kRsa:
      return EVP_RSA_gen(rsa_bits);
    case KeyType::kP256:
      return EVP_EC_gen("P-256");
    case KeyType::kP384:
      return EVP_EC_gen("P-384");
    case KeyType::kP521:
      return EVP_EC_gen("P-521");
    case KeyType::kEd25519:
      break;
  }
  return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
}

std::string number(EVP_PKEY* key, const char* name, std::size_t bytes = 0) {
  BIGNUM* value = nullptr;
  require(EVP_PKEY_get_bn_param(key, name, &value) == 1);
  const auto size = bytes == 0 ? static_cast<std::size_t>(BN_num_bytes(value)) : bytes;
  std::string text(size, '\0');
  BN_bn2binpad(value, reinterpret_cast<unsigned char*>(text.data()), static_cast<int>(size));
  BN_free(value);
  return toBase64Url(text);
}

struct Curve {
  const char* name;
  std::size_t bytes;
};

Curve curveOf(KeyType type) {
  if (type == KeyType::kP256) return {"P-256", 32};
  if (type == KeyType::kP384) return {"P-384", 48};
  return {"P-521", 66};
}

json::Object jwkOf(EVP_PKEY* key, KeyType type) {
  if (type == KeyType::kRsa) {
    return {{"kty", "RSA"},
            {"n", number(key, OSSL_PKEY_PARAM_RSA_N)},
            {"e", number(key, OSSL_PKEY_PARAM_RSA_E)}};
  }
  if (type == KeyType::kEd25519) {
    std::string raw(32, '\0');
    std::size_t size = raw.size();
    require(EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(raw.data()), &size) ==
            1);
    return {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", toBase64Url(raw)}};
  }
  const Curve curve = curveOf(type);
  return {{"kty", "EC"},
          {"crv", curve.name},
          {"x", number(key, OSSL_PKEY_PARAM_EC_PUB_X, curve.bytes)},
          {"y", number(key, OSSL_PKEY_PARAM_EC_PUB_Y, curve.bytes)}};
}

const EVP_MD* digestOf(Algorithm algorithm) {
  const std::string_view name = nameOf(algorithm);
  if (name.ends_with("256")) return EVP_sha256();
  if (name.ends_with("384")) return EVP_sha384();
  return name.ends_with("512") ? EVP_sha512() : nullptr;
}

/// DER → r and s side by side.
std::string rawPair(const std::string& der, std::size_t bytes) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  require(pair != nullptr);
  std::string raw(2 * bytes, '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, static_cast<int>(bytes));
  BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + bytes, static_cast<int>(bytes));
  ECDSA_SIG_free(pair);
  return raw;
}

}  // namespace

TokenSigner::TokenSigner(KeyType type, unsigned rsa_bits)
    : type_(type), key_(generate(type, rsa_bits), EVP_PKEY_free) {
  require(key_ != nullptr);
  jwk_ = jwkOf(key_.get(), type);
}

json::Object TokenSigner::jwk(std::string_view key_id) const {
  json::Object named = jwk_;
  named.set("kid", key_id);
  return named;
}

std::string TokenSigner::signature(Algorithm algorithm, std::string_view text) const {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* key_context = nullptr;
  require(EVP_DigestSignInit(context, &key_context, digestOf(algorithm), nullptr, key_.get()) == 1);
  if (nameOf(algorithm).starts_with("PS")) {
    EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST);
  }
  std::string signature(1'024, '\0');
  std::size_t size = signature.size();
  require(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                         reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1);
  EVP_MD_CTX_free(context);
  signature.resize(size);
  const bool is_curve =
      type_ == KeyType::kP256 || type_ == KeyType::kP384 || type_ == KeyType::kP521;
  return is_curve ? rawPair(signature, curveOf(type_).bytes) : signature;
}

std::string TokenSigner::token(Algorithm algorithm, std::string_view header,
                               std::string_view payload) const {
  const std::string input = toBase64Url(header) + '.' + toBase64Url(payload);
  return input + '.' + toBase64Url(signature(algorithm, input));
}

std::string TokenSigner::token(Algorithm algorithm, const std::string& key_id,
                               const json::Object& claims) const {
  json::Object header{{"typ", "JWT"}, {"alg", nameOf(algorithm)}};
  if (!key_id.empty()) header.set("kid", key_id);
  return token(algorithm, std::string_view(json::write(header)), json::write(claims));
}

std::string keySetText(const std::vector<json::Object>& jwks) {
  return json::write(json::Object{{"keys", json::Array(jwks.begin(), jwks.end())}});
}

const TokenSigner& sharedRsaSigner() {
  static const TokenSigner signer(KeyType::kRsa);
  return signer;
}

std::string compact(std::string_view header, std::string_view payload, std::string_view signature) {
  return toBase64Url(header) + '.' + toBase64Url(payload) + '.' + toBase64Url(signature);
}

}  // namespace vestibule::test
