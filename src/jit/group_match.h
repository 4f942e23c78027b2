#pragma once
// Wanted groups against the groups there are.

#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "directory/context.h"
#include "jit/roles.h"
#include "jit/trace.h"
#include "scim/resource/render.h"
#include "store/group_store.h"

namespace vestibule::jit {

/// Folded names of groups.
using GroupKeys = std::set<std::string, std::less<>>;

/// The wanted groups that a user is a direct member of: a login grants the others.
struct GroupMatch {
  std::vector<std::string> ids;  ///< sorted
  GroupKeys keys;
};

/// Which of the wanted groups are among the memberships. O(n log n).
[[nodiscard]] GroupMatch matchGroups(const std::vector<WantedGroup>& wanted,
                                     const std::vector<scim::GroupMembership>& memberships);

/// The folded names of the groups.
[[nodiscard]] GroupKeys keysOf(const std::vector<store::NamedGroup>& groups);

/// The ids of the groups, sorted.
[[nodiscard]] std::vector<std::string> idsOf(const std::vector<store::NamedGroup>& groups);

/// The wanted groups that exist, and the revision of the domain's group names. One query per 500
/// groups, none for none.
[[nodiscard]] Result<store::NamedGroups> findWantedGroups(const directory::Context& context,
                                                          const directory::Domain& domain,
                                                          const std::vector<WantedGroup>& wanted);

/// The names of the wanted groups that do not exist. JIT makes none.
[[nodiscard]] std::vector<std::string> missingGroups(const std::vector<WantedGroup>& wanted,
                                                     const GroupKeys& existing, Trace& trace);

}  // namespace vestibule::jit
