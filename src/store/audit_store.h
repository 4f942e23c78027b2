#pragma once
// The audit: rows that changes have written, and those that stand alone.

#include <string>

#include "base/result.h"
#include "store/audit_event.h"
#include "store/database.h"

namespace vestibule::store {

/// Stores an event that no change takes along, such as a refusal. One round trip. Error
/// kInvalidValue for what a column cannot hold.
[[nodiscard]] Result<void> insertAuditEvent(Session& session, const std::string& control_schema,
                                            const AuditEvent& event);

}  // namespace vestibule::store
