#include "http/request_report.h"

#include <algorithm>

#include "base/log.h"

namespace vestibule::http {
namespace {

constexpr int kLowestClass = 2;
constexpr int kHighestClass = 5;
constexpr int kStatusesOfClass = 100;

}  // namespace

RequestReport::RequestReport(Metrics& metrics, bool logs)
    : responses_(metrics.addCounter(
          "vestibule_responses_total", "Answers by class of route and of status.",
          {{"route", routeClassNames()}, {"status", {"2xx", "3xx", "4xx", "5xx"}}})),
      durations_(metrics.addHistogram("vestibule_request_duration_seconds",
                                      "From a complete request to its answer, before it is sent.",
                                      {{"route", routeClassNames()}})),
      stages_(metrics.addHistogram("vestibule_request_stage_duration_seconds",
                                   "Where the time of requests goes.",
                                   {{"stage", {"queue", "parked", "handler", "send"}}})),
      logs_(logs) {}

void RequestReport::tell(Method method, std::string_view route, int status, Time time,
                         std::string_view token_id) const {
  if (!logs_) return;
  logEvent(events::kAccess,
           {{"method", methodName(method)},
            {"route", route.empty() ? "-" : route},
            {"status", status},
            {"microseconds", std::chrono::duration_cast<std::chrono::microseconds>(time).count()},
            {"token_id", token_id.empty() ? "-" : token_id}});
}

void RequestReport::answered(RouteClass route, int status, Time time) const {
  constexpr std::size_t kClasses = kHighestClass - kLowestClass + 1;
  const int status_class = std::clamp(status / kStatusesOfClass, kLowestClass, kHighestClass);
  const auto place = static_cast<std::size_t>(route);
  responses_.add(place * kClasses + static_cast<std::size_t>(status_class - kLowestClass));
  durations_.observe(place, time);
}

}  // namespace vestibule::http
