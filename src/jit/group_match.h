#pragma once
// Wanted groups against the groups there are.

#include <set>
#include <string>
#include <vector>

#include "jit/roles.h"
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

}  // namespace vestibule::jit
