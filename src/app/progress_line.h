#pragma once
// How far a long command is, on standard error.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace vestibule::app {

/// A bar that is drawn over itself on a terminal; elsewhere a line now and then. Not thread-safe.
class ProgressLine {
 public:
  /// `what` are counted, such as `lines`. Silent: nothing is printed.
  ProgressLine(std::string what, bool silent);
  /// Ends the bar's line.
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Prints, unless it has just done so. `share` is how much is done, from 0 to 1, where that is
  /// known; `count` are done, `fresh` of them since this began; `more` stands at the end.
  void show(std::optional<double> share, std::uint64_t count, std::uint64_t fresh,
            const std::string& more = {});

 private:
  using Clock = std::chrono::steady_clock;

  std::string what_;
  bool on_terminal_;
  bool silent_;
  bool drawn_ = false;
  Clock::time_point begun_ = Clock::now();
  Clock::time_point next_;
};

/// The number with commas between thousands.
[[nodiscard]] std::string grouped(std::uint64_t number);

/// The bar's text without its line end: `[#####-----]  50%  500,000 lines  9,000/s  0:55 left`.
[[nodiscard]] std::string progressText(std::optional<double> share, std::uint64_t count,
                                       const std::string& what, std::uint64_t fresh, double seconds,
                                       const std::string& more);

}  // namespace vestibule::app
