#pragma once
// A signed token from first byte to last claim.

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "jose/algorithm.h"
#include "jose/claims.h"
#include "jose/key_source.h"
#include "json/value.h"

namespace vestibule::jose {

/// What a token has to be.
struct TokenRules {
  std::vector<Algorithm> algorithms;  ///< those that are allowed
  /// What `typ` may say, with or without `application/` in front and in any case (RFC 8725 §3.11).
  /// `JWT` stands for a token without `typ` too.
  std::vector<std::string> types = {"JWT"};
  ClaimRules claims;
};

/// The claims of a token, once its signature by a key of the issuer holds and they say what
/// the rules ask (RFC 7519 §7.2, RFC 8725). A token that names its key (`kid`) is checked by keys
/// of that name; one that names none by the only key that fits it (OpenID Connect Core §10.1). Only
/// a key of the algorithm's own type is tried, so that nothing of a key can stand for a secret.
/// When no key fits, or the only one does not and has no name, the source is asked for newer ones.
/// `witness` is told of each step. Thread-safe, as far as `witness` is. Errors, by `code`: all of
/// faults.h; kKeysUnavailable has the kind kUnavailable. Costs a verification (see PublicKey) and,
/// while the keys are fresh, no wait.
[[nodiscard]] Result<json::Object> verifyToken(std::string_view token, const TokenRules& rules,
                                               KeySource& keys, Timestamp now,
                                               const Witness& witness);

}  // namespace vestibule::jose
