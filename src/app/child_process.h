#pragma once
// Starting another program from a process that has threads.

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace vestibule::app {

/// A program to run. It gets exactly this environment, /dev/null as input, its own session (so that
/// a Ctrl-C on our terminal is ours alone), default signal handling, and no open file of ours but
/// `kept_fd`.
struct ChildCommand {
  std::string program;                   ///< absolute path
  std::vector<std::string> arguments;    ///< without the program's own name
  std::vector<std::string> environment;  ///< `NAME=value`
  std::string folder = "/";              ///< working directory
  int output_fd = -1;                    ///< becomes standard output and error; -1: /dev/null
  int kept_fd = -1;                      ///< stays open in the child under the same number
};

/// Forks and executes. The child is sent SIGTERM when the calling *thread* ends (PR_SET_PDEATHSIG),
/// however the process ends: the thread must live for as long as the child shall. Returns once the
/// program runs. Error kUnavailable for the operator when it cannot be started. Thread-safe.
[[nodiscard]] Result<pid_t> spawnChild(const ChildCommand& command);

/// True once the child has ended; it stays unreaped. A child that is not there any more counts as
/// ended. Never blocks.
[[nodiscard]] bool childHasEnded(pid_t pid);

/// Blocks until the child has ended, and leaves it unreaped, so that its number cannot be given to
/// another process meanwhile.
void awaitChildEnd(pid_t pid);

/// Reaps an ended child and returns its wait status; blocks while it still runs.
int reapChild(pid_t pid);

/// A wait status in words: `exited with code 1`, `was killed by signal 9 (Killed)`.
[[nodiscard]] std::string describeExit(int wait_status);

/// The absolute path of a program: `configured` where given (it must be executable), else `name`
/// looked for in $PATH and then in the places where Debian puts servers. Error kNotFound for the
/// operator.
[[nodiscard]] Result<std::string> findProgram(const std::string& configured,
                                              const std::string& name);

}  // namespace vestibule::app
