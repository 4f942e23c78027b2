#pragma once
// Role claims → the groups that a user should be in.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "directory/catalog.h"
#include "jit/claims.h"
#include "jit/identity_provider.h"
#include "jit/trace.h"
#include "json/value.h"

namespace vestibule::jit {

/// Different roles that one login may bring.
inline constexpr std::size_t kMaxRoles = 1'000;

/// Roles on which the patterns of `roles.filter`, and names on which those of the role policy, may
/// meet their limit of work in one login: each costs milliseconds.
inline constexpr std::size_t kMaxUncheckable = 3;

/// A group of the user's domain that the identity provider wants the user in. It may not exist.
struct WantedGroup {
  std::string name;
  std::string key;  ///< folded, as the store compares group names
};

/// What a login says about groups.
struct WantedGroups {
  /// False when nothing is said: no roleClaim is configured, or the claim has to be fetched
  /// elsewhere. Grants stay as they are then. A roleClaim that is absent or blank says that there
  /// are none.
  bool stated = false;
  std::vector<WantedGroup> groups;  ///< each key once, sorted by key
};

/// The different roles of a claim, without white space at their ends; values that are no text are
/// left out. Stops once there are more than kMaxRoles.
[[nodiscard]] std::set<std::string, std::less<>> rolesIn(const ClaimValues& claim,
                                                         std::string_view separator);

/// Reads the role claim and maps it for a user of `domain`. Roles are compared exactly. One that no
/// pattern of `roles.filter` matches is dropped. A role without a mapping is dropped, or with
/// `unmapped: pass` taken as the name of a group
/// (`DOMAIN/name`, or a bare name of the user's domain). Dropped and traced are roles of other
/// domains, those of protected groups, and those that the domain's role policy forbids, and once
/// kMaxUncheckable names have met the limit of its patterns, all that follow. Error kTooManyRoles
/// (JIT-1302) beyond kMaxRoles.
[[nodiscard]] Result<WantedGroups> wantedGroups(const IdentityProvider& provider,
                                                const directory::Catalog& catalog,
                                                const directory::Domain& domain,
                                                const json::Object& claims, Trace& trace);

}  // namespace vestibule::jit
