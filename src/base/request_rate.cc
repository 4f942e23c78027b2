#include "base/request_rate.h"

#include <algorithm>

namespace vestibule {

std::uint32_t RequestRate::admit(std::uint32_t per_minute, Clock::time_point now) {
  using std::chrono::microseconds;
  constexpr std::int64_t kSecond = 1'000'000;
  constexpr std::int64_t kMinute = 60 * kSecond;
  const std::int64_t share = kMinute / per_minute;
  const std::int64_t at = std::chrono::duration_cast<microseconds>(now.time_since_epoch()).count();
  std::int64_t paid = paid_until_.load(std::memory_order_relaxed);
  for (;;) {
    const std::int64_t then = std::max(paid, at) + share;
    const std::int64_t early = then - at - kMinute;
    if (early > 0) return static_cast<std::uint32_t>((early + kSecond - 1) / kSecond);
    if (paid_until_.compare_exchange_weak(paid, then, std::memory_order_relaxed)) return 0;
  }
}

}  // namespace vestibule
