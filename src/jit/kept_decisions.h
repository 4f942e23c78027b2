#pragma once
// Decisions that no transaction of a login takes along: refusals, and those that write nothing.

#include "base/result.h"
#include "directory/context.h"
#include "store/audit_event.h"

namespace vestibule::jit {

/// True when the server itself has failed, and nothing was decided.
[[nodiscard]] bool isOutage(const Error& error);

/// Leaves the event to this process's memory.
void remember(const directory::Context& context, store::AuditEvent event);

/// Stores the event of a refusal, the same one once a minute; where that fails, or it is a
/// repetition, remembers it. A refusal stands whether or not its row can be stored. Only for known
/// identity providers: for others anybody could have many rows.
void keepRefusal(const directory::Context& context, store::AuditEvent event);

}  // namespace vestibule::jit
