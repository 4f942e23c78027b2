#include "support/private_database.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <system_error>

#include "app/data_directory.h"
#include "app/operator_error.h"
#include "support/temporary_folder.h"

namespace vestibule::test {
namespace fs = std::filesystem;
namespace {

/// Holds an flock on a file, waiting for it.
class WaitingLock {
 public:
  explicit WaitingLock(const fs::path& file)
      : fd_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    held_ = fd_ >= 0 && ::flock(fd_, LOCK_EX) == 0;
  }
  ~WaitingLock() {
    if (fd_ >= 0) ::close(fd_);
  }
  WaitingLock(const WaitingLock&) = delete;
  WaitingLock& operator=(const WaitingLock&) = delete;
  [[nodiscard]] bool held() const { return held_; }

 private:
  int fd_;
  bool held_ = false;
};

/// A data folder that nobody serves, made once for each installed server; empty when it cannot be
/// had.
fs::path templateData() {
  auto programs = app::DatabasePrograms::find("");
  struct stat server {};
  if (!programs || ::stat(programs->server.c_str(), &server) != 0) return {};
  // Another version of the server, other files.
  const fs::path folder =
      fs::path(VESTIBULE_TEST_CACHE) /
      ("mariadb-" + std::to_string(server.st_size) + "-" + std::to_string(server.st_mtim.tv_sec) +
       "-" + std::to_string(::geteuid()));
  std::error_code error;
  fs::create_directories(folder, error);
  const WaitingLock lock(folder / "template.lock");
  if (error || !lock.held()) return {};
  auto directory = app::DataDirectory::open(folder, std::chrono::seconds(30));
  if (!directory || !directory->initialise(*programs, quickTuning())) return {};
  return directory->paths().data;
}

class SharedDatabase {
 public:
  SharedDatabase() {
    prepareDataDir(folder_.path());
    app::EmbeddedDatabaseOptions options;
    options.data_dir = folder_.path();
    options.tuning = quickTuning();
    auto started = app::EmbeddedDatabase::start(options);
    if (!started)
      throw std::runtime_error("no private database: " + app::operatorText(started.error()));
    database_ = std::move(*started);
  }
  ~SharedDatabase() { database_.reset(); }
  SharedDatabase(const SharedDatabase&) = delete;
  SharedDatabase& operator=(const SharedDatabase&) = delete;
  [[nodiscard]] app::EmbeddedDatabase& database() { return *database_; }

 private:
  TemporaryFolder folder_;  // goes last
  std::unique_ptr<app::EmbeddedDatabase> database_;
};

/// Deletes in the process that made the database, and not in a child that a test has forked.
struct DeleteInOwner {
  pid_t owner = ::getpid();
  void operator()(SharedDatabase* shared) const {
    if (::getpid() == owner) delete shared;
  }
};

/// The socket that a URL names; empty when there is no URL.
std::string socketOf(const char* url) {
  if (url == nullptr) return {};
  constexpr std::string_view kKey = "socket=";
  const std::string_view text(url);
  const auto at = text.find(kKey);
  if (at == std::string_view::npos) {
    throw std::runtime_error("VESTIBULE_TEST_DATABASE_URL names no socket");
  }
  return std::string(text.substr(at + kKey.size()));
}

}  // namespace

app::EmbeddedDatabase& privateDatabase() {
  static const std::unique_ptr<SharedDatabase, DeleteInOwner> kShared(new SharedDatabase);
  return kShared->database();
}

const std::string& privateDatabaseSocket() {
  static const std::string kOther = socketOf(otherDatabaseUrl());
  return kOther.empty() ? privateDatabase().socketPath() : kOther;
}

const char* otherDatabaseUrl() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing in a test changes the environment.
  return std::getenv("VESTIBULE_TEST_DATABASE_URL");
}

std::string privateDatabaseUrl() {
  const char* other = otherDatabaseUrl();
  return other != nullptr ? other : privateDatabase().url();
}

app::DatabaseTuning quickTuning() {
  app::DatabaseTuning tuning;
  tuning.buffer_pool_mb = 32;
  tuning.redo_log_mb = 8;
  tuning.max_connections = 128;
  return tuning;
}

void prepareDataDir(const fs::path& data_dir) {
  const fs::path source = templateData();
  if (source.empty()) return;
  const fs::path target = data_dir / "mariadb";
  std::error_code error;
  fs::create_directories(target, error);
  if (!error) fs::copy(source, target / "data", fs::copy_options::recursive, error);
  if (error) {
    fs::remove_all(target, error);
    return;
  }
  fs::permissions(target / "data", fs::perms::owner_all, error);
}

}  // namespace vestibule::test
