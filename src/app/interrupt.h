#pragma once
// Ctrl-C, and SIGTERM, for a command that wants to end at a good moment.

#include <csignal>

#include <atomic>

namespace vestibule::app {

/// While this lives, the first SIGINT or SIGTERM sets a flag and the second ends the process as
/// usual. One at a time in a process.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  [[nodiscard]] const std::atomic<bool>& flag() const;

 private:
  struct sigaction before_int_ {};
  struct sigaction before_term_ {};
};

}  // namespace vestibule::app
