#pragma once
// Requests that wait for the end of a queued provision.

#include "directory/context.h"
#include "http/parked_requests.h"
#include "store/operation_store.h"

namespace vestibule::http {

using OperationWaits = ParkedRequests<store::OperationId>;

/// Asks the database which operations are done or dead; while it cannot be read, none is. `context`
/// must outlive what is returned.
[[nodiscard]] OperationWaits::Ask endedOperations(const directory::Context& context);

}  // namespace vestibule::http
