#pragma once
// How much of its I/O thread one connection may have, so that it does not starve the others.

#include <chrono>
#include <cstddef>

namespace vestibule::http {

/// How much of a tenth of a second the bodies of one connection may keep its I/O thread busy. The
/// thread reads as long as there is something to read, so a client that sends without a pause has
/// it to itself.
struct BodyAllowance {
  std::chrono::milliseconds time{25};
  /// What a byte of a body may cost besides: a large body that comes fast is no flood, while one in
  /// chunks of a byte costs several times as much.
  std::chrono::nanoseconds time_per_byte{20};
};

/// Counts for one connection. Not thread-safe.
class ThreadShare {
 public:
  using Clock = std::chrono::steady_clock;

  /// True when one more answer may be made on the I/O thread; the others go to the workers.
  [[nodiscard]] bool mayAnswerHere();

  /// The processor time of this thread: what others do to the machine is not the client's fault.
  [[nodiscard]] static std::chrono::nanoseconds threadTime();
  /// Reading a piece of a body took so much of the thread and has made the body so much longer.
  void spent(std::chrono::nanoseconds time, std::size_t bytes);
  /// True when bodies of this connection have kept its thread from all others for too long.
  [[nodiscard]] bool hogsThread(const BodyAllowance& allowance);

 private:
  Clock::time_point inline_window_{};
  int inline_answers_ = 0;
  Clock::time_point body_window_{};
  std::chrono::nanoseconds body_time_{0};
  std::size_t body_bytes_ = 0;
};

}  // namespace vestibule::http
