#include "app/mariadb_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

#include "app/child_process.h"
#include "app/operator_error.h"
#include "base/log.h"

namespace vestibule::app {
namespace {

/// Options that were part of making the data folder and must stay the same.
constexpr std::array<std::string_view, 4> kFileOptions = {
    "--innodb-data-file-path=ibdata1:4M:autoextend",
    "--innodb-autoextend-increment=4",
    "--innodb-undo-tablespaces=0",
    "--innodb-file-per-table=ON",
};

constexpr std::array<std::string_view, 37> kReservedOptions = {
    "no-defaults",
    "defaults-file",
    "defaults-extra-file",
    "defaults-group-suffix",
    "user",
    "basedir",
    "datadir",
    "tmpdir",
    "socket",
    "pid-file",
    "log-error",
    "skip-log-error",
    "port",
    "bind-address",
    "skip-networking",
    "extra-port",
    "bootstrap",
    "skip-grant-tables",
    "chroot",
    "init-file",
    "character-set-server",
    "collation-server",
    "innodb-data-file-path",
    "innodb-undo-tablespaces",
    "innodb-file-per-table",
    "innodb-flush-log-at-trx-commit",
    "innodb-doublewrite",
    "innodb-flush-method",
    "innodb-fast-shutdown",
    "innodb-force-recovery",
    "innodb-data-home-dir",
    "innodb-log-group-home-dir",
    "debug-no-sync",
    "log-bin",
    "daemonize",
    "networking",
    "grant-tables",
};

/// The name as MariaDB compares it: `_` and `-` are one, prefixes such as `loose-` change how it is
/// taken and not which it is.
Result<std::string> canonicalOption(const std::string& name) {
  std::string canonical = name;
  std::replace(canonical.begin(), canonical.end(), '_', '-');
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
  if (canonical.empty() || canonical.front() == '-' ||
      canonical.find_first_not_of(kAllowed) != std::string::npos) {
    return operatorFailure(
        ErrorKind::kInvalidValue,
        fmt::format("\"{}\" is not the name of a database server option", printable(name)));
  }
  std::string_view bare = canonical;
  for (bool stripped = true; stripped;) {
    stripped = false;
    for (const std::string_view prefix : {"loose-", "maximum-", "skip-", "disable-", "enable-"}) {
      if (bare.substr(0, prefix.size()) == prefix) {
        bare.remove_prefix(prefix.size());
        stripped = true;
      }
    }
  }
  const auto reserved = [&](std::string_view candidate) {
    // The server takes any unambiguous beginning of a name, so a beginning of a reserved one is
    // refused as well.
    return std::any_of(
        kReservedOptions.begin(), kReservedOptions.end(), [&](std::string_view option) {
          return !candidate.empty() && option.substr(0, candidate.size()) == candidate;
        });
  };
  if (reserved(canonical) || reserved(bare)) {
    return operatorFailure(
        ErrorKind::kInvalidValue,
        fmt::format("the database server option \"{}\" is Vestibule's own and cannot be set",
                    name));
  }
  return canonical;
}

/// mariadbd refuses to run as root unless told to. The installer must not see the option, since it
/// would change the owner of files outside the data folder; it hands on what starts with
/// `--loose-`.
void addUser(std::vector<std::string>& arguments, const char* option) {
  if (::geteuid() == 0) arguments.emplace_back(option);
}

}  // namespace

Result<DatabasePrograms> DatabasePrograms::find(const std::string& configured_server) {
  constexpr const char* kAdvice =
      "; install Debian's mariadb-server-core and mariadb-client-core (scripts/install-deps does), "
      "or set database.url to a database of your own";
  auto server = findProgram(configured_server, "mariadbd");
  if (!server) {
    return operatorFailure(ErrorKind::kNotFound, operatorText(server.error()) + kAdvice);
  }
  // A server from elsewhere has its installer in a sibling folder: X/sbin/mariadbd, X/bin or
  // X/scripts/mariadb-install-db.
  if (!configured_server.empty()) {
    const auto prefix = std::filesystem::path(*server).parent_path().parent_path();
    for (const char* folder : {"bin", "scripts"}) {
      auto beside = findProgram((prefix / folder / "mariadb-install-db").string(), "");
      if (beside) return DatabasePrograms{*server, *beside};
    }
  }
  auto installer = findProgram("", "mariadb-install-db");
  if (!installer) {
    return operatorFailure(ErrorKind::kNotFound, operatorText(installer.error()) + kAdvice);
  }
  return DatabasePrograms{*server, *installer};
}

std::vector<std::string> installerArguments(const DatabaseTuning& tuning) {
  std::vector<std::string> arguments = {
      "--no-defaults",
      // Relative to its working directory: the installer is a shell script that does not quote
      // paths.
      "--datadir=.",
      // A MariaDB that starts clears its temporary folder of all #sql files, even those another one
      // is using: never share /tmp.
      "--tmpdir=../tmp",
      "--auth-root-authentication-method=normal",
      "--skip-test-db",
      "--skip-name-resolve",
  };
  arguments.insert(arguments.end(), kFileOptions.begin(), kFileOptions.end());
  arguments.push_back(fmt::format("--innodb-log-file-size={}M", tuning.redo_log_mb));
  addUser(arguments, "--loose-user=root");
  return arguments;
}

Result<std::vector<std::string>> serverArguments(const DatabasePaths& paths,
                                                 const DatabaseTuning& tuning) {
  std::vector<std::string> arguments = {
      "--no-defaults",
      "--datadir=" + paths.data.string(),
      "--tmpdir=" + paths.temporary.string(),
      "--socket=" + paths.socket.string(),
      "--pid-file=" + paths.pid_file.string(),
      "--log-error=" + paths.log.string(),
      // A probe that hangs up before it logs in is not worth a line.
      "--log-warnings=1",
      "--skip-networking",
      "--skip-name-resolve",
      "--skip-symbolic-links",
      "--local-infile=OFF",
      "--event-scheduler=OFF",
      // Promises: what is committed stays, and every text is compared byte by byte.
      "--innodb-flush-log-at-trx-commit=1",
      "--skip-log-bin",
      "--character-set-server=utf8mb4",
      "--collation-server=utf8mb4_bin",
      "--transaction-isolation=READ-COMMITTED",
      "--default-time-zone=+00:00",
      fmt::format("--innodb-lock-wait-timeout={}", tuning.lock_wait_seconds),
      // Table locks: only a migration waits for one, and may have to let running requests end.
      "--lock-wait-timeout=60",
      "--max-allowed-packet=64M",
      // Memory.
      "--performance-schema=OFF",
      fmt::format("--innodb-buffer-pool-size={}M", tuning.buffer_pool_mb),
      fmt::format("--innodb-log-file-size={}M", tuning.redo_log_mb),
      "--innodb-log-buffer-size=4M",
      "--key-buffer-size=64K",
      "--aria-pagecache-buffer-size=1M",
      "--query-cache-size=0",
      "--query-cache-type=0",
      "--tmp-table-size=4M",
      "--max-heap-table-size=4M",
      "--table-open-cache=400",
      fmt::format("--max-connections={}", tuning.max_connections),
  };
  arguments.insert(arguments.end(), kFileOptions.begin(), kFileOptions.end());
  addUser(arguments, "--user=root");
  for (const auto& [name, value] : tuning.options) {
    auto canonical = canonicalOption(name);
    if (!canonical) return propagate(canonical);
    arguments.push_back(value.empty() ? "--" + *canonical : "--" + *canonical + "=" + value);
  }
  return arguments;
}

std::vector<std::string> databaseEnvironment(const DatabasePrograms& programs) {
  const auto server_folder = std::filesystem::path(programs.server).parent_path().string();
  std::vector<std::string> environment = {
      "PATH=" + server_folder + ":/usr/sbin:/usr/bin:/sbin:/bin",
      "MYSQLD_BOOTSTRAP=" + programs.server,
      "LC_ALL=C.UTF-8",
      "TZ=UTC",
  };
  // A server that was unpacked somewhere may need its own libraries.
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in this program changes the environment.
  if (const char* libraries = std::getenv("LD_LIBRARY_PATH")) {
    environment.push_back(std::string("LD_LIBRARY_PATH=") + libraries);
  }
  return environment;
}

}  // namespace vestibule::app
