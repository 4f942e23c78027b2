#include "jit/group_match.h"

#include <algorithm>
#include <utility>

#include "base/unicode.h"

namespace vestibule::jit {

GroupMatch matchGroups(const std::vector<WantedGroup>& wanted,
                       const std::vector<scim::GroupMembership>& memberships) {
  GroupMatch match;
  if (wanted.empty()) return match;
  GroupKeys wanted_keys;
  for (const WantedGroup& group : wanted) wanted_keys.insert(group.key);
  for (const auto& membership : memberships) {
    if (!membership.direct) continue;
    std::string key = foldCase(membership.display);
    if (!wanted_keys.contains(key)) continue;
    match.ids.push_back(membership.id.text());
    match.keys.insert(std::move(key));
  }
  std::sort(match.ids.begin(), match.ids.end());
  return match;
}

GroupKeys keysOf(const std::vector<store::NamedGroup>& groups) {
  GroupKeys keys;
  for (const auto& group : groups) keys.insert(group.display_name_key);
  return keys;
}

std::vector<std::string> idsOf(const std::vector<store::NamedGroup>& groups) {
  std::vector<std::string> ids;
  ids.reserve(groups.size());
  for (const auto& group : groups) ids.push_back(group.id.text());
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace vestibule::jit
