#pragma once
// What every login has to pass, and what it makes of a user's attributes.

#include <string_view>

#include "base/result.h"
#include "base/strong.h"
#include "directory/context.h"
#include "jit/identity_provider.h"
#include "jit/mapping.h"
#include "json/value.h"

namespace vestibule::jit {

/// How the settings let logins change attributes.
[[nodiscard]] SyncRules rulesOf(const IdentityProvider& provider);

/// Error kBadSubject (JIT-1003) for a subject that cannot be one.
[[nodiscard]] Result<void> checkSubject(const Subject& subject);

/// Bytes a subject may have: 255 characters of at most four.
inline constexpr std::size_t kMaxSubjectBytes = 1'020;
inline constexpr std::size_t kMaxSubjectCharacters = 255;

/// Error kDisabledIdentityProvider (JIT-1002) when its logins are switched off.
[[nodiscard]] Result<void> requireEnabled(const IdentityProvider& provider);

/// Refuses a user that was disabled (`active` is false), unless the identity provider may enable
/// it. Error kUserDisabled (JIT-1401).
[[nodiscard]] Result<void> requireActive(const IdentityProvider& provider,
                                         const json::Object& attributes);

/// True when logins let the user of this stored document in without a look at the attributes: no
/// setting speaks of single users or spares their attributes, and `active` is not false. O(size of
/// the document).
[[nodiscard]] bool isUsual(const IdentityProvider& provider, std::string_view document);

/// The user's attributes after this login: enabled, and brought up to date as far as the settings
/// let a login do so. What the plan computed, computed again on the row as it is under its lock.
/// Errors kUserDisabled, kInvalidAttribute.
[[nodiscard]] Result<json::Object> attributesAfterLogin(const directory::Context& context,
                                                        const IdentityProvider& provider,
                                                        const MappedClaims& mapped,
                                                        const json::Object& current);

}  // namespace vestibule::jit
