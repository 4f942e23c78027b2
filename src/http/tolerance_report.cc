#include "http/tolerance_report.h"

#include "base/log.h"

namespace vestibule::http {
namespace {

std::vector<std::string> everyName() {
  std::vector<std::string> names;
  for (const auto& row : scim::toleranceTable()) names.emplace_back(row.name);
  return names;
}

LogLevel levelOf(scim::TolerancesFired fired) {
  if (fired.has(scim::Tolerance::kMembersReplaceAdds)) return LogLevel::kWarn;
  const bool ours = fired.without(scim::Tolerance::kGroupPatch204).empty();
  return ours ? LogLevel::kDebug : LogLevel::kInfo;
}

}  // namespace

ToleranceReport::ToleranceReport(Metrics& metrics)
    : fired_(metrics.addCounter("vestibule_tolerances_fired_total",
                                "SCIM requests that needed the tolerance.",
                                {{"tolerance", everyName()}})) {}

void ToleranceReport::tell(const Request& request, const directory::Principal& principal,
                           scim::TolerancesFired fired) const {
  if (fired.empty()) return;
  for (const auto tolerance : fired.list()) fired_.add(static_cast<std::size_t>(tolerance));
  logEvent(events::kTolerancesFired, levelOf(fired),
           {{"tolerances", fired.names()},
            {"token", principal.name},
            {"token_id", principal.token_id},
            {"method", methodName(request.method)},
            {"route", request.route}});
}

}  // namespace vestibule::http
