#pragma once
// A JWK Set (RFC 7517 §5): the keys of one issuer.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "jose/algorithm.h"
#include "jose/key.h"

namespace vestibule::jose {

/// A key and what its owner says about it.
struct IssuerKey {
  std::optional<std::string> key_id;   ///< `kid`
  std::optional<Algorithm> algorithm;  ///< `alg`: the only one it signs by
  PublicKey key;

  /// True when the key may sign so.
  [[nodiscard]] bool signsBy(Algorithm wanted) const {
    return keyTypeOf(wanted) == key.type() && (!algorithm || *algorithm == wanted);
  }
};

/// The keys that can verify signatures. Immutable once it is read.
struct KeySet {
  std::vector<IssuerKey> keys;
  /// Why each of the others was left out: "keys[2]: an RSA key of 1024 bits …".
  std::vector<std::string> left_out;
};

/// The most bytes and keys of a set.
inline constexpr std::size_t kMaxKeySetBytes = std::size_t{512} * 1024;
inline constexpr std::size_t kMaxKeys = 200;

/// Reads a set. A key that cannot be used is left out, as RFC 7517 §5 asks: one of another type,
/// size or curve, for encryption (`use`, `key_ops`), for an algorithm that is not known here or is
/// not of its type, and all that PublicKey::fromJwk refuses. A set without a usable key is a set:
/// an issuer may have withdrawn them all. Error kInvalidValue, which tells nothing of the text, for
/// what is no set, or has more than kMaxKeySetBytes or kMaxKeys.
[[nodiscard]] Result<KeySet> readKeySet(std::string_view text);

}  // namespace vestibule::jose
