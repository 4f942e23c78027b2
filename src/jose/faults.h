#pragma once
// What can be wrong with a token, one code each, so that a caller can tell people what to look at.

#include <array>
#include <string>
#include <string_view>

#include "base/result.h"

namespace vestibule::jose {

/// A kind of fault: `Error::code` of what this room refuses.
using Fault = std::string_view;

inline constexpr Fault kMalformed = "token-malformed";  ///< not one signed compact JWS with claims
inline constexpr Fault kAlgorithm =
    "token-algorithm";  ///< signed by an algorithm that is not allowed
inline constexpr Fault kUnknownKey = "token-unknown-key";     ///< no key of the issuer fits
inline constexpr Fault kSignature = "token-signature";        ///< the signature does not hold
inline constexpr Fault kIssuer = "token-issuer";              ///< issued by somebody else
inline constexpr Fault kAudience = "token-audience";          ///< issued for somebody else
inline constexpr Fault kExpired = "token-expired";            ///< `exp` has passed
inline constexpr Fault kNotYetValid = "token-not-yet-valid";  ///< `nbf` or `iat` is to come
inline constexpr Fault kTooOld = "token-too-old";             ///< issued longer ago than allowed
inline constexpr Fault kClaims = "token-claims";  ///< a needed claim is missing or of another type
inline constexpr Fault kKeysUnavailable = "keys-unavailable";  ///< the keys cannot be had now

/// Every fault.
inline constexpr std::array kFaults{kMalformed, kAlgorithm, kUnknownKey,     kSignature,
                                    kIssuer,    kAudience,  kExpired,        kNotYetValid,
                                    kTooOld,    kClaims,    kKeysUnavailable};

/// A token that is refused. `detail` may be shown to clients and holds no claim of the token.
[[nodiscard]] inline tl::unexpected<Error> refuse(Fault fault, std::string detail) {
  return failure(ErrorKind::kRefused, std::move(detail), {}, std::string(fault));
}

}  // namespace vestibule::jose
