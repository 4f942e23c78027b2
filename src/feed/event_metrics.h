#pragma once
// What is counted of events and their deliveries.

#include <cstddef>
#include <cstdint>

#include "base/metrics.h"

namespace vestibule::feed {

/// How an attempt ended, in the order of the label's values.
enum class DeliveryResult : std::uint8_t { kDelivered, kRefused, kFailed, kGivenUp };

/// Thread-safe.
class EventMetrics {
 public:
  /// Adds `vestibule_event_deliveries_total` and `vestibule_events_dropped_total` to `metrics`,
  /// which must outlive this.
  explicit EventMetrics(Metrics& metrics);

  /// `kind` is the number of a directory::StreamKind.
  void attempted(std::size_t kind, DeliveryResult result, std::uint64_t number = 1) const;
  void dropped(std::uint64_t number) const { dropped_.add(0, number); }

 private:
  Counter& deliveries_;
  Counter& dropped_;
};

}  // namespace vestibule::feed
