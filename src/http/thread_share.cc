#include "http/thread_share.h"

#include <ctime>

namespace vestibule::http {
namespace {

/// How many requests of one connection are answered on the I/O thread within a window. What is
/// beyond goes to the workers, so that a client that floods cheap requests does not starve the
/// other connections of its thread.
constexpr int kInlineAnswers = 100;
constexpr std::chrono::milliseconds kInlineWindow{10};

constexpr std::chrono::milliseconds kBodyWindow{100};
/// What reading some bytes from the socket costs before they come here, about.
constexpr std::chrono::microseconds kReadCost{2};

}  // namespace

bool ThreadShare::mayAnswerHere() {
  const auto now = Clock::now();
  if (now - inline_window_ > kInlineWindow) {
    inline_window_ = now;
    inline_answers_ = 0;
  }
  return ++inline_answers_ <= kInlineAnswers;
}

std::chrono::nanoseconds ThreadShare::threadTime() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

void ThreadShare::spent(std::chrono::nanoseconds time, std::size_t bytes) {
  body_time_ += time + kReadCost;
  body_bytes_ += bytes;
}

bool ThreadShare::hogsThread(const BodyAllowance& allowance) {
  const auto now = Clock::now();
  if (now - body_window_ > kBodyWindow) {
    body_window_ = now;
    body_time_ = {};
    body_bytes_ = 0;
  }
  return body_time_ > allowance.time + allowance.time_per_byte * body_bytes_;
}

}  // namespace vestibule::http
