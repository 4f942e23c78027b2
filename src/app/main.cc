// The program `vestibule`.

#include <csignal>

#include "app/commands.h"

int main(int argc, char** argv) {
  // A client or a pipe that closes early must not end the process.
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  return vestibule::app::runCommandLine(argc, argv);
}
