#pragma once
// A private key that signs tokens by ES256 (RFC 7518 §3.4), by OpenSSL.

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/value.h"

// OpenSSL's name for it.
struct evp_pkey_st;

namespace vestibule::jose {

/// One key pair on P-256. Copies share it. Immutable, thread-safe.
class SigningKey {
 public:
  /// The key that follows from 32 random bytes, always the same from the same (FIPS 186-5 A.2.1).
  /// Error kInternal when OpenSSL refuses.
  [[nodiscard]] static Result<SigningKey> fromSecret(std::string_view secret);

  /// The thumbprint of the public key (RFC 7638): its `kid`.
  [[nodiscard]] const std::string& keyId() const { return key_id_; }
  /// The public key as a JWK with `kid`, `use` and `alg` (RFC 7517 §4).
  [[nodiscard]] const json::Object& jwk() const { return jwk_; }

  /// The claims as a token in compact form (RFC 7515 §7.1), signed now, with `type` as its `typ`.
  /// Error kInternal when OpenSSL refuses. Some 30 µs.
  [[nodiscard]] Result<std::string> sign(const json::Object& claims, std::string_view type) const;

 private:
  SigningKey() = default;

  std::shared_ptr<evp_pkey_st> key_;
  std::string key_id_;
  json::Object jwk_;
};

}  // namespace vestibule::jose
