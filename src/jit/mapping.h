#pragma once
// Claims → attributes of a user, by an identity provider's mappings.

#include <string>
#include <vector>

#include "base/result.h"
#include "jit/identity_provider.h"
#include "jit/login_kind.h"
#include "jit/roles.h"
#include "jit/trace.h"
#include "json/value.h"
#include "scim/schema/registry.h"

namespace vestibule::jit {

/// What one mapping made of the claims.
struct MappedValue {
  const ClaimMapping* mapping = nullptr;
  json::Value value;  ///< canonical; null: the attribute is to have no value
  /// What the user has stays, and `value` (perhaps null) is for a user who has nothing: the claim
  /// has to be fetched elsewhere, or the mapping's `sync` says so.
  bool keeps = false;
};

/// The claims as far as the mappings want them; points into the identity provider. Claims that are
/// absent and have no default are listed only where the mapping has a `sync` of its own.
using MappedClaims = std::vector<MappedValue>;

/// What logins do to the attributes of users that exist: attributeSyncMethod, or nothing at all.
struct SyncRules {
  AttributeSync method = AttributeSync::kOverrideAll;
  bool update = true;  ///< false: not even mappings with a `sync` of their own change anything
};

/// Applies the mappings that count at a login of this kind: an absent or blank claim takes the
/// default value, if there is one; of several values a single-valued attribute gets the first.
/// Claims that nothing reads are dropped; the trace names them. Error kInvalidAttribute (JIT-1301)
/// naming claim and attribute when a value does not fit. O(claims × mappings).
[[nodiscard]] Result<MappedClaims> mapClaims(const IdentityProvider& provider, SyncRules rules,
                                             LoginKind kind, const json::Object& claims,
                                             Trace& trace);

/// The canonical attributes of a new user. Error kInvalidAttribute when a required attribute is
/// missing or a limit is passed.
[[nodiscard]] Result<json::Object> newUserAttributes(const scim::Registry& registry,
                                                     const scim::ResourceType& user_type,
                                                     const std::string& user_name,
                                                     const MappedClaims& mapped);

/// The canonical attributes of a user that exists after a login; equal to `current` when nothing
/// changes. `mapped` is what mapClaims made by the same rules. Never touched: the user name,
/// `active`, `externalId` unless it is mapped, immutable attributes that have a value. Errors as
/// above.
[[nodiscard]] Result<json::Object> syncedAttributes(const scim::Registry& registry,
                                                    const scim::ResourceType& user_type,
                                                    SyncRules rules, const json::Object& current,
                                                    const MappedClaims& mapped);

/// 32 bytes that are equal when a login brings what the last one brought: the settings by number
/// and version, the mapped values that later logins look at, whether groups were stated and which
/// (sorted), the ids of those that the user is in because of them (sorted), and the terms
/// (termsOf). When these are fewer than wanted, the revision of the domain's group names counts as
/// well: a missing group may have been made.
[[nodiscard]] std::string claimsDigest(const IdentityProvider& provider, const MappedClaims& mapped,
                                       const WantedGroups& wanted,
                                       const std::vector<std::string>& group_ids,
                                       std::uint64_t group_names, const json::Array& terms = {});

}  // namespace vestibule::jit
