#include "http/tolerance_report.h"

#include "base/log.h"

namespace vestibule::http {
namespace {

std::vector<std::string> everyName() {
  std::vector<std::string> names;
  for (const auto& row : scim::toleranceTable()) names.emplace_back(row.name);
  return names;
}

spdlog::level::level_enum levelOf(scim::TolerancesFired fired) {
  if (fired.has(scim::Tolerance::kMembersReplaceAdds)) return spdlog::level::warn;
  const bool ours = fired.without(scim::Tolerance::kGroupPatch204).empty();
  return ours ? spdlog::level::debug : spdlog::level::info;
}

}  // namespace

ToleranceReport::ToleranceReport(Metrics& metrics)
    : fired_(metrics.addCounter("vestibule_tolerances_fired_total",
                                "SCIM requests that needed the tolerance.", "tolerance",
                                everyName())) {}

void ToleranceReport::tell(const Request& request, const directory::Principal& principal,
                           scim::TolerancesFired fired) const {
  if (fired.empty()) return;
  for (const auto tolerance : fired.list()) fired_.add(static_cast<std::size_t>(tolerance));
  spdlog::log(levelOf(fired),
              "event=tolerances_fired tolerances={} token={} token_id={} method={} route={}",
              fired.names(), printable(principal.name, 80), principal.token_id,
              methodName(request.method), request.route);
}

}  // namespace vestibule::http
