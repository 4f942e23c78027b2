#pragma once
// Whether the server can work, without asking the database each time somebody wants to know.

#include <chrono>
#include <functional>
#include <mutex>
#include <string_view>

namespace vestibule::http {

/// The word of a probe, asked at most once in a while however often clients ask: `/readyz` needs no
/// token. Thread-safe.
class Readiness {
 public:
  using Clock = std::chrono::steady_clock;
  /// Why the server is not ready, as a literal; empty when it is.
  using Probe = std::function<std::string_view()>;

  /// How long a word holds.
  static constexpr std::chrono::milliseconds kFresh{500};
  /// How long the word before is repeated while a probe runs; after that the database is too slow.
  static constexpr std::chrono::milliseconds kPatience{1'000};

  explicit Readiness(Probe probe, std::function<Clock::time_point()> now = Clock::now);

  /// The word of the last probe, or of a new one. One caller at a time runs the probe, as long as
  /// it takes; the others are answered at once.
  [[nodiscard]] std::string_view ask();

 private:
  const Probe probe_;
  const std::function<Clock::time_point()> now_;
  std::mutex mutex_;
  std::string_view said_;
  Clock::time_point said_at_;
  bool probing_ = false;
};

}  // namespace vestibule::http
