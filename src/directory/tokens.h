#pragma once
// API tokens: made once, shown once, stored as a digest.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "directory/author.h"
#include "directory/context.h"
#include "json/value.h"

namespace vestibule::directory {

struct TokenRequest {
  std::string name;                                 ///< see faultOfName
  std::string scopes;                               ///< space-separated
  std::optional<std::vector<std::string>> domains;  ///< nothing: all
  std::optional<Timestamp> expires;
  /// See scim::parseTolerances; nothing: none of its own.
  std::optional<std::string> tolerances = {};
  // Whom it is for: a user by id, or by what an identity provider calls it; nothing: nobody.
  std::optional<std::string> user = {};
  std::optional<std::string> identity_provider = {};
  std::optional<std::string> subject = {};
  /// 1 to kMostRequestsPerMinute; nothing: any number.
  std::optional<std::uint32_t> requests_per_minute = {};
};

/// A new token; `text` (`vst_` and 43 characters of base64url, 256 random bits) is told to the
/// caller and kept nowhere.
struct NewToken {
  std::string text;
  store::TokenRow row;
};

/// Makes a token. It is bound to the domains and the user of now: one that is deleted and made
/// again is another. Errors kInvalidValue (a name that cannot be one, unknown scope, domain,
/// identity provider, subject or user, an empty list of domains, a user of none of the domains,
/// `scim:privileged` without `scim:write`, `me:` scopes without a user, a user without scopes that
/// it is for, expiry in the past, unknown tolerance, a rate out of its bounds), kUniqueness (name
/// taken).
[[nodiscard]] Result<NewToken> createToken(const Context& context, const TokenRequest& request,
                                           const Author& author = commandLine());

/// Changes of a token that leave it what it is. What is absent stays; what is there and holds
/// nothing is taken away.
struct TokenChange {
  std::optional<std::optional<Timestamp>> expires;
  std::optional<std::optional<std::uint32_t>> requests_per_minute;
};

/// Changes expiry and rate of the token of this name. Errors kNotFound, kInvalidValue (expiry in
/// the past: revoke it instead; a rate out of its bounds).
[[nodiscard]] Result<store::TokenRow> changeToken(const Context& context, std::string_view name,
                                                  const TokenChange& change,
                                                  const Author& author = commandLine());

/// The longest time that the text before a rotation may go on serving.
inline constexpr std::chrono::hours kLongestOverlap{24 * 30};

/// Gives the token of this name a new text. The one of now serves for `overlap` longer, though not
/// beyond its expiry, and one of a rotation before that no more. Errors as changeToken, and
/// kInvalidValue for an overlap below 0 or beyond kLongestOverlap, and for a token that has expired
/// and gets no new expiry.
[[nodiscard]] Result<NewToken> rotateToken(const Context& context, std::string_view name,
                                           std::chrono::seconds overlap, const TokenChange& change,
                                           const Author& author = commandLine());

/// Revokes the token of this name, every text of it. Error kNotFound.
[[nodiscard]] Result<void> revokeToken(const Context& context, std::string_view name,
                                       const Author& author = commandLine());

/// All tokens by age, with the last uses that any process has noted and those of this one. One
/// query.
[[nodiscard]] Result<std::vector<store::TokenRow>> listTokens(const Context& context);

/// A token as lists show it, without anything of its secret:
/// `{"id","name","scopes","allDomains","domains":[…],"user","tolerances","created","expires",
/// "requestsPerMinute","lastUsed","rotated","formerExpires"}`; the last is until when the text
/// before the rotation serves, and null when there is none or it does not any more; user is the id
/// of the user that the token is bound to, who may have been deleted, or null; tolerances are null
/// for a token without its own. Domains that were deleted are left out.
[[nodiscard]] json::Object describeToken(const store::TokenRow& row, const Catalog& catalog);

}  // namespace vestibule::directory
