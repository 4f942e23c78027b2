#include "jit/group_plan.h"

#include <algorithm>

#include "base/unicode.h"
#include "directory/provisioned_groups.h"
#include "jit/codes.h"
#include "store/sole_grants.h"

namespace vestibule::jit {
namespace {

constexpr std::string_view kStep = "roles";
constexpr std::string_view kMethod = "idpGroupSyncMethod";

}  // namespace

json::Object describe(const GroupChanges& changes) {
  const auto namesOf = [](const std::vector<std::string>& names) {
    return json::Value(json::Array(names.begin(), names.end()));
  };
  return {{"granted", namesOf(changes.granted)},
          {"revoked", namesOf(changes.revoked)},
          {"ignored", namesOf(changes.ignored)},
          {"created", namesOf(changes.created)}};
}

Result<WantedGroups> GroupPlanner::wanted(const directory::Domain& domain,
                                          const json::Object& claims, LoginKind kind) {
  if (provider_.group_sync == GroupSync::kNone) {
    trace_.add(kStep, kMethod, "NONE", "groups stay as they are");
    return WantedGroups();
  }
  if (provider_.group_sync == GroupSync::kFirstLoginOnly && kind == LoginKind::kLater) {
    trace_.add(kStep, kMethod, "FIRST_LOGIN_ONLY", "is a later login: groups stay as they are");
    return WantedGroups();
  }
  return wantedGroups(provider_, catalog_, domain, claims, trace_);
}

Result<store::NamedGroups> GroupPlanner::existing(const directory::Domain& domain,
                                                  const std::vector<WantedGroup>& wanted) {
  if (wanted.empty()) return store::NamedGroups();
  std::vector<std::string> keys;
  keys.reserve(wanted.size());
  for (const WantedGroup& group : wanted) keys.push_back(group.key);
  return context_.database->read([&](store::Session& session) {
    return store::findGroupsByName(session, domain.tables(), keys);
  });
}

void GroupPlanner::ignoreMissing(const std::vector<WantedGroup>& wanted, const GroupKeys& existing,
                                 GroupChanges& changes) {
  for (const WantedGroup& group : wanted) {
    if (existing.contains(group.key)) continue;
    trace_.add(kStep, "existing groups", group.name, "there is no such group: dropped");
    changes.ignored.push_back(group.name);
  }
}

Result<std::vector<store::GroupWrite>> GroupPlanner::missing(const directory::Domain& domain,
                                                             const std::vector<WantedGroup>& wanted,
                                                             const GroupKeys& existing,
                                                             GroupChanges& changes) {
  std::vector<store::GroupWrite> groups;
  if (!provider_.create_groups) {
    ignoreMissing(wanted, existing, changes);
    return groups;
  }
  for (const WantedGroup& group : wanted) {
    if (existing.contains(group.key)) continue;
    auto write = directory::checkProvisionedGroup(context_, domain, group.name);
    if (!write && write.error().kind == ErrorKind::kReadOnly) {
      trace_.add(kStep, "createGroups", group.name, "the domain is read-only: refused");
      return refusal(kReadOnlyDomain, std::move(write.error()));
    }
    if (!write && write.error().kind == ErrorKind::kUnavailable) return propagate(write);
    if (!write) {
      trace_.add(kStep, "createGroups", group.name, write.error().detail + ": dropped");
      changes.ignored.push_back(group.name);
      continue;
    }
    trace_.add(kStep, "createGroups", group.name, "there is no such group: to be made");
    changes.created.push_back(group.name);
    changes.granted.push_back(group.name);
    groups.push_back(*std::move(write));
  }
  return groups;
}

Result<std::vector<store::NamedGroup>> GroupPlanner::protectedGroups(
    const directory::Domain& domain) const {
  const auto keys = provider_.protection.groups.keysIn(domain.name());
  if (keys.empty()) return std::vector<store::NamedGroup>();
  auto found = context_.database->read([&](store::Session& session) {
    return store::findGroupsByName(session, domain.tables(), {keys.begin(), keys.end()});
  });
  if (!found) return propagate(found);
  return std::move(found->groups);
}

Result<void> GroupPlanner::compare(const directory::Domain& domain, const store::StoredUser& user,
                                   const std::vector<store::NamedGroup>& groups,
                                   std::vector<store::NamedGroup>& kept, GroupChanges& changes) {
  for (const auto& group : groups) {
    const bool is_member =
        std::any_of(user.groups.begin(), user.groups.end(),
                    [&](const auto& other) { return other.direct && other.id == group.id; });
    if (is_member) continue;
    trace_.add(kStep, kMethod, group.display_name, "granted");
    changes.granted.push_back(group.display_name);
  }
  if (provider_.group_sync != GroupSync::kOverrideAll) return {};
  auto sole = context_.database->read([&](store::Session& session) {
    return store::findSoleGrants(session, domain.tables(), user.resource.meta.id, provider_.number);
  });
  if (!sole) return propagate(sole);
  auto stay = protectedGroups(domain);
  if (!stay) return propagate(stay);
  kept = *std::move(stay);
  for (const auto& held : *sole) {
    if (provider_.protection.groups.contain(domain.name(), foldCase(held.display))) {
      trace_.add(kStep, "protectedGroups", held.display, "is never revoked: stays");
      continue;
    }
    const bool is_wanted = std::any_of(groups.begin(), groups.end(),
                                       [&](const auto& group) { return group.id == held.id; });
    if (is_wanted) continue;
    trace_.add(kStep, kMethod, held.display, "revoked");
    changes.revoked.push_back(held.display);
  }
  const std::size_t revoked = changes.revoked.size();
  if (!provider_.max_revoked || revoked <= *provider_.max_revoked) return {};
  const std::string numbers =
      std::to_string(revoked) + " of at most " + std::to_string(*provider_.max_revoked);
  trace_.add(kStep, "maxRevokedPerLogin", numbers, "refused");
  return refusal(kTooManyRevoked, "the login would take " + numbers + " groups away");
}

}  // namespace vestibule::jit
