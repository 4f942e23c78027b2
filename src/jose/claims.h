#pragma once
// What the claims of a token have to say for it to be believed (RFC 7519 §4.1, OpenID Connect Core
// §3.1.3.7).

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "json/value.h"

namespace vestibule::jose {

/// From whom and for whom a token has to be.
struct ClaimRules {
  std::string issuer;                           ///< `iss`, byte by byte
  std::vector<std::string> audiences;           ///< one of them has to be in `aud`
  std::chrono::seconds clock_skew{0};           ///< how far the issuer's clock may be from ours
  std::optional<std::chrono::seconds> max_age;  ///< of `iat`
  /// The token is for a client, which `azp` names. An access token is for a server: its `azp` says
  /// who the client is, and several audiences need none.
  bool for_client = true;
};

/// Is told of each check in order: the rule, what it was applied to (never a claim's value), and
/// what came of it.
using Witness =
    std::function<void(std::string_view rule, std::string_view input, std::string_view outcome)>;

/// Checks issuer, audience, times and subject, in this order; of several things that are wrong the
/// first is the error. The times are whole or broken numbers of seconds, and the borders are exact:
/// with a skew of s the token is good from `nbf` − s and `iat` − s, and until just before `exp` +
/// s.
///   - kIssuer: `iss` is not the issuer;
///   - kAudience: none of `aud` is one of the audiences; of a token for a client `azp` is there and
///   is none of them, or is
///     missing although `aud` names several;
///   - kExpired, kNotYetValid, kTooOld;
///   - kClaims: `iss`, `aud`, `exp`, `iat` or `sub` is missing, or one of these, `nbf` or `azp` is
///     of another type; `sub` is empty.
[[nodiscard]] Result<void> checkClaims(const json::Object& claims, const ClaimRules& rules,
                                       Timestamp now, const Witness& witness);

}  // namespace vestibule::jose
