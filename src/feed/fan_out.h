#pragma once
// From the outbox to the streams: each change becomes one delivery for every stream that wants it.

#include <vector>

#include "base/result.h"
#include "directory/catalog.h"
#include "directory/context.h"
#include "store/outbox_store.h"

namespace vestibule::feed {

/// The deliveries of these changes, in order, with new ids.
[[nodiscard]] std::vector<store::NewDelivery> plan(const directory::Catalog& catalog,
                                                   const std::vector<store::OutboxEvent>& events);

/// Takes some changes out of the outbox, by the streams of this moment. Any number of servers may
/// at once. Error kUnavailable.
[[nodiscard]] Result<store::FannedOut> fanOut(const directory::Context& context);

}  // namespace vestibule::feed
