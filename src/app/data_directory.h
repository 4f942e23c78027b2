#pragma once
// The folder in which the private MariaDB lives: who owns it, what is where, and how it comes into
// being.

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "app/file_lock.h"
#include "app/mariadb_command.h"
#include "base/result.h"

namespace vestibule::app {

/// `data_dir` in the hands of this process, and of no other, for as long as the object lives.
///
///   data_dir/vestibule.lock          held by the Vestibule process that owns the folder; names it
///   and the socket data_dir/mariadb/                0700
///     server.lock                    held by whatever works on `data`: an installer, a server, and
///     us data/  tmp/  mariadb.log  mariadb.pid  mariadb.sock
///
/// The children inherit `server.lock` open, so it shows when the last of them has gone, even those
/// that a killed Vestibule left behind in their shutdown. Not thread-safe.
class DataDirectory {
 public:
  /// Makes the folders where missing (0700), takes both locks and clears what an interrupted start
  /// left. Waits up to `predecessor_timeout` for the database server of an earlier, killed
  /// Vestibule to finish its shutdown; another living Vestibule on the folder is an error at once.
  /// Errors for the operator: kUnavailable when the folder is in use or cannot be made or written,
  /// kInvalidValue when it belongs to somebody else or its path is too long.
  [[nodiscard]] static Result<DataDirectory> open(const std::filesystem::path& data_dir,
                                                  std::chrono::milliseconds predecessor_timeout);
  DataDirectory(DataDirectory&&) = default;
  DataDirectory& operator=(DataDirectory&&) = default;
  DataDirectory(const DataDirectory&) = delete;
  DataDirectory& operator=(const DataDirectory&) = delete;
  /// Clears the notes in the lock files and, where the socket had to live elsewhere, its folder.
  ~DataDirectory();

  /// Makes the database where there is none yet (about half a second): beside its place, moved
  /// there when complete, so that an interruption at any point leaves nothing half-made. Errors for
  /// the operator: kUnavailable when the installer fails, kInvalidValue when the place is taken by
  /// something that is no database.
  [[nodiscard]] Result<void> initialise(const DatabasePrograms& programs,
                                        const DatabaseTuning& tuning);

  [[nodiscard]] const DatabasePaths& paths() const { return paths_; }
  /// To be kept open by every child that works on the data.
  [[nodiscard]] int serverLock() const { return server_lock_.fd(); }
  /// Notes the process number of the server for whoever may have to wait for it.
  void noteServer(pid_t pid) const { server_lock_.write(std::to_string(pid) + "\n"); }

 private:
  DataDirectory() = default;

  DatabasePaths paths_;
  std::filesystem::path
      socket_folder_;  // to be removed at the end; empty when it is `paths_.folder`
  FileLock own_lock_;
  FileLock server_lock_;
};

/// True when a private MariaDB was made in `data_dir`. Takes no lock and makes nothing.
[[nodiscard]] bool holdsDatabase(const std::filesystem::path& data_dir);

/// The socket of the private MariaDB that a running Vestibule keeps on `data_dir`, for commands
/// that are to work beside it; nothing when no server answers there. Takes no lock.
[[nodiscard]] std::optional<std::string> runningDatabaseSocket(
    const std::filesystem::path& data_dir);

/// The `mysql://` URL, as `database.url` takes it, of a private MariaDB behind the socket.
[[nodiscard]] std::string socketUrl(const std::filesystem::path& socket);

/// True when a MariaDB accepts connections on the socket: connects, and reads its greeting. Waits
/// at most a second.
[[nodiscard]] bool databaseAnswers(const std::filesystem::path& socket);

}  // namespace vestibule::app
