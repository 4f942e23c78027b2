#pragma once
// What a process counts and times, and its text for Prometheus.

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace vestibule {

/// A label and every value that it can have. All are known from the start, so that nothing a client
/// sends can make the metrics grow (security cases G, H-10).
struct Label {
  std::string name;
  std::vector<std::string> values;
};

/// A number that only grows, for each combination of the values of its labels. Thread-safe.
class Counter {
 public:
  Counter(std::string name, std::string help, const std::vector<Label>& labels);
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;

  /// Counts `amount` more for the value at this place in the list; with two labels the place is
  /// that of the first times the number of values of the second, plus that of the second.
  void add(std::size_t place, std::uint64_t amount = 1) {
    counts_.at(place).fetch_add(amount, std::memory_order_relaxed);
  }

  /// Appends HELP, TYPE and a line for each combination, zeros too.
  void write(std::string& out) const;

 private:
  std::string name_;
  std::string help_;
  std::vector<std::string> series_;
  std::vector<std::atomic<std::uint64_t>> counts_;
};

/// How long something took, counted in buckets from 50 µs to 10 s, for each combination of the
/// values of its labels. Thread-safe; an observation is two relaxed additions in one or two lines
/// of the cache.
class Histogram {
 public:
  Histogram(std::string name, std::string help, const std::vector<Label>& labels = {});
  Histogram(const Histogram&) = delete;
  Histogram& operator=(const Histogram&) = delete;

  /// Counts one that took so long; places as for Counter, 0 without labels.
  void observe(std::size_t place, std::chrono::nanoseconds time);

  /// Appends HELP, TYPE, and for each combination its buckets, sum (in seconds) and count.
  void write(std::string& out) const;

  /// The upper bound of each bucket but the last, which has none.
  static constexpr std::array<std::chrono::microseconds, 17> kBounds{
      std::chrono::microseconds{50},        std::chrono::microseconds{100},
      std::chrono::microseconds{250},       std::chrono::microseconds{500},
      std::chrono::microseconds{1'000},     std::chrono::microseconds{2'500},
      std::chrono::microseconds{5'000},     std::chrono::microseconds{10'000},
      std::chrono::microseconds{25'000},    std::chrono::microseconds{50'000},
      std::chrono::microseconds{100'000},   std::chrono::microseconds{250'000},
      std::chrono::microseconds{500'000},   std::chrono::microseconds{1'000'000},
      std::chrono::microseconds{2'500'000}, std::chrono::microseconds{5'000'000},
      std::chrono::microseconds{10'000'000}};

 private:
  /// Aligned, so that two threads that time different things share no line of the cache.
  struct alignas(64) Cells {
    std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> buckets{};
    std::atomic<std::uint64_t> nanoseconds{0};
  };

  std::string name_;
  std::string help_;
  std::vector<std::string> series_;
  std::vector<Cells> cells_;
};

/// One line of a metric that is looked up when somebody asks.
struct Sample {
  std::vector<std::pair<std::string_view, std::string>> labels;
  double value = 0;
};

/// A metric that is looked up when somebody asks. `read` is called on any thread, by several at
/// once; what it returns has labels from a bounded set. Of a metric without samples nothing is
/// written: a zero would look as if it were known.
struct Reading {
  enum class Type : std::uint8_t { kCounter, kGauge };
  std::string name;
  Type type = Type::kGauge;
  std::string help;
  std::function<std::vector<Sample>()> read;
};

/// What a process counts, times and can look up. Filled at the start, not to be added to while
/// another thread uses it; what is added lives as long as it does.
class Metrics {
 public:
  /// New metrics. Names and labels are of Prometheus's alphabet, each name once.
  Counter& addCounter(std::string name, std::string help, const std::vector<Label>& labels = {});
  Histogram& addHistogram(std::string name, std::string help,
                          const std::vector<Label>& labels = {});
  void addReading(Reading reading);

  /// Everything in the Prometheus text format (version 0.0.4), in the order of adding. Thread-safe.
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::variant<std::unique_ptr<Counter>, std::unique_ptr<Histogram>, Reading>> all_;
};

}  // namespace vestibule
