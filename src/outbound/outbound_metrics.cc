#include "outbound/outbound_metrics.h"

#include <algorithm>
#include <utility>

#include "outbound/target_worker.h"

namespace vestibule::outbound {
namespace {

using Counts = std::vector<store::OutboundCount>;

std::uint64_t sum(const Counts& counts, store::OutboundTargetNumber target, bool failed) {
  std::uint64_t number = 0;
  for (const auto& count : counts) {
    const bool has_failed = count.state == store::MarkState::kFailed;
    if (count.target == target && has_failed == failed) number += count.number;
  }
  return number;
}

std::chrono::microseconds oldest(const Counts& counts, store::OutboundTargetNumber target) {
  std::chrono::microseconds age{0};
  for (const auto& count : counts) {
    const bool waits = count.state != store::MarkState::kFailed;
    if (count.target == target && waits) age = std::max(age, count.oldest);
  }
  return age;
}

}  // namespace

Counter& addOutcomeCounter(Metrics& metrics) {
  return metrics.addCounter("vestibule_outbound_total",
                            "Users and groups that outbound targets were compared with, by what "
                            "came of it.",
                            {outcomeLabel()});
}

void addOutboundReadings(Metrics& metrics, const directory::Context& context,
                         std::function<std::optional<Counts>()> counts) {
  metrics.addReading({"vestibule_outbound_resources", Reading::Type::kGauge,
                      "Users and groups that wait for outbound targets or that these do not take.",
                      [&context, counts] {
                        std::vector<Sample> samples;
                        const auto known = counts();
                        if (!known) return samples;
                        for (const auto& row : context.catalog->current()->outboundTargets()) {
                          for (const bool failed : {false, true}) {
                            samples.push_back(
                                {{{"target", row.name}, {"state", failed ? "failed" : "waiting"}},
                                 static_cast<double>(sum(*known, row.number, failed))});
                          }
                        }
                        return samples;
                      }});
  metrics.addReading({"vestibule_outbound_oldest_seconds", Reading::Type::kGauge,
                      "For how long the oldest user or group has waited for an outbound target.",
                      [&context, counts = std::move(counts)] {
                        std::vector<Sample> samples;
                        const auto known = counts();
                        if (!known) return samples;
                        for (const auto& row : context.catalog->current()->outboundTargets()) {
                          const std::chrono::duration<double> age = oldest(*known, row.number);
                          samples.push_back({{{"target", row.name}}, age.count()});
                        }
                        return samples;
                      }});
}

}  // namespace vestibule::outbound
