#pragma once
// The metrics of outbound provisioning.

#include <functional>
#include <optional>
#include <vector>

#include "base/metrics.h"
#include "directory/context.h"
#include "store/outbound_store.h"

namespace vestibule::outbound {

/// Adds the counter of what came of resources that were looked at: for WorkerOptions::outcomes.
[[nodiscard]] Counter& addOutcomeCounter(Metrics& metrics);

/// Adds how many resources wait or have failed, and for how long the oldest has waited, by target.
/// `counts` gives nothing while that cannot be told. Both are asked as long as anybody asks
/// `metrics`.
void addOutboundReadings(Metrics& metrics, const directory::Context& context,
                         std::function<std::optional<std::vector<store::OutboundCount>>()> counts);

}  // namespace vestibule::outbound
