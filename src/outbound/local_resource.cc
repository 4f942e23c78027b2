#include "outbound/local_resource.h"

#include <algorithm>
#include <utility>

#include "base/unicode.h"
#include "directory/stored_document.h"
#include "outbound/mapping.h"
#include "scim/resource/render.h"
#include "store/group_store.h"
#include "store/user_store.h"

namespace vestibule::outbound {
namespace {

LocalResource left(std::string reason) {
  LocalResource resource;
  resource.reason = std::move(reason);
  return resource;
}

/// The domain of the id, if the target takes it; else null. Error kUnavailable while it cannot be
/// told what becomes of the domain: one that was moved or is being restored has users, who must not
/// be taken for deleted.
Result<const directory::Domain*> domainOf(const directory::Catalog& catalog,
                                          const BoundTarget& bound, const ResourceId& id) {
  if (!bound.row.takes(id.domain())) return nullptr;
  for (const auto& row : catalog.unfinishedDomains()) {
    const bool is_away = row.state == "moved" || row.state == "restoring";
    if (row.tables.number == id.domain() && is_away) {
      return failure(ErrorKind::kUnavailable, "the domain was moved or is being restored");
    }
  }
  return catalog.findDomain(id.domain());
}

bool isMember(const Target& target, const std::vector<scim::GroupMembership>& groups) {
  return std::any_of(groups.begin(), groups.end(), [&](const scim::GroupMembership& group) {
    const auto& keys = target.member_of_keys;
    return group.direct &&
           std::find(keys.begin(), keys.end(), foldCase(group.display)) != keys.end();
  });
}

}  // namespace

Result<LocalResource> readUser(const directory::Context& context, const directory::Catalog& catalog,
                               const BoundTarget& bound, const ResourceId& id) {
  const auto found = domainOf(catalog, bound, id);
  if (!found) return tl::make_unexpected(found.error());
  const auto* domain = *found;
  if (domain == nullptr) return left("its domain is none of the target's");
  auto stored = context.database->read([&](store::Session& session) {
    return store::findUser(session, domain->tables(), id, true);
  });
  if (!stored) return propagate(stored);
  if (!*stored) return left("there is no such user");
  const auto& groups = (*stored)->groups;
  const Target& target = bound.target;
  auto attributes = directory::parseStored((*stored)->resource.document);
  if (!attributes) return propagate(attributes);
  const auto user =
      scim::completeResource(*context.user_type, *std::move(attributes), (*stored)->resource.meta,
                             "", "", scim::groupsArray(groups, "", "", *context.group_type));
  if (!target.member_of_keys.empty() && !isMember(target, groups)) {
    return left("it is a direct member of none of the groups of memberOf");
  }
  if (target.filter && !scim::evaluate(*target.filter, user)) {
    return left("the filter does not take it");
  }
  auto payload = mapUser(target.mapping, context, user);
  if (!payload) return propagate(payload);
  LocalResource resource;
  resource.payload = *std::move(payload);
  for (const auto& group : groups) {
    if (group.direct && target.takesGroup(group.display)) resource.groups.push_back(group.id);
  }
  return resource;
}

Result<LocalResource> readGroup(const directory::Context& context,
                                const directory::Catalog& catalog, const BoundTarget& bound,
                                const ResourceId& id) {
  const auto found = domainOf(catalog, bound, id);
  if (!found) return tl::make_unexpected(found.error());
  const auto* domain = *found;
  if (domain == nullptr) return left("its domain is none of the target's");
  auto stored = context.database->read(
      [&](store::Session& session) { return store::findGroup(session, domain->tables(), id); });
  if (!stored) return propagate(stored);
  if (!*stored) return left("there is no such group");
  auto attributes = directory::parseStored((*stored)->document);
  if (!attributes) return propagate(attributes);
  const auto* name = attributes->find(context.group_type->naming_attribute->name);
  if (name == nullptr || !name->isString() || !bound.target.takesGroup(*name->string())) {
    return left("its name is none of the target's groups");
  }
  LocalResource resource;
  resource.payload =
      mapGroup(context, scim::completeResource(*context.group_type, *std::move(attributes),
                                               (*stored)->meta, "", "", {}));
  return resource;
}

}  // namespace vestibule::outbound
