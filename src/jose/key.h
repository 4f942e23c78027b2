#pragma once
// A public key that can tell whether a signature is of its owner, by OpenSSL.

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "jose/algorithm.h"
#include "json/value.h"

// OpenSSL's name for it.
struct evp_pkey_st;

namespace vestibule::jose {

/// One public key. Copies share it. Immutable, thread-safe.
class PublicKey {
 public:
  /// Reads the members of a JWK that make up its key (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2): RSA
  /// of 2048 to 8192 bits, the curves P-256, P-384 and P-521, Ed25519. Error kInvalidValue with a
  /// reason for every other type, size or curve, numbers that are no key of their kind (a point
  /// that is not on its curve, an even or tiny exponent), and a key with its private part: what
  /// stands in a public place is nobody's secret any more.
  [[nodiscard]] static Result<PublicKey> fromJwk(const json::Object& jwk);

  [[nodiscard]] KeyType type() const { return type_; }

  /// True when `signature`, as JWS has it (RFC 7518 §3, RFC 8037 §3.1: r and s of ECDSA side by
  /// side), is this key's over `text`. False for every other signature, and when the algorithm is
  /// none of the key's type. About 15 µs for RS256, 60 µs for ES256.
  [[nodiscard]] bool verifies(Algorithm algorithm, std::string_view text,
                              std::string_view signature) const;

 private:
  PublicKey(KeyType type, std::shared_ptr<evp_pkey_st> key) : type_(type), key_(std::move(key)) {}

  KeyType type_;
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace vestibule::jose
