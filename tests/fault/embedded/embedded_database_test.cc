// The private database under everything that may happen to it: real servers, real signals.

#include "app/embedded_database.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <mysql.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "app/operator_error.h"
#include "support/private_database.h"
#include "support/processes.h"
#include "support/temporary_folder.h"

namespace vestibule::app {
namespace {

namespace fs = std::filesystem;
using test::eventually;
using test::isRunning;
using test::TemporaryFolder;

EmbeddedDatabaseOptions optionsFor(const fs::path& data_dir) {
  EmbeddedDatabaseOptions options;
  options.data_dir = data_dir;
  options.tuning = test::quickTuning();
  return options;
}

/// Runs one statement as root; the first column of the first row, or an empty text, or nothing when
/// that fails.
std::optional<std::string> query(const std::string& socket, const std::string& statement) {
  const std::unique_ptr<MYSQL, decltype(&mysql_close)> connection(mysql_init(nullptr),
                                                                  &mysql_close);
  if (mysql_real_connect(connection.get(), nullptr, "root", "", nullptr, 0, socket.c_str(), 0) ==
          nullptr ||
      mysql_query(connection.get(), statement.c_str()) != 0) {
    return std::nullopt;
  }
  const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> rows(
      mysql_store_result(connection.get()), &mysql_free_result);
  if (rows == nullptr) return std::string();
  const auto row = mysql_fetch_row(rows.get());
  return row == nullptr || row[0] == nullptr ? std::string() : std::string(row[0]);
}

std::string textOf(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

mode_t modeOf(const fs::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
}

bool hasUnfinished(const fs::path& data_dir) {
  std::error_code error;
  for (fs::directory_iterator entry(data_dir / "mariadb", error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().filename().string().rfind("data.new-", 0) == 0) return true;
  }
  return false;
}

/// Another process that runs a database on the folder, as a Vestibule would, until it is killed.
class OtherProcess {
 public:
  explicit OtherProcess(const EmbeddedDatabaseOptions& options, uid_t user = ::geteuid()) {
    int answer[2];
    if (::pipe2(answer, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    process_ = ::fork();
    if (process_ == 0) run(options, user, answer[1]);
    ::close(answer[1]);
    answer_ = answer[0];
  }
  ~OtherProcess() {
    kill();
    ::close(answer_);
  }
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;

  /// The process number of its database; 0 when it could not start one.
  pid_t awaitDatabase() {
    pid_t database = 0;
    return ::read(answer_, &database, sizeof database) == sizeof database ? database : 0;
  }

  void kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }

  /// Asks it to stop its database and end; its exit status.
  int stop() {
    int status = -1;
    ::kill(process_, SIGTERM);
    ::waitpid(process_, &status, 0);
    process_ = 0;
    return status;
  }

 private:
  [[noreturn]] static void run(const EmbeddedDatabaseOptions& options, uid_t user, int answer) {
    sigset_t terminate;
    sigemptyset(&terminate);
    sigaddset(&terminate, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &terminate, nullptr);
    if (user != ::geteuid() && (::setgid(user) != 0 || ::setuid(user) != 0)) ::_exit(3);
    auto database = EmbeddedDatabase::start(options);
    if (!database) {
      static_cast<void>(std::fprintf(stderr, "%s\n", operatorText(database.error()).c_str()));
      ::_exit(4);
    }
    const pid_t pid = (*database)->pid();
    if (::write(answer, &pid, sizeof pid) != sizeof pid) ::_exit(5);
    int got = 0;
    ::sigwait(&terminate, &got);
    (*database)->stop();
    ::_exit(isRunning(pid) ? 6 : 0);
  }

  pid_t process_ = 0;
  int answer_ = -1;
};

class EmbeddedDatabaseTest : public ::testing::Test {
 protected:
  /// A folder with an empty database, or none where the making of it is what is tested.
  void prepare() { test::prepareDataDir(folder_.path()); }

  std::unique_ptr<EmbeddedDatabase> start() { return start(optionsFor(folder_.path())); }
  static std::unique_ptr<EmbeddedDatabase> start(const EmbeddedDatabaseOptions& options) {
    auto database = EmbeddedDatabase::start(options);
    if (database) return std::move(*database);
    ADD_FAILURE() << operatorText(database.error());
    throw std::runtime_error("no database");
  }
  static std::string failureOf(const EmbeddedDatabaseOptions& options) {
    auto database = EmbeddedDatabase::start(options);
    return database ? "" : operatorText(database.error());
  }

  TemporaryFolder folder_;
};

TEST_F(EmbeddedDatabaseTest, AFirstStartMakesAPrivateDatabaseAndAStopLeavesNoProcess) {
  const fs::path data_dir = folder_.path() / "not yet" / "there";
  auto database = start(optionsFor(data_dir));
  const pid_t pid = database->pid();
  EXPECT_TRUE(isRunning(pid));
  EXPECT_EQ(query(database->socketPath(), "SELECT 1"), "1");
  EXPECT_EQ(modeOf(data_dir), 0700U);
  EXPECT_EQ(modeOf(data_dir / "mariadb"), 0700U);
  EXPECT_EQ(modeOf(data_dir / "mariadb" / "data"), 0700U);
  EXPECT_FALSE(hasUnfinished(data_dir));
  EXPECT_EQ(runningDatabaseSocket(data_dir), database->socketPath());

  database->stop();
  EXPECT_FALSE(isRunning(pid));
  EXPECT_EQ(database->pid(), 0);
  EXPECT_FALSE(fs::exists(database->socketPath()));
  EXPECT_NE(textOf(data_dir / "mariadb" / "mariadb.log").find("Shutdown complete"),
            std::string::npos);
  database->stop();
  database.reset();
  EXPECT_EQ(runningDatabaseSocket(data_dir), std::nullopt);
}

TEST_F(EmbeddedDatabaseTest, TheServerKeepsWhatVestibuleRestsOn) {
  prepare();
  auto options = optionsFor(folder_.path());
  options.tuning.options = {{"innodb_io_capacity", "321"}, {"max-connections", "77"}};
  const auto database = start(options);
  const std::vector<std::pair<std::string, std::string>> settings = {
      {"@@innodb_flush_log_at_trx_commit", "1"},
      {"@@skip_networking", "1"},
      {"@@log_bin", "0"},
      {"@@character_set_server", "utf8mb4"},
      {"@@collation_server", "utf8mb4_bin"},
      {"@@tx_isolation", "READ-COMMITTED"},
      {"@@time_zone", "+00:00"},
      {"@@innodb_lock_wait_timeout", "3"},
      {"@@innodb_buffer_pool_size", std::to_string(32 << 20)},
      {"@@performance_schema", "0"},
      {"@@local_infile", "0"},
      {"@@innodb_io_capacity", "321"},
      {"@@max_connections", "77"},
      {"(SELECT COUNT(*) FROM mysql.global_priv WHERE user = '')", "0"},
  };
  for (const auto& [setting, value] : settings) {
    EXPECT_EQ(query(database->socketPath(), "SELECT " + setting), value) << setting;
  }
}

TEST_F(EmbeddedDatabaseTest, ASecondStartServesTheSameDataAndASpaceInThePathDoesNotHarm) {
  const auto options = optionsFor(folder_.path() / "data of ours");
  {
    const auto database = start(options);
    ASSERT_TRUE(query(database->socketPath(), "CREATE DATABASE kept"));
  }
  const auto database = start(options);
  EXPECT_EQ(query(database->socketPath(), "SHOW DATABASES LIKE 'kept'"), "kept");
}

TEST_F(EmbeddedDatabaseTest, AnInterruptedFirstStartLeavesNothingHalfMade) {
  OtherProcess interrupted(optionsFor(folder_.path()));
  ASSERT_TRUE(eventually([&] { return hasUnfinished(folder_.path()); }));
  interrupted.kill();
  EXPECT_FALSE(fs::exists(folder_.path() / "mariadb" / "data"));

  const auto database = start();
  EXPECT_EQ(query(database->socketPath(), "SELECT 1"), "1");
  EXPECT_FALSE(hasUnfinished(folder_.path()));
}

TEST_F(EmbeddedDatabaseTest, FirstStartsSideBySideDoNotDisturbEachOther) {
  std::vector<std::unique_ptr<OtherProcess>> processes;
  for (const char* name : {"a", "b", "c", "d"}) {
    processes.push_back(std::make_unique<OtherProcess>(optionsFor(folder_.path() / name)));
  }
  for (const auto& process : processes) EXPECT_GT(process->awaitDatabase(), 0);
  for (const auto& process : processes) EXPECT_EQ(process->stop(), 0);
}

TEST_F(EmbeddedDatabaseTest, AServerThatIsKilledComesBackWithWhatItHadCommitted) {
  prepare();
  const auto database = start();
  ASSERT_TRUE(query(database->socketPath(), "CREATE TABLE mysql.t (a INT) ENGINE=InnoDB"));
  ASSERT_TRUE(query(database->socketPath(), "INSERT INTO mysql.t VALUES (41)"));

  // Each death in a row waits longer than the one before: 0.1 s, then 0.2 s.
  for (const int delay : {100, 200}) {
    const pid_t before = database->pid();
    ASSERT_TRUE(query(database->socketPath(), "UPDATE mysql.t SET a = a + 1"));
    const auto killed = std::chrono::steady_clock::now();
    ASSERT_EQ(::kill(before, SIGKILL), 0);
    ASSERT_TRUE(eventually([&] {
      const pid_t now = database->pid();
      return now != 0 && now != before && query(database->socketPath(), "SELECT 1");
    }));
    EXPECT_GE(std::chrono::steady_clock::now() - killed, std::chrono::milliseconds(delay));
  }
  EXPECT_EQ(query(database->socketPath(), "SELECT a FROM mysql.t"), "43");
  EXPECT_EQ(database->restarts(), 2U);
}

TEST_F(EmbeddedDatabaseTest, AStopRightAfterADeathStartsNothingAnew) {
  prepare();
  const auto database = start();
  const pid_t pid = database->pid();
  ASSERT_EQ(::kill(pid, SIGKILL), 0);
  database->stop();
  EXPECT_EQ(database->pid(), 0);
  EXPECT_FALSE(isRunning(pid));
  EXPECT_FALSE(databaseAnswers(database->socketPath()));
}

TEST_F(EmbeddedDatabaseTest, AServerThatDoesNotStopIsKilledAndLosesNothing) {
  prepare();
  auto options = optionsFor(folder_.path());
  options.stop_timeout = std::chrono::milliseconds(200);
  {
    const auto database = start(options);
    ASSERT_TRUE(query(database->socketPath(), "CREATE DATABASE kept"));
    const pid_t pid = database->pid();
    ASSERT_EQ(::kill(pid, SIGSTOP), 0);
    database->stop();
    EXPECT_FALSE(isRunning(pid));
  }
  const auto database = start(options);
  EXPECT_EQ(query(database->socketPath(), "SHOW DATABASES LIKE 'kept'"), "kept");
}

TEST_F(EmbeddedDatabaseTest, ASecondInstanceOnTheSameFolderIsRefusedAtOnce) {
  prepare();
  const auto database = start();
  const auto asked = std::chrono::steady_clock::now();
  const std::string failure = failureOf(optionsFor(folder_.path()));
  EXPECT_LT(std::chrono::steady_clock::now() - asked, std::chrono::seconds(2));
  EXPECT_NE(
      failure.find("in use by another Vestibule (process " + std::to_string(::getpid()) + ")"),
      std::string::npos)
      << failure;
  EXPECT_EQ(query(database->socketPath(), "SELECT 1"), "1");
}

TEST_F(EmbeddedDatabaseTest, ADatabaseWhoseVestibuleIsKilledShutsDownByItself) {
  prepare();
  OtherProcess vestibule(optionsFor(folder_.path()));
  const pid_t database = vestibule.awaitDatabase();
  ASSERT_GT(database, 0);
  vestibule.kill();
  EXPECT_TRUE(eventually([&] { return !isRunning(database); }));
  EXPECT_NE(textOf(folder_.path() / "mariadb" / "mariadb.log").find("Shutdown complete"),
            std::string::npos);
}

TEST_F(EmbeddedDatabaseTest, TheNextStartWaitsForTheServerOfAKilledVestibule) {
  prepare();
  OtherProcess vestibule(optionsFor(folder_.path()));
  const pid_t orphan = vestibule.awaitDatabase();
  ASSERT_GT(orphan, 0);
  // Stopped, it cannot act on the signal: the longest shutdown there is.
  ASSERT_EQ(::kill(orphan, SIGSTOP), 0);
  vestibule.kill();
  auto impatient = optionsFor(folder_.path());
  impatient.predecessor_timeout = std::chrono::milliseconds(50);
  const std::string failure = failureOf(impatient);
  EXPECT_NE(failure.find("earlier run (process " + std::to_string(orphan) + ")"), std::string::npos)
      << failure;

  ASSERT_EQ(::kill(orphan, SIGCONT), 0);
  const auto database = start();
  EXPECT_FALSE(isRunning(orphan));
  EXPECT_EQ(query(database->socketPath(), "SELECT 1"), "1");
}

TEST_F(EmbeddedDatabaseTest, ACrashOfBothIsRecoveredFrom) {
  prepare();
  OtherProcess vestibule(optionsFor(folder_.path()));
  const pid_t crashed = vestibule.awaitDatabase();
  ASSERT_GT(crashed, 0);
  const auto socket = runningDatabaseSocket(folder_.path());
  ASSERT_TRUE(socket);
  ASSERT_TRUE(query(*socket, "CREATE DATABASE kept"));
  ASSERT_EQ(::kill(crashed, SIGKILL), 0);
  vestibule.kill();
  const auto database = start();
  EXPECT_EQ(query(database->socketPath(), "SHOW DATABASES LIKE 'kept'"), "kept");
}

TEST_F(EmbeddedDatabaseTest, AnOrdinaryUserCanRunIt) {
  // Without root there is nobody to become, and every other test here shows it.
  if (::geteuid() != 0) return;
  constexpr uid_t kNobody = 65534;
  ASSERT_EQ(::chown(folder_.path().c_str(), kNobody, kNobody), 0);
  OtherProcess vestibule(optionsFor(folder_.path() / "data"), kNobody);
  const pid_t database = vestibule.awaitDatabase();
  ASSERT_GT(database, 0);
  struct stat status {};
  ASSERT_EQ(::stat(("/proc/" + std::to_string(database)).c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, kNobody);
  EXPECT_EQ(vestibule.stop(), 0);

  // And root does not silently take over what is another user's.
  const std::string failure = failureOf(optionsFor(folder_.path() / "data"));
  EXPECT_NE(failure.find("belongs to user 65534"), std::string::npos) << failure;
}

TEST_F(EmbeddedDatabaseTest, AFolderTooDeepForASocketGetsAShortPrivateOne) {
  const fs::path data_dir = folder_.path() / std::string(120, 'd');
  test::prepareDataDir(data_dir);
  auto database = start(optionsFor(data_dir));
  const fs::path socket = database->socketPath();
  EXPECT_LE(socket.string().size(), 107U);
  EXPECT_EQ(modeOf(socket.parent_path()), 0700U);
  EXPECT_EQ(query(socket.string(), "SELECT 1"), "1");
  EXPECT_EQ(runningDatabaseSocket(data_dir), socket.string());
  database.reset();
  EXPECT_FALSE(fs::exists(socket.parent_path()));
}

TEST_F(EmbeddedDatabaseTest, ARelativeFolderStaysTheSameWhereverTheProcessGoes) {
  prepare();
  const fs::path before = fs::current_path();
  fs::current_path(folder_.path().parent_path());
  auto options = optionsFor(folder_.path().filename());
  const auto database = start(options);
  fs::current_path(before);
  EXPECT_TRUE(fs::path(database->socketPath()).is_absolute());
  EXPECT_EQ(query(database->socketPath(), "SELECT 1"), "1");
  const pid_t pid = database->pid();
  ASSERT_EQ(::kill(pid, SIGKILL), 0);
  EXPECT_TRUE(eventually([&] { return query(database->socketPath(), "SELECT 1").has_value(); }));
}

TEST_F(EmbeddedDatabaseTest, AServerThatCannotStartFailsWithWhatItLogged) {
  prepare();
  auto options = optionsFor(folder_.path());
  options.tuning.options = {{"no-such-option", "1"}};
  const std::string failure = failureOf(options);
  EXPECT_NE(failure.find("unknown variable 'no-such-option=1'"), std::string::npos) << failure;
  // The folder is free again.
  EXPECT_EQ(query(start()->socketPath(), "SELECT 1"), "1");
}

TEST_F(EmbeddedDatabaseTest, AServerThatNeverAnswersIsGivenUp) {
  prepare();
  const fs::path fake = folder_.path() / "mariadbd";
  std::ofstream(fake) << "#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1; done\n";
  fs::permissions(fake, fs::perms::owner_all);
  auto options = optionsFor(folder_.path());
  options.mariadbd = fake.string();
  options.start_timeout = std::chrono::milliseconds(200);
  const std::string failure = failureOf(options);
  EXPECT_NE(failure.find("did not answer within 200 ms"), std::string::npos) << failure;
}

TEST_F(EmbeddedDatabaseTest, WhatCannotWorkIsRefusedWithAReason) {
  auto options = optionsFor(folder_.path());
  options.mariadbd = "/nowhere/mariadbd";
  EXPECT_NE(failureOf(options).find("/nowhere/mariadbd is not an executable file; install"),
            std::string::npos);

  for (const char* name : {"datadir",
                           "skip_networking",
                           "skip-networking",
                           "loose-port",
                           "innodb_flush_log_at_trx_commit",
                           "innodb-flush-log-at-t",
                           "skip-grant-tables",
                           "disable-networking",
                           "innodb_flush_method",
                           "debug-no-sync",
                           "innodb-force-recovery",
                           "innodb-fast-shutdown",
                           "innodb-data-home-dir",
                           "innodb_log_group_home_dir",
                           "log-bin",
                           "skip-log-bin",
                           "user",
                           "SOCKET",
                           "--x",
                           ""}) {
    SCOPED_TRACE(name);
    options = optionsFor(folder_.path());
    options.tuning.options = {{name, "1"}};
    EXPECT_NE(failureOf(options).find("option"), std::string::npos);
  }

  options = optionsFor(folder_.path());
  fs::create_directories(folder_.path() / "mariadb" / "data");
  std::ofstream(folder_.path() / "mariadb" / "data" / "letter.txt") << "dear";
  EXPECT_NE(failureOf(options).find("neither empty nor a MariaDB data folder"), std::string::npos);
  EXPECT_EQ(textOf(folder_.path() / "mariadb" / "data" / "letter.txt"), "dear");

  options.data_dir = folder_.path() / "mariadb" / "data" / "letter.txt" / "below";
  EXPECT_NE(failureOf(options), "");
}

TEST(PrivateDatabase, IsSharedByAllTestsOfAProcess) {
  EXPECT_EQ(query(test::privateDatabaseSocket(), "SELECT 1"), "1");
  EXPECT_EQ(&test::privateDatabase(), &test::privateDatabase());
  EXPECT_EQ(test::privateDatabaseUrl(), "mysql://root@/?socket=" + test::privateDatabaseSocket());
}

}  // namespace
}  // namespace vestibule::app
