#pragma once
// How the private MariaDB is called: to make its data folder, and to serve it.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace vestibule::app {

/// The places inside `data_dir` that belong to the private MariaDB; see DataDirectory.
struct DatabasePaths {
  std::filesystem::path folder;     ///< 0700, holds all others
  std::filesystem::path data;       ///< MariaDB's own data folder
  std::filesystem::path temporary;  ///< its temporary files
  std::filesystem::path log;        ///< its error log
  std::filesystem::path pid_file;
  std::filesystem::path
      socket;  ///< at most 107 bytes; in a folder of mode 0700 too, since root has no password
};

/// What may be tuned. Small by default: 64 MB of buffer pool serve some hundred thousand users.
struct DatabaseTuning {
  std::uint32_t buffer_pool_mb = 64;
  /// More lets MariaDB put off writing pages back under heavy writing, and makes crash recovery
  /// longer.
  std::uint32_t redo_log_mb = 64;
  std::uint32_t max_connections = 64;
  std::uint32_t lock_wait_seconds = 3;
  /// Further server options by name, without the leading `--`; an empty value gives the bare
  /// option. They win over ours, but those that Vestibule's promises rest on (paths, socket,
  /// networking, durability, character set) are refused.
  std::map<std::string, std::string> options;
};

/// The programs of Debian's mariadb-server-core; the installer also calls one of
/// mariadb-client-core.
struct DatabasePrograms {
  std::string server;     ///< mariadbd
  std::string installer;  ///< mariadb-install-db

  /// Finds both; `configured_server` may be empty. The installer is looked for beside the server's
  /// folder too. Error kNotFound for the operator, saying what to install.
  [[nodiscard]] static Result<DatabasePrograms> find(const std::string& configured_server);
};

/// Arguments of mariadb-install-db, to be run in the (empty) data folder to be, which has a folder
/// `tmp` beside it.
[[nodiscard]] std::vector<std::string> installerArguments(const DatabaseTuning& tuning);

/// Arguments of mariadbd. Error kInvalidValue for the operator when `tuning.options` names what may
/// not be set.
[[nodiscard]] Result<std::vector<std::string>> serverArguments(const DatabasePaths& paths,
                                                               const DatabaseTuning& tuning);

/// The environment of both. Not ours: mariadbd must not report to our service manager
/// (NOTIFY_SOCKET) or read somebody's MYSQL_* settings.
[[nodiscard]] std::vector<std::string> databaseEnvironment(const DatabasePrograms& programs);

}  // namespace vestibule::app
