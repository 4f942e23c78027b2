#pragma once
// Receivers that poll and wait for the next event of their stream.

#include "directory/context.h"
#include "http/parked_requests.h"
#include "store/delivery_store.h"

namespace vestibule::http {

using EventWaits = ParkedRequests<store::EventStreamNumber>;

/// Asks the database which streams have something waiting; while it cannot be read, none has.
/// `context` must outlive what is returned.
[[nodiscard]] EventWaits::Ask streamsWithEvents(const directory::Context& context);

}  // namespace vestibule::http
