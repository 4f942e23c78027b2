#pragma once
// How a run is measured: a window of time behind a warm-up, latencies of what was completed in it,
// and the processor time that processes spent meanwhile.

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vestibule::bench {

using Clock = std::chrono::steady_clock;

/// When a run begins to count and when it ends.
struct Window {
  Clock::time_point begin;
  Clock::time_point end;

  /// A window of `seconds` that begins after a warm-up from now: half a second, less in very short
  /// runs.
  [[nodiscard]] static Window afterWarmUp(double seconds);
};

/// What one thread saw.
struct Samples {
  std::vector<float> microseconds;  ///< of each operation completed in the window
  std::uint64_t errors = 0;         ///< in and before the window
  std::string first_error;
  /// When there was nothing left to do, before the window's end.
  std::optional<Clock::time_point> exhausted;

  void complete(const Window& window, Clock::time_point from, Clock::time_point to) {
    if (to < window.begin || to >= window.end) return;
    microseconds.push_back(std::chrono::duration<float, std::micro>(to - from).count());
  }
  void fail(std::string what);
};

/// Processes whose processor time is read at both ends of the window; 0: none.
struct Watched {
  pid_t server = 0;
  pid_t database = 0;
};

/// Sleeps through the window, called while other threads work, and keeps what processes spent in
/// it.
class ProcessorTimes {
 public:
  explicit ProcessorTimes(const Watched& watched) : watched_(watched) {}
  void follow(const Window& window);

  /// Seconds in the window; nothing for a process that was not watched or is gone.
  [[nodiscard]] std::optional<double> own() const { return own_; }
  [[nodiscard]] std::optional<double> server() const { return server_; }
  [[nodiscard]] std::optional<double> database() const { return database_; }

 private:
  Watched watched_;
  std::optional<double> own_;
  std::optional<double> server_;
  std::optional<double> database_;
};

/// Prints the result as one line of JSON on stdout: operations, errors, ops_per_s, p50_us, p99_us,
/// cpu_us_own, cpu_us_server, cpu_us_database (per operation; null when not watched). `all` is
/// sorted in passing. Returns the exit status: 1 when more than one operation in a thousand failed,
/// or none was completed (then the first error is on stderr).
int report(std::string_view operation, const Window& window, std::vector<Samples>& all,
           const ProcessorTimes& times);

}  // namespace vestibule::bench
