#include "app/embedded_database.h"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <system_error>
#include <utility>

#include "app/child_process.h"
#include "app/operator_error.h"
#include "app/server_log.h"
#include "base/log.h"

namespace vestibule::app {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kFirstDelay{100};
constexpr std::chrono::milliseconds kLongestDelay{5'000};
constexpr std::chrono::seconds kStableAfter{30};
constexpr std::chrono::milliseconds kReadyPoll{5};
constexpr std::chrono::seconds kReadyReport{10};

std::uintmax_t sizeOf(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  return error ? 0 : size;
}

/// Threads inherit the signal mask: the supervisor must not be the one to run the process's
/// handlers.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~AllSignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

Result<std::unique_ptr<EmbeddedDatabase>> EmbeddedDatabase::start(
    const EmbeddedDatabaseOptions& options) {
  auto programs = DatabasePrograms::find(options.mariadbd);
  if (!programs) return propagate(programs);
  auto directory = DataDirectory::open(options.data_dir, options.predecessor_timeout);
  if (!directory) return propagate(directory);
  auto arguments = serverArguments(directory->paths(), options.tuning);
  if (!arguments) return propagate(arguments);
  if (auto made = directory->initialise(*programs, options.tuning); !made) return propagate(made);

  std::unique_ptr<EmbeddedDatabase> database(new EmbeddedDatabase(
      options, std::move(*programs), std::move(*arguments), std::move(*directory)));
  {
    const AllSignalsBlocked blocked;
    try {
      database->supervisor_ = std::thread([raw = database.get()] { raw->supervise(); });
    } catch (const std::system_error& error) {
      return operatorFailure(ErrorKind::kUnavailable,
                             fmt::format("no thread for the database: {}", error.what()));
    }
  }
  std::unique_lock lock(database->mutex_);
  database->changed_.wait(lock, [&] { return database->phase_ != Phase::kStarting; });
  if (database->phase_ == Phase::kReady) {
    lock.unlock();
    return database;
  }
  const std::string failure = database->failure_;
  lock.unlock();
  return operatorFailure(ErrorKind::kUnavailable, failure);
}

EmbeddedDatabase::EmbeddedDatabase(EmbeddedDatabaseOptions options, DatabasePrograms programs,
                                   std::vector<std::string> arguments, DataDirectory directory)
    : options_(std::move(options)),
      programs_(std::move(programs)),
      arguments_(std::move(arguments)),
      directory_(std::move(directory)),
      socket_path_(directory_.paths().socket.string()) {}

EmbeddedDatabase::~EmbeddedDatabase() { stop(); }

std::string EmbeddedDatabase::url() const { return socketUrl(socket_path_); }

pid_t EmbeddedDatabase::pid() const {
  const std::lock_guard lock(mutex_);
  return pid_;
}

std::uint64_t EmbeddedDatabase::restarts() const {
  const std::lock_guard lock(mutex_);
  return restarts_;
}

void EmbeddedDatabase::stop() {
  const std::lock_guard one_at_a_time(stop_mutex_);
  if (!supervisor_.joinable()) return;
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    if (pid_ > 0) ::kill(pid_, SIGTERM);
    if (!changed_.wait_for(lock, options_.stop_timeout, [this] { return finished_; }) && pid_ > 0) {
      logEvent(events::kPrivateKilled,
               {{"process", pid_}, {"milliseconds", options_.stop_timeout.count()}});
      ::kill(-pid_, SIGKILL);  // it leads its own process group
    }
  }
  supervisor_.join();
}

void EmbeddedDatabase::supervise() {
  ::pthread_setname_np(::pthread_self(), "database");
  auto delay = kFirstDelay;
  for (bool first_run = true;; first_run = false) {
    const auto started = Clock::now();
    const std::string reason = runServer(first_run);
    std::unique_lock lock(mutex_);
    if (phase_ == Phase::kStarting) {
      failure_ = reason;
      phase_ = Phase::kFailed;
    }
    if (stopping_ || phase_ == Phase::kFailed) break;
    if (Clock::now() - started >= kStableAfter) delay = kFirstDelay;
    logEvent(events::kPrivateEnded, {{"reason", reason}, {"milliseconds", delay.count()}});
    if (changed_.wait_for(lock, delay, [this] { return stopping_; })) break;
    delay = std::min(delay * 2, kLongestDelay);
    ++restarts_;
  }
  const std::lock_guard lock(mutex_);
  finished_ = true;
  changed_.notify_all();
}

std::string EmbeddedDatabase::runServer(bool first_run) {
  const auto log_start = sizeOf(directory_.paths().log);
  auto spawned = spawnChild({.program = programs_.server,
                             .arguments = arguments_,
                             .environment = databaseEnvironment(programs_),
                             .kept_fd = directory_.serverLock()});
  if (!spawned) return operatorText(spawned.error());
  const pid_t pid = *spawned;
  directory_.noteServer(pid);
  {
    const std::lock_guard lock(mutex_);
    pid_ = pid;
    if (stopping_) ::kill(pid, SIGTERM);  // stop() came before there was a process to tell
  }

  bool ready = awaitReady(pid, first_run);
  if (ready) {
    const std::lock_guard lock(mutex_);
    phase_ = Phase::kReady;
    logEvent(events::kPrivateServes, {{"socket", socket_path_}, {"process", pid}});
    changed_.notify_all();
  }
  bool too_slow = false;
  if (!ready && first_run && !childHasEnded(pid)) {
    const std::lock_guard lock(mutex_);
    too_slow = !stopping_;
    if (too_slow) ::kill(-pid, SIGKILL);  // it did not answer for minutes; the next start recovers
  }
  awaitChildEnd(pid);
  int status = 0;
  {
    const std::lock_guard lock(mutex_);
    status = reapChild(pid);
    pid_ = 0;
  }
  if (too_slow) {
    return fmt::format("the private database did not answer within {} ms; see {}",
                       options_.start_timeout.count(), directory_.paths().log.string());
  }
  return endedBecause(status, log_start);
}

bool EmbeddedDatabase::awaitReady(pid_t pid, bool first_run) {
  const auto started = Clock::now();
  auto report = started + kReadyReport;
  for (;;) {
    // The socket file is there before the server listens: only a greeting counts.
    if (databaseAnswers(socket_path_)) return true;
    if (childHasEnded(pid)) return false;
    const auto now = Clock::now();
    // A restarted server may take as long as it needs: killing it in its recovery would only begin
    // that anew.
    if (first_run && now - started >= options_.start_timeout) return false;
    if (now >= report) {
      logEvent(
          events::kPrivateStarting,
          {{"seconds", std::chrono::duration_cast<std::chrono::seconds>(now - started).count()},
           {"file", directory_.paths().log.string()}});
      report = now + kReadyReport;
    }
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, kReadyPoll, [this] { return stopping_; })) return false;
  }
}

std::string EmbeddedDatabase::endedBecause(int wait_status, std::uintmax_t log_start) const {
  const std::string errors = loggedErrors(directory_.paths().log, log_start);
  return fmt::format("the private database {} ({}; log: {})", describeExit(wait_status),
                     errors.empty() ? "it logged no error" : errors,
                     directory_.paths().log.string());
}

}  // namespace vestibule::app
