#pragma once
// The signature algorithms that tokens may use: the asymmetric ones of RFC 7518 §3.1, RFC 8037 and
// RFC 9864. Neither `none` nor any HMAC has a value here, so that none of them can be allowed.

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace vestibule::jose {

enum class Algorithm : std::uint8_t {
  kRs256,
  kRs384,
  kRs512,
  kPs256,
  kPs384,
  kPs512,
  kEs256,
  kEs384,
  kEs512,
  kEdDsa,    ///< `EdDSA`, here with Ed25519 only
  kEd25519,  ///< the same under the name that says it all (RFC 9864 §2.2)
};

/// All of them, in the order of the enumeration.
inline constexpr std::array kAlgorithms{Algorithm::kRs256, Algorithm::kRs384,  Algorithm::kRs512,
                                        Algorithm::kPs256, Algorithm::kPs384,  Algorithm::kPs512,
                                        Algorithm::kEs256, Algorithm::kEs384,  Algorithm::kEs512,
                                        Algorithm::kEdDsa, Algorithm::kEd25519};

/// What a key is made of. A key signs by the algorithms of its own type only.
enum class KeyType : std::uint8_t { kRsa, kP256, kP384, kP521, kEd25519 };

/// The name as `alg` spells it.
[[nodiscard]] std::string_view nameOf(Algorithm algorithm);
/// The algorithm of exactly this name; nothing for any other text.
[[nodiscard]] std::optional<Algorithm> algorithmOf(std::string_view name);
/// The only type of key that signs so.
[[nodiscard]] KeyType keyTypeOf(Algorithm algorithm);

}  // namespace vestibule::jose
