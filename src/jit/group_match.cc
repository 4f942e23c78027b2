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

Result<store::NamedGroups> findWantedGroups(const directory::Context& context,
                                            const directory::Domain& domain,
                                            const std::vector<WantedGroup>& wanted) {
  if (wanted.empty()) return store::NamedGroups();
  std::vector<std::string> keys;
  keys.reserve(wanted.size());
  for (const WantedGroup& group : wanted) keys.push_back(group.key);
  return context.database->read([&](store::Session& session) {
    return store::findGroupsByName(session, domain.tables(), keys);
  });
}

std::vector<std::string> missingGroups(const std::vector<WantedGroup>& wanted,
                                       const GroupKeys& existing, Trace& trace) {
  std::vector<std::string> names;
  for (const WantedGroup& group : wanted) {
    if (existing.contains(group.key)) continue;
    trace.add("roles", "existing groups", group.name, "there is no such group: dropped");
    names.push_back(group.name);
  }
  return names;
}

}  // namespace vestibule::jit
