#pragma once
// The command line: `vestibule COMMAND …`. Each command opens the stack, does one use case, and
// prints what came of it, for people or (--json) for programs.

#include <string>
#include <vector>

namespace vestibule::app {

/// Runs the command line. Returns the exit status: 0 done, 1 the command failed (the reason is on
/// standard error), 2 the command line is wrong.
[[nodiscard]] int runCommandLine(int argc, const char* const* argv);

}  // namespace vestibule::app
