#include "base/metrics.h"

#include <utility>

namespace vestibule {

Counter::Counter(std::string name, std::string help, std::string label,
                 std::vector<std::string> values)
    : name_(std::move(name)),
      help_(std::move(help)),
      label_(std::move(label)),
      values_(std::move(values)),
      counts_(values_.size()) {}

void Counter::write(std::string& out) const {
  writeMetricHead(out, name_, "counter", help_);
  for (std::size_t i = 0; i < values_.size(); ++i) {
    out.append(name_).append("{").append(label_).append("=\"").append(values_[i]).append("\"} ");
    out.append(std::to_string(counts_[i].load(std::memory_order_relaxed))).append("\n");
  }
}

Counter& Metrics::addCounter(std::string name, std::string help, std::string label,
                             std::vector<std::string> values) {
  counters_.push_back(std::make_unique<Counter>(std::move(name), std::move(help), std::move(label),
                                                std::move(values)));
  return *counters_.back();
}

std::string Metrics::text() const {
  std::string out;
  for (const auto& counter : counters_) counter->write(out);
  return out;
}

void writeMetricHead(std::string& out, std::string_view name, std::string_view type,
                     std::string_view help) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n");
  out.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

}  // namespace vestibule
