#include "feed/event_metrics.h"

namespace vestibule::feed {

EventMetrics::EventMetrics(Metrics& metrics)
    : deliveries_(metrics.addCounter("vestibule_event_deliveries_total",
                                     "Attempts to bring an event to a receiver.",
                                     {{"kind", {"push", "poll", "webhook"}},
                                      {"result", {"delivered", "refused", "failed", "given_up"}}})),
      dropped_(metrics.addCounter("vestibule_events_dropped_total",
                                  "Events that were too old before a receiver had them.")) {}

void EventMetrics::attempted(std::size_t kind, DeliveryResult result, std::uint64_t number) const {
  constexpr std::size_t kResults = 4;
  deliveries_.add(kind * kResults + static_cast<std::size_t>(result), number);
}

}  // namespace vestibule::feed
