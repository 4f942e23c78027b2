#include "app/serve_metrics.h"

#include "app/build_info.h"
#include "base/process_usage.h"

namespace vestibule::app {
namespace {

/// The value of a line of buildInfo().
std::string builtOf(std::string_view name) {
  const std::string_view all = buildInfo();
  const auto line = all.find(std::string(name) + ": ");
  if (line == std::string_view::npos) return {};
  const auto begin = line + name.size() + 2;
  return std::string(all.substr(begin, all.find('\n', begin) - begin));
}

}  // namespace

ServeMetrics::ServeMetrics(bool log_requests) : requests(all, log_requests) {
  addProcessUsage(all);
  all.addReading(
      {"vestibule_build_info", Reading::Type::kGauge, "What the program is; always 1.", [] {
         return std::vector<Sample>{
             {{{"version", VESTIBULE_VERSION}, {"commit", builtOf("commit")}}, 1}};
       }});
}

}  // namespace vestibule::app
