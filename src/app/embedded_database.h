#pragma once
// Vestibule's own private MariaDB, for when no database is configured: started, watched, restarted,
// stopped, never orphaned.

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "app/data_directory.h"
#include "app/mariadb_command.h"
#include "base/result.h"

namespace vestibule::app {

struct EmbeddedDatabaseOptions {
  std::filesystem::path data_dir;
  /// Absolute path of mariadbd; empty: looked for in $PATH and Debian's places.
  std::string mariadbd;
  DatabaseTuning tuning;
  /// How long a first start may take until the server answers; recovery from a crash is part of it.
  std::chrono::milliseconds start_timeout{120'000};
  /// How long to wait for the server of an earlier, killed Vestibule to finish its shutdown.
  std::chrono::milliseconds predecessor_timeout{30'000};
  /// How long a stop may take before the server is killed (which loses nothing: the next start
  /// recovers).
  std::chrono::milliseconds stop_timeout{30'000};
};

/// A running private MariaDB. It listens on a Unix socket only, in a folder that no other user can
/// enter; log in as `root` without a password. When it dies it is started again after 0.1 s, then
/// 0.2 s, … at most 5 s, counted anew once it stayed up for 30 s; connections fail meanwhile. When
/// this process dies, however it dies, the server gets SIGTERM and shuts down cleanly by itself.
/// All functions are thread-safe.
class EmbeddedDatabase {
 public:
  /// Takes `data_dir`, makes the database where there is none (0.5 s), starts the server (0.1 s)
  /// and returns once it accepts connections. Errors for the operator (see operatorText): kNotFound
  /// when MariaDB is not installed, kInvalidValue for options or a folder that cannot work,
  /// kUnavailable when the folder is in use or the server does not come up; then with the last of
  /// its log.
  [[nodiscard]] static Result<std::unique_ptr<EmbeddedDatabase>> start(
      const EmbeddedDatabaseOptions& options);

  EmbeddedDatabase(const EmbeddedDatabase&) = delete;
  EmbeddedDatabase& operator=(const EmbeddedDatabase&) = delete;
  /// Stops the server.
  ~EmbeddedDatabase();

  /// The absolute path of the socket; at most 107 bytes. Does not change.
  [[nodiscard]] const std::string& socketPath() const { return socket_path_; }
  /// The same as a `mysql://` URL, as `database.url` takes it.
  [[nodiscard]] std::string url() const;
  /// The process number of the server; 0 while there is none.
  [[nodiscard]] pid_t pid() const;
  /// How often the server had to be started again.
  [[nodiscard]] std::uint64_t restarts() const;

  /// Stops the server cleanly (SIGTERM), or with SIGKILL once `stop_timeout` is over, and returns
  /// when it is gone. A second call does nothing but wait for the first.
  void stop();

 private:
  enum class Phase : std::uint8_t { kStarting, kReady, kFailed };

  EmbeddedDatabase(EmbeddedDatabaseOptions options, DatabasePrograms programs,
                   std::vector<std::string> arguments, DataDirectory directory);

  void supervise();
  /// Starts the server and waits for its end; returns why it ended, or could not start.
  std::string runServer(bool first_run);
  /// True once the server answers; false when it ended, was asked to stop, or took too long on the
  /// first run.
  bool awaitReady(pid_t pid, bool first_run);
  [[nodiscard]] std::string endedBecause(int wait_status, std::uintmax_t log_start) const;

  const EmbeddedDatabaseOptions options_;
  const DatabasePrograms programs_;
  const std::vector<std::string> arguments_;
  DataDirectory directory_;
  const std::string socket_path_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Phase phase_ = Phase::kStarting;  // guarded by mutex_, as all below
  pid_t pid_ =
      0;  // set only while the process is unreaped, so that a signal cannot reach a stranger
  bool stopping_ = false;
  bool finished_ = false;
  std::uint64_t restarts_ = 0;
  std::string failure_;

  std::mutex stop_mutex_;
  // Forks the server, and lives as long as it does: the server's death signal is bound to this
  // thread.
  std::thread supervisor_;
};

}  // namespace vestibule::app
