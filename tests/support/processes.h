#pragma once
// Looking at processes, and waiting for what they do.

#include <sys/types.h>

#include <chrono>
#include <functional>

namespace vestibule::test {

/// True while the process runs; one that has ended and waits for its parent to notice does not
/// count.
[[nodiscard]] bool isRunning(pid_t pid);

/// Asks again and again until the condition holds. False when it does not within `timeout`.
[[nodiscard]] bool eventually(const std::function<bool()>& condition,
                              std::chrono::milliseconds timeout = std::chrono::seconds(20));

}  // namespace vestibule::test
