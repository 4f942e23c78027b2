#include "directory/provisioned_groups.h"

#include "directory/announcement.h"
#include "directory/groups.h"
#include "scim/resource/validate.h"

namespace vestibule::directory {

Result<store::GroupWrite> checkProvisionedGroup(const Context& context, const Domain& domain,
                                                const std::string& name) {
  if (auto writable = requireWritable(domain); !writable) return propagate(writable);
  const auto& type = *context.group_type;
  auto finished =
      scim::finish(*context.registry, type, json::Object{{type.naming_attribute->name, name}});
  if (!finished) return propagate(finished);
  return prepareGroupWrite(context, domain, *finished, true);
}

Result<std::vector<std::string>> createProvisionedGroups(
    const Context& context, const Domain& domain, const std::vector<store::GroupWrite>& groups,
    store::AuditEvent event) {
  event.action = "group.created";
  event.domain = store::AuditDomain{domain.tables().number, domain.name()};
  event.outbound = domain.outbound_targets;
  event.attributes = {context.group_type->naming_attribute->name};
  std::vector<std::string> made;
  for (const store::GroupWrite& group : groups) {
    scim::ResourceMeta meta;
    meta.id = ResourceId::generate(domain.tables().number, ResourceKind::kGroup);
    meta.version = Version(1);
    meta.created = meta.modified = now();
    event.occurred = meta.created;
    event.resource = meta.id;
    event.version_after = meta.version;
    announce(*context.catalog->current(), bitOf(store::ChangeKind::kCreate), {}, event);
    auto stored = context.database->write([&](store::Session& session) {
      return store::insertGroup(session, domain.tables(), *context.group_type, meta, group, {},
                                {context.database->controlSchema(), event});
    });
    if (!stored && stored.error().kind == ErrorKind::kUniqueness) continue;
    if (!stored) return propagate(stored);
    made.push_back(group.keys.display_name);
  }
  return made;
}

}  // namespace vestibule::directory
