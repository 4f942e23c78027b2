#pragma once
// What a fuzz target asserts. Stays on in every build.

#include <cstdio>
#include <cstdlib>
#include <string>

namespace vestibule::fuzz {

/// Ends the program, which is how a fuzzer learns of a broken promise.
inline void require(bool holds, const char* promise, const std::string& about = {}) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n%s\n", promise, about.c_str());
  std::abort();
}

}  // namespace vestibule::fuzz
