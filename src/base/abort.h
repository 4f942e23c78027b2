#pragma once
// The end of the process where no caller could go on: what it stands on is broken.

#include <cstdio>
#include <cstdlib>

namespace vestibule {

/// Writes the reason to standard error and aborts.
[[noreturn]] inline void abortWith(const char* reason) {
  static_cast<void>(std::fprintf(stderr, "vestibule: %s\n", reason));
  std::abort();
}

}  // namespace vestibule
