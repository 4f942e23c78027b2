#pragma once
// How often somebody may ask.

#include <atomic>
#include <chrono>
#include <cstdint>

namespace vestibule {

/// The most that a rate may be set to, in requests a minute.
inline constexpr std::uint32_t kMostRequestsPerMinute = 6'000'000;

/// Admits up to so many requests at once as a minute has, and from then on one whenever its share
/// of a minute has passed (the generic cell rate algorithm). Thread-safe, without a lock.
class RequestRate {
 public:
  using Clock = std::chrono::steady_clock;

  /// Counts a request at `now` and returns 0, or counts nothing and returns in how many seconds one
  /// would be admitted, at least 1. `per_minute` is 1 to kMostRequestsPerMinute and may be another
  /// at each call.
  [[nodiscard]] std::uint32_t admit(std::uint32_t per_minute, Clock::time_point now);

 private:
  /// The moment, in microseconds of the clock, at which everything that was admitted has had its
  /// share.
  std::atomic<std::int64_t> paid_until_{0};
};

}  // namespace vestibule
