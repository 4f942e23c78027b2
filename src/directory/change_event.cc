#include "directory/change_event.h"

#include "base/unicode.h"

namespace vestibule::directory {

store::AuditEvent changeEvent(const View& view, const Domain& domain,
                              const scim::ResourceType& type, const ResourceId& id,
                              std::string_view what, Timestamp time) {
  store::AuditEvent event;
  event.occurred = time;
  event.correlation_id = view.correlationId();
  event.action = lowerAscii(type.name);
  event.action += '.';
  event.action += what;
  event.actor_id = view.principal().token_id;
  event.actor_name = view.principal().name;
  event.domain = store::AuditDomain{domain.tables().number, domain.name()};
  event.resource = id;
  const bool goes_out = type.kind == ResourceKind::kUser || type.kind == ResourceKind::kGroup;
  if (goes_out) event.outbound = domain.outbound_targets;
  return event;
}

}  // namespace vestibule::directory
