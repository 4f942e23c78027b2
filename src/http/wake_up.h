#pragma once
// Wakes a thread that sits in poll().

#include <sys/eventfd.h>

#include <cstdint>

#include "http/unique_fd.h"

namespace vestibule::http {

/// A descriptor that becomes readable when another thread calls `ring`. Thread-safe.
class WakeUp {
 public:
  WakeUp() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

  /// False when the system had no descriptor left.
  [[nodiscard]] bool valid() const { return fd_.valid(); }
  /// To be polled for POLLIN.
  [[nodiscard]] int fd() const { return fd_.get(); }
  /// A full counter, the only way this can fail, wakes as well.
  void ring() const { [[maybe_unused]] const int done = ::eventfd_write(fd_.get(), 1); }
  /// Makes the descriptor silent again.
  void clear() const {
    eventfd_t count = 0;
    [[maybe_unused]] const int done = ::eventfd_read(fd_.get(), &count);
  }

 private:
  UniqueFd fd_;
};

}  // namespace vestibule::http
