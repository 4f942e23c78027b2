#pragma once
// An identity provider's side of ID tokens: keys made at run time, their JWKs, and signatures.

#include <memory>
#include <string>
#include <string_view>

#include "jose/algorithm.h"
#include "json/value.h"

// OpenSSL's name for it.
struct evp_pkey_st;

namespace vestibule::test {

/// A private key. Throws std::runtime_error when OpenSSL refuses.
class TokenSigner {
 public:
  explicit TokenSigner(jose::KeyType type, unsigned rsa_bits = 2'048);

  /// The public key as a JWK without `kid`, `use` and `alg`.
  [[nodiscard]] const json::Object& jwk() const { return jwk_; }
  /// The same with a `kid`.
  [[nodiscard]] json::Object jwk(std::string_view key_id) const;
  /// The signature of JWS over the text, by any algorithm of the key's type.
  [[nodiscard]] std::string signature(jose::Algorithm algorithm, std::string_view text) const;
  /// A token of these two, as they are.
  [[nodiscard]] std::string token(jose::Algorithm algorithm, std::string_view header,
                                  std::string_view payload) const;
  /// A token with the header `{"alg":…,"kid":…}`, without `kid` when it is empty.
  [[nodiscard]] std::string token(jose::Algorithm algorithm, const std::string& key_id,
                                  const json::Object& claims) const;

 private:
  jose::KeyType type_;
  std::shared_ptr<evp_pkey_st> key_;
  json::Object jwk_;
};

/// The text of a JWK Set.
[[nodiscard]] std::string keySetText(const std::vector<json::Object>& jwks);

/// A signer that the whole test program shares: an RSA key takes long to make.
[[nodiscard]] const TokenSigner& sharedRsaSigner();

/// `header.payload.signature` of the parts as they are, each put in base64url.
[[nodiscard]] std::string compact(std::string_view header, std::string_view payload,
                                  std::string_view signature);

}  // namespace vestibule::test
