#pragma once
// The events of what clients change over SCIM, for the audit.

#include <string_view>

#include "base/clock.h"
#include "base/resource_id.h"
#include "directory/context.h"
#include "scim/schema/registry.h"
#include "store/audit_event.h"

namespace vestibule::directory {

/// The event that the view's principal does `what` (`created`, `updated`, `deleted`) to a resource
/// of the domain at `time`: its action is the type's name in lower case, a dot, and `what`.
/// Versions and names of attributes are the caller's.
[[nodiscard]] store::AuditEvent changeEvent(const View& view, const Domain& domain,
                                            const scim::ResourceType& type, const ResourceId& id,
                                            std::string_view what, Timestamp time);

}  // namespace vestibule::directory
