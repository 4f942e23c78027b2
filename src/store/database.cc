#include "store/database.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <vector>

#include "store/database_metrics.h"
#include "store/database_url.h"
#include "store/session.h"

namespace vestibule::store {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kFailFast{100};
constexpr int kAttempts = 5;
constexpr std::size_t kLongestPrefix = 24;

/// The prefix goes into SQL as part of a quoted name.
bool isSchemaPrefix(const std::string& text) {
  return !text.empty() && text.size() <= kLongestPrefix && text[0] >= 'a' && text[0] <= 'z' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

/// Times how long a caller waits for a session, or for the news that there is none.
class WaitForSession {
 public:
  explicit WaitForSession(const DatabaseMetrics* metrics)
      : metrics_(metrics), since_(metrics ? SteadyClock::now() : SteadyClock::time_point()) {}
  ~WaitForSession() {
    if (metrics_ != nullptr) metrics_->waited(SteadyClock::now() - since_);
  }
  WaitForSession(const WaitForSession&) = delete;
  WaitForSession& operator=(const WaitForSession&) = delete;

 private:
  const DatabaseMetrics* const metrics_;
  const SteadyClock::time_point since_;
};

tl::unexpected<Error> noFreeSession() {
  Error error;
  error.kind = ErrorKind::kUnavailable;
  error.detail = "the server is too busy; try again later";
  error.internal = "no database session became free in time";
  return tl::make_unexpected(std::move(error));
}

}  // namespace

struct Database::State {
  /// Somebody who waits for a session, or for the place of one to open.
  struct Waiter {
    std::condition_variable served_signal;
    bool served = false;
    std::unique_ptr<Session> session;
  };

  DatabaseOptions options;

  mutable std::mutex mutex;
  // The last one back is the first to go out: it is warm. Empty while anybody waits.
  std::vector<std::unique_ptr<Session>> idle;
  // The first to come is the first to be served: no newcomer takes what a waiter has been woken
  // for.
  std::deque<Waiter*> waiters;
  unsigned open = 0;  // places taken: idle, on loan and being connected
  // Raised with the loss of a session of this generation: the others of its time are most likely
  // lost too.
  std::uint64_t generation = 0;
  // After a failed connect: the reason, and until when nobody need try again.
  std::optional<Error> down;
  SteadyClock::time_point down_until;
  bool probing = false;

  /// Gives the first waiter what it waits for: a session, or without one the place to open it.
  /// False when nobody waits. With the mutex held.
  bool serveWaiter(std::unique_ptr<Session>& session) {
    if (waiters.empty()) return false;
    Waiter& waiter = *waiters.front();
    waiters.pop_front();
    waiter.session = std::move(session);
    waiter.served = true;
    waiter.served_signal.notify_one();
    return true;
  }

  /// Gives up a place without a session. With the mutex held.
  void releasePlace() {
    std::unique_ptr<Session> none;
    if (!serveWaiter(none)) --open;
  }

  /// Takes a session, or null with the place to open one. Error kUnavailable when there was neither
  /// in time.
  Result<std::unique_ptr<Session>> take(std::unique_lock<std::mutex>& lock) {
    if (!idle.empty()) {
      auto session = std::move(idle.back());
      idle.pop_back();
      return session;
    }
    if (open < options.sessions) {
      ++open;
      return nullptr;
    }
    Waiter waiter;
    waiters.push_back(&waiter);
    if (!waiter.served_signal.wait_for(lock, options.lease_wait, [&] { return waiter.served; })) {
      waiters.erase(std::find(waiters.begin(), waiters.end(), &waiter));
      return noFreeSession();
    }
    return std::move(waiter.session);
  }
};

SessionLease::SessionLease(Database& database, std::unique_ptr<Session> session)
    : database_(&database), session_(std::move(session)) {}
SessionLease::SessionLease(SessionLease&&) noexcept = default;
SessionLease::~SessionLease() {
  if (session_) database_->giveBack(std::move(session_));
}

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::create(DatabaseOptions options) {
  if (auto url = parseDatabaseUrl(options.url); !url) return propagate(url);
  if (!isSchemaPrefix(options.schema_prefix)) {
    return failure(ErrorKind::kInvalidValue,
                   "the schema prefix must be 1 to 24 characters of a-z, 0-9 and _, the first a "
                   "letter");
  }
  if (options.sessions == 0) {
    return failure(ErrorKind::kInvalidValue, "there must be at least one database session");
  }
  auto state = std::make_unique<State>();
  state->options = std::move(options);
  return std::unique_ptr<Database>(new Database(std::move(state)));
}

Result<SessionLease> Database::lease() {
  const WaitForSession wait(state_->options.metrics);
  std::unique_lock lock(state_->mutex);
  auto taken = state_->take(lock);
  if (!taken) return propagate(taken);
  if (*taken) {
    const bool stale = (*taken)->generation != state_->generation;
    lock.unlock();
    if (!stale && !(*taken)->hungUp()) {
      (*taken)->clearFailure();
      return SessionLease(*this, *std::move(taken));
    }
    taken->reset();
    lock.lock();
  }

  // A dead database costs its callers nothing: while it is down one of them tries at a time, and
  // not all the time.
  if (state_->down && (state_->probing || SteadyClock::now() < state_->down_until)) {
    state_->releasePlace();
    return tl::make_unexpected(*state_->down);
  }
  const bool probe = state_->down.has_value();
  if (probe) state_->probing = true;
  const auto generation = state_->generation;
  lock.unlock();
  auto session = Session::connect(state_->options);
  if (state_->options.metrics != nullptr) state_->options.metrics->connected(session.has_value());
  lock.lock();
  if (probe) state_->probing = false;
  if (!session) {
    state_->down = session.error();
    state_->down_until = SteadyClock::now() + kFailFast;
    state_->releasePlace();
    return propagate(session);
  }
  state_->down.reset();
  (*session)->generation = generation;
  lock.unlock();
  return SessionLease(*this, *std::move(session));
}

void Database::giveBack(std::unique_ptr<Session> session) {
  if (session->inTransaction()) rollback(*session);
  std::unique_lock lock(state_->mutex);
  const bool lost = session->unusable();
  if (lost && !session->timedOut() && session->generation == state_->generation) {
    ++state_->generation;
  }
  if (!lost && session->generation == state_->generation) {
    if (!state_->serveWaiter(session)) state_->idle.push_back(std::move(session));
    return;
  }
  // Closing may wait for the network, so not under the lock.
  lock.unlock();
  session.reset();
  lock.lock();
  state_->releasePlace();
}

const DatabaseOptions& Database::options() const { return state_->options; }

std::string Database::controlSchema() const {
  return "`" + state_->options.schema_prefix + "_control`";
}

std::pair<unsigned, unsigned> Database::sessionCounts() const {
  const std::lock_guard lock(state_->mutex);
  return {state_->open - static_cast<unsigned>(state_->idle.size()), state_->open};
}

std::size_t Database::waiting() const {
  const std::lock_guard lock(state_->mutex);
  return state_->waiters.size();
}

Recovery Database::recover(Session& session) const {
  if (session.inTransaction()) rollback(session);
  switch (session.failure()) {
    case Failure::kDeadlock:
      return Recovery::kRetry;
    case Failure::kLost:
      return Recovery::kReconnect;
    default:
      return Recovery::kNone;
  }
}

void Database::noteRerun(Recovery recovery) const {
  if (state_->options.metrics != nullptr) state_->options.metrics->ranAgain(recovery);
}

bool Database::pauseBeforeRetry(int attempt) {
  if (attempt + 1 >= kAttempts) return false;
  // Between a half and three halves of 4, 8, 16, 32 ms: two that met once shall not meet again.
  thread_local std::minstd_rand random{std::random_device{}()};
  const int middle = 4000 << attempt;
  std::uniform_int_distribution<int> spread(middle / 2, middle * 3 / 2);
  std::this_thread::sleep_for(std::chrono::microseconds(spread(random)));
  return true;
}

}  // namespace vestibule::store
