#pragma once
// API tokens: made once, shown once, stored as a digest.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
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
/// it is for, expiry in the past, unknown tolerance), kUniqueness (name taken).
[[nodiscard]] Result<NewToken> createToken(const Context& context, const TokenRequest& request);

/// Revokes the token of this name. Error kNotFound.
[[nodiscard]] Result<void> revokeToken(const Context& context, std::string_view name);

/// A token as lists show it, without anything of its secret:
/// `{"id","name","scopes","allDomains","domains":[…],"user","tolerances","created","expires"}`;
/// user is the id of the user that the token is bound to, who may have been deleted, or null;
/// tolerances are null for a token without its own. Domains that were deleted are left out.
[[nodiscard]] json::Object describeToken(const store::TokenRow& row, const Catalog& catalog);

}  // namespace vestibule::directory
