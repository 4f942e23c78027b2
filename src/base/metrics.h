#pragma once
// Counters of the process, and their text for Prometheus.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace vestibule {

/// A number that only grows, for each value of one label. All values are known from the start, so
/// that nothing a client sends can make the metrics grow. Thread-safe.
class Counter {
 public:
  Counter(std::string name, std::string help, std::string label, std::vector<std::string> values);
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;

  /// Counts one more for the value at this place in the list.
  void add(std::size_t place) { counts_.at(place).fetch_add(1, std::memory_order_relaxed); }

  /// Appends HELP, TYPE and a line for each value, zeros too.
  void write(std::string& out) const;

 private:
  std::string name_;
  std::string help_;
  std::string label_;
  std::vector<std::string> values_;
  std::vector<std::atomic<std::uint64_t>> counts_;
};

/// What a process counts. Filled at the start; the counters live as long as it does.
class Metrics {
 public:
  /// A new counter. Names and label are of Prometheus's alphabet, each name once; `values` hold no
  /// quotes, backslashes or line ends. Not to be called while another thread uses this.
  Counter& addCounter(std::string name, std::string help, std::string label,
                      std::vector<std::string> values);

  /// Everything in the Prometheus text format (version 0.0.4). Thread-safe.
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::unique_ptr<Counter>> counters_;
};

/// Appends the lines that begin a metric of the Prometheus text format. `type` is `counter` or
/// `gauge`.
void writeMetricHead(std::string& out, std::string_view name, std::string_view type,
                     std::string_view help);

}  // namespace vestibule
