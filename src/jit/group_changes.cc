#include "jit/group_changes.h"

#include <algorithm>
#include <utility>

#include "base/unicode.h"
#include "store/group_store.h"
#include "store/sole_grants.h"

namespace vestibule::jit {
namespace {

constexpr std::string_view kStep = "roles";

/// Notes the protected groups of the domain: whatever their grants are, they stay.
Result<void> keepProtected(const directory::Context& context, const IdentityProvider& provider,
                           Plan& plan) {
  const auto keys = provider.protection.groups.keysIn(plan.domain->name());
  if (keys.empty()) return {};
  auto found = context.database->read([&](store::Session& session) {
    return store::findGroupsByName(session, plan.domain->tables(), {keys.begin(), keys.end()});
  });
  if (!found) return propagate(found);
  plan.kept_groups = std::move(found->groups);
  return {};
}

}  // namespace

Result<void> compareGroups(const directory::Context& context, const IdentityProvider& provider,
                           Plan& plan, Trace& trace) {
  if (!plan.sync_groups) return {};
  const auto& memberships = plan.user->groups;
  for (const auto& group : plan.groups) {
    const bool is_member =
        std::any_of(memberships.begin(), memberships.end(),
                    [&](const auto& other) { return other.direct && other.id == group.id; });
    if (is_member) continue;
    trace.add(kStep, "idpGroupSyncMethod", group.display_name, "granted");
    plan.changes.granted.push_back(group.display_name);
  }
  if (provider.group_sync != GroupSync::kOverrideAll) return {};
  auto sole = context.database->read([&](store::Session& session) {
    return store::findSoleGrants(session, plan.domain->tables(), plan.user->resource.meta.id,
                                 provider.number);
  });
  if (!sole) return propagate(sole);
  if (auto kept = keepProtected(context, provider, plan); !kept) return kept;
  for (const auto& held : *sole) {
    if (provider.protection.groups.contain(plan.domain->name(), foldCase(held.display))) {
      trace.add(kStep, "protectedGroups", held.display, "is never revoked: stays");
      continue;
    }
    const bool is_wanted = std::any_of(plan.groups.begin(), plan.groups.end(),
                                       [&](const auto& group) { return group.id == held.id; });
    if (is_wanted) continue;
    trace.add(kStep, "idpGroupSyncMethod", held.display, "revoked");
    plan.changes.revoked.push_back(held.display);
  }
  return {};
}

}  // namespace vestibule::jit
