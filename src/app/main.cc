// The program `vestibule`.

#include <csignal>

#include "app/commands.h"

// jemalloc reads its options from this name. Each arena keeps what its threads once needed: one for
// each worker, which is the default, would be several times as much.
extern "C" {
// NOLINTNEXTLINE(readability-identifier-naming, cppcoreguidelines-avoid-non-const-global-variables)
const char* malloc_conf = "narenas:4";
}

int main(int argc, char** argv) {
  // A client or a pipe that closes early must not end the process.
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  return vestibule::app::runCommandLine(argc, argv);
}
