#include "app/data_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "app/child_process.h"
#include "app/operator_error.h"
#include "app/server_log.h"
#include "base/crypto.h"
#include "base/encoding.h"
#include "base/log.h"

namespace vestibule::app {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kLongestSocketPath = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::size_t kLongestFolderPath =
    400;  // MariaDB's own limit is 512 with everything appended
constexpr std::chrono::milliseconds kPollInterval{10};
constexpr std::chrono::milliseconds kOwnerPatience{250};
constexpr std::chrono::milliseconds kFormerOwnerPatience{5'000};
constexpr std::chrono::seconds kInstallerTimeout{120};
constexpr std::chrono::seconds kGreetingTimeout{1};
constexpr const char* kUnfinishedPrefix = "data.new-";
constexpr std::uintmax_t kLogLimit = 16U << 20U;

/// Makes the folder 0700, or sees to it that it is, and ours.
Result<void> makePrivateFolder(const fs::path& folder) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return operatorFailure(
        ErrorKind::kUnavailable,
        fmt::format("folder {} cannot be made: {}", folder.string(), systemMessage(errno)));
  }
  struct stat status {};
  if (::lstat(folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
    return operatorFailure(ErrorKind::kInvalidValue,
                           fmt::format("{} is not a folder", folder.string()));
  }
  if (status.st_uid != ::geteuid()) {
    return operatorFailure(
        ErrorKind::kInvalidValue,
        fmt::format("folder {} belongs to user {}, but Vestibule runs as user {}", folder.string(),
                    status.st_uid, ::geteuid()));
  }
  if ((status.st_mode & 07777U) != 0700 && ::chmod(folder.c_str(), 0700) != 0) {
    return operatorFailure(
        ErrorKind::kUnavailable,
        fmt::format("folder {} cannot be made private: {}", folder.string(), systemMessage(errno)));
  }
  return {};
}

/// `data_dir` itself may have been made by the operator: its mode is left alone.
Result<fs::path> makeDataDir(const fs::path& data_dir) {
  std::error_code error;
  const fs::path absolute = fs::weakly_canonical(fs::absolute(data_dir), error);
  if (error) {
    return operatorFailure(ErrorKind::kInvalidValue,
                           fmt::format("data_dir {}: {}", data_dir.string(), error.message()));
  }
  if (absolute.string().size() > kLongestFolderPath) {
    return operatorFailure(ErrorKind::kInvalidValue,
                           fmt::format("data_dir has a path of {} bytes; at most {} work",
                                       absolute.string().size(), kLongestFolderPath));
  }
  if (fs::is_directory(absolute, error)) return absolute;
  fs::create_directories(absolute.parent_path(), error);
  if (error) {
    return operatorFailure(ErrorKind::kUnavailable,
                           fmt::format("folder {} cannot be made: {}",
                                       absolute.parent_path().string(), error.message()));
  }
  if (auto made = makePrivateFolder(absolute); !made) return propagate(made);
  return absolute;
}

/// A short folder for the socket of a data folder with a long path: always the same one for the
/// same folder.
Result<fs::path> shortSocketFolder(const fs::path& data_dir) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in this program changes the environment.
  const char* runtime_folder = std::getenv("XDG_RUNTIME_DIR");
  const std::string name = "vestibule-" + toHex(sha256(data_dir.string())).substr(0, 16);
  for (const fs::path& base :
       {fs::path(runtime_folder == nullptr ? "" : runtime_folder), fs::path("/tmp")}) {
    std::error_code ignored;
    if (!base.is_absolute() || !fs::is_directory(base, ignored)) continue;
    if ((base / name / "mariadb.sock").string().size() > kLongestSocketPath) continue;
    auto made = makePrivateFolder(base / name);
    if (made) return base / name;
    if (base == "/tmp") return propagate(made);
  }
  return operatorFailure(ErrorKind::kInvalidValue,
                         fmt::format("data_dir {} is too long for a socket inside it, and neither "
                                     "XDG_RUNTIME_DIR nor /tmp can hold one; use a shorter path",
                                     data_dir.string()));
}

std::string firstLine(const fs::path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return printable(line);
}

/// True when a process of this number exists, be it one that has ended and waits for its parent to
/// notice.
bool processExists(const std::string& number) {
  pid_t pid = 0;
  const char* end = number.data() + number.size();
  const auto [stop, error] = std::from_chars(number.data(), end, pid);
  return error == std::errc() && stop == end && pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM);
}

/// Takes the lock that tells one Vestibule from another. A process that was killed while it started
/// a child is followed for a moment by that child, which has the lock open until it becomes another
/// program or notices.
Result<FileLock> takeOwnLock(const fs::path& file) {
  const auto asked = std::chrono::steady_clock::now();
  for (;;) {
    auto lock = FileLock::tryLock(file);
    if (!lock || lock->held()) return lock;
    const std::string owner = firstLine(file);
    const auto patience = processExists(owner) ? kOwnerPatience : kFormerOwnerPatience;
    if (std::chrono::steady_clock::now() - asked >= patience) {
      return operatorFailure(ErrorKind::kUnavailable,
                             fmt::format("data_dir {} is in use by another Vestibule (process {})",
                                         file.parent_path().string(), owner));
    }
    std::this_thread::sleep_for(kPollInterval);
  }
}

/// Takes the lock that the children of an earlier process may still hold.
Result<FileLock> awaitServerLock(const fs::path& file, std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (bool told = false;; told = true) {
    auto lock = FileLock::tryLock(file);
    if (!lock || lock->held()) return lock;
    if (!told) {
      logEvent(events::kPrivateWaiting, {{"process", firstLine(file)}});
    }
    if (std::chrono::steady_clock::now() >= deadline) {
      return operatorFailure(
          ErrorKind::kUnavailable,
          fmt::format(
              "the database server of an earlier run (process {}) still works on {} after {} s",
              firstLine(file), file.parent_path().string(),
              std::chrono::duration_cast<std::chrono::seconds>(timeout).count()));
    }
    std::this_thread::sleep_for(kPollInterval);
  }
}

Result<void> removeUnfinished(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> unfinished;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().filename().string().rfind(kUnfinishedPrefix, 0) == 0)
      unfinished.push_back(entry->path());
  }
  for (const auto& path : unfinished) {
    if (error) break;
    logEvent(events::kPrivateLeftover, {{"folder", path.string()}});
    fs::remove_all(path, error);
  }
  if (error) {
    return operatorFailure(ErrorKind::kUnavailable, fmt::format("folder {} cannot be cleared: {}",
                                                                folder.string(), error.message()));
  }
  return {};
}

/// The log is of use to a person looking into a failure, not for keeping: one old generation stays.
void rotateLog(const fs::path& log) {
  std::error_code error;
  const auto size = fs::file_size(log, error);
  if (error || size <= kLogLimit) return;
  fs::rename(log, fs::path(log).concat(".old"), error);
  if (error)
    logEvent(events::kPrivateLogKept, {{"file", log.string()}, {"reason", error.message()}});
}

/// Runs the installer in `folder` to its end.
Result<void> runInstaller(const DatabasePrograms& programs, const DatabaseTuning& tuning,
                          const fs::path& folder, const fs::path& output,
                          const FileLock& server_lock) {
  const int output_fd =
      ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (output_fd < 0) {
    return operatorFailure(ErrorKind::kUnavailable,
                           fmt::format("{}: {}", output.string(), systemMessage(errno)));
  }
  auto pid = spawnChild({.program = programs.installer,
                         .arguments = installerArguments(tuning),
                         .environment = databaseEnvironment(programs),
                         .folder = folder.string(),
                         .output_fd = output_fd,
                         .kept_fd = server_lock.fd()});
  ::close(output_fd);
  if (!pid) return propagate(pid);
  server_lock.write(fmt::format("{}\n", *pid));
  const auto deadline = std::chrono::steady_clock::now() + kInstallerTimeout;
  while (!childHasEnded(*pid)) {
    if (std::chrono::steady_clock::now() >= deadline) {
      ::kill(-*pid,
             SIGKILL);  // the installer and the server that it runs: it leads its own process group
      break;
    }
    std::this_thread::sleep_for(kPollInterval);
  }
  const int status = reapChild(*pid);
  std::error_code ignored;
  if (status == 0 && fs::is_directory(folder / "mysql", ignored)) return {};
  std::string reason = loggedErrors(output, 0);
  if (reason.empty()) reason = firstLine(output);
  return operatorFailure(ErrorKind::kUnavailable,
                         fmt::format("{} {}: {}; see {}", programs.installer, describeExit(status),
                                     reason, output.string()));
}

/// Makes one file or folder durable.
bool flushOne(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool flushed = ::fsync(fd) == 0;
  ::close(fd);
  return flushed;
}

/// Makes all that is in the folder durable, so that the rename that follows cannot survive what it
/// names. File by file: most are clean already, and syncfs would wait for what the rest of the
/// machine writes.
Result<void> flushFolder(const fs::path& folder) {
  std::error_code error;
  bool flushed = flushOne(folder);
  for (fs::recursive_directory_iterator entry(folder, error), end;
       flushed && !error && entry != end; entry.increment(error)) {
    flushed = flushOne(entry->path());
  }
  if (flushed && !error) return {};
  return operatorFailure(ErrorKind::kUnavailable,
                         fmt::format("{} cannot be written out: {}", folder.string(),
                                     error ? error.message() : systemMessage(errno)));
}

}  // namespace

Result<DataDirectory> DataDirectory::open(const fs::path& data_dir,
                                          std::chrono::milliseconds predecessor_timeout) {
  auto root = makeDataDir(data_dir);
  if (!root) return propagate(root);

  DataDirectory directory;
  auto own_lock = takeOwnLock(*root / "vestibule.lock");
  if (!own_lock) return propagate(own_lock);
  directory.own_lock_ = std::move(*own_lock);

  DatabasePaths& paths = directory.paths_;
  paths.folder = *root / "mariadb";
  if (auto made = makePrivateFolder(paths.folder); !made) return propagate(made);
  paths.data = paths.folder / "data";
  paths.temporary = paths.folder / "tmp";
  paths.log = paths.folder / "mariadb.log";
  paths.pid_file = paths.folder / "mariadb.pid";
  paths.socket = paths.folder / "mariadb.sock";
  if (paths.socket.string().size() > kLongestSocketPath) {
    auto folder = shortSocketFolder(*root);
    if (!folder) return propagate(folder);
    directory.socket_folder_ = *folder;
    paths.socket = *folder / "mariadb.sock";
  }
  directory.own_lock_.write(fmt::format("{}\n{}\n", ::getpid(), paths.socket.string()));

  auto server_lock = awaitServerLock(paths.folder / "server.lock", predecessor_timeout);
  if (!server_lock) return propagate(server_lock);
  directory.server_lock_ = std::move(*server_lock);

  if (auto made = makePrivateFolder(paths.temporary); !made) return propagate(made);
  if (auto removed = removeUnfinished(paths.folder); !removed) return propagate(removed);
  // Nobody else holds the locks, so these can only be left-overs.
  ::unlink(paths.socket.c_str());
  ::unlink(paths.pid_file.c_str());
  rotateLog(paths.log);
  return directory;
}

DataDirectory::~DataDirectory() {
  if (server_lock_.held()) server_lock_.write("");
  if (!own_lock_.held()) return;
  own_lock_.write("");
  if (!socket_folder_.empty()) {
    ::unlink(paths_.socket.c_str());
    ::rmdir(socket_folder_.c_str());
  }
}

Result<void> DataDirectory::initialise(const DatabasePrograms& programs,
                                       const DatabaseTuning& tuning) {
  std::error_code error;
  if (fs::is_directory(paths_.data / "mysql", error)) return {};
  if (fs::exists(paths_.data, error) && !fs::is_empty(paths_.data, error)) {
    return operatorFailure(
        ErrorKind::kInvalidValue,
        fmt::format("{} is neither empty nor a MariaDB data folder", paths_.data.string()));
  }

  logEvent(events::kPrivateMaking, {{"folder", paths_.data.string()}});
  const fs::path unfinished = paths_.folder / (kUnfinishedPrefix + std::to_string(::getpid()));
  if (auto made = makePrivateFolder(unfinished); !made) return propagate(made);
  auto result =
      runInstaller(programs, tuning, unfinished, paths_.folder / "install.log", server_lock_);
  if (result) result = flushFolder(unfinished);
  if (result) {
    fs::rename(unfinished, paths_.data, error);
    if (error) {
      result = operatorFailure(ErrorKind::kUnavailable,
                               fmt::format("{}: {}", paths_.data.string(), error.message()));
    }
  }
  if (result && !flushOne(paths_.folder)) {
    return operatorFailure(
        ErrorKind::kUnavailable,
        fmt::format("{} cannot be written out: {}", paths_.folder.string(), systemMessage(errno)));
  }
  if (result) return result;
  fs::remove_all(unfinished, error);
  return result;
}

bool holdsDatabase(const fs::path& data_dir) {
  std::error_code ignored;
  return fs::is_directory(data_dir / "mariadb" / "data" / "mysql", ignored);
}

std::optional<std::string> runningDatabaseSocket(const fs::path& data_dir) {
  std::ifstream note(data_dir / "vestibule.lock");
  std::string process;
  std::string socket;
  if (!std::getline(note, process) || !std::getline(note, socket) || socket.empty())
    return std::nullopt;
  if (!databaseAnswers(socket)) return std::nullopt;
  return socket;
}

std::string socketUrl(const fs::path& socket) {
  std::string encoded;
  for (const char c : socket.string()) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                       (byte >= 'a' && byte <= 'z') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return "mysql://root@/?socket=" + encoded;
}

bool databaseAnswers(const fs::path& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = socket.string();
  if (path.size() > kLongestSocketPath) return false;
  path.copy(address.sun_path, path.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return false;
  bool answered = false;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    pollfd waiting{fd, POLLIN, 0};
    constexpr int kMilliseconds = static_cast<int>(
        std::chrono::duration_cast<std::chrono::milliseconds>(kGreetingTimeout).count());
    char greeting[256];
    answered =
        ::poll(&waiting, 1, kMilliseconds) == 1 && ::recv(fd, greeting, sizeof greeting, 0) > 0;
  }
  ::close(fd);
  return answered;
}

}  // namespace vestibule::app
