#pragma once
// A real `vestibule serve` for black-box tests: its own process, data folder, private database and
// free ports.

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "support/raw_client.h"

namespace vestibule::test {

/// How a program ended and what it printed.
struct CommandResult {
  int status = -1;
  std::string output;  ///< standard output
  std::string errors;  ///< standard error
};

/// Runs a program to its end with these variables, and of our own environment only what it cannot
/// do without.
[[nodiscard]] CommandResult runCommand(const std::string& program,
                                       const std::vector<std::string>& arguments,
                                       const std::map<std::string, std::string>& variables);

/// One answer of the server.
struct Answer {
  int status = 0;     ///< 0 when there is none
  bool sent = false;  ///< the request went out: without a status, its answer was lost
  std::string head;
  std::string body;

  [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
  /// The body as JSON; null when it is none.
  [[nodiscard]] json::Value json() const;
};

/// The server. Every failure to get it going throws std::runtime_error, which fails the test.
class ServerProcess {
 public:
  /// Starts it on `data_dir` (kept: stop and start again to test what survives) with further
  /// `VESTIBULE_*` variables, and waits until it accepts requests. Where otherDatabaseUrl() names a
  /// server, the folder's data are in schemas there, unless a variable says which database to use.
  ServerProcess(std::string program, std::filesystem::path data_dir,
                std::map<std::string, std::string> environment = {});
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  /// Stops it by SIGTERM.
  ~ServerProcess();

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::uint16_t publicPort() const { return public_port_; }
  [[nodiscard]] std::uint16_t internalPort() const { return internal_port_; }
  /// What it has logged so far.
  [[nodiscard]] std::string log() const;

  /// Sends a signal; `wait` returns when it has ended, with the wait status.
  void signal(int number) const;
  int wait();

  /// Runs a command of the same program beside it.
  [[nodiscard]] CommandResult command(const std::vector<std::string>& arguments) const;

  /// Makes a token (and waits until the server knows it).
  [[nodiscard]] std::string token(const std::string& name, const std::string& scopes,
                                  const std::string& domain = "") const;

  /// One request on a connection of its own. `headers` are complete lines without their line ends;
  /// Content-Type is added where there is a body and none is given.
  [[nodiscard]] Answer request(std::uint16_t port, std::string_view method, std::string_view target,
                               std::string_view token = {}, std::string_view body = {},
                               const std::vector<std::string>& headers = {}) const;
  [[nodiscard]] Answer scim(std::string_view method, std::string_view target,
                            std::string_view token, std::string_view body = {},
                            const std::vector<std::string>& headers = {}) const {
    return request(public_port_, method, target, token, body, headers);
  }
  [[nodiscard]] Answer internal(std::string_view method, std::string_view target,
                                std::string_view token, std::string_view body = {},
                                const std::vector<std::string>& headers = {}) const {
    return request(internal_port_, method, target, token, body, headers);
  }

 private:
  std::string program_;
  std::filesystem::path data_dir_;
  std::filesystem::path log_file_;
  std::map<std::string, std::string> variables_;
  pid_t pid_ = 0;
  std::uint16_t public_port_ = 0;
  std::uint16_t internal_port_ = 0;
};

/// Percent-encodes everything that is not unreserved, for query values.
[[nodiscard]] std::string percentEncode(std::string_view text);

}  // namespace vestibule::test
