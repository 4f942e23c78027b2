#include "store/database.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

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

tl::unexpected<Error> noFreeSession() {
  Error error;
  error.kind = ErrorKind::kUnavailable;
  error.detail = "the server is too busy; try again later";
  error.internal = "no database session became free in time";
  return tl::make_unexpected(std::move(error));
}

}  // namespace

struct Database::State {
  DatabaseOptions options;

  mutable std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::unique_ptr<Session>>
      idle;           // the last one back is the first to go out: it is warm
  unsigned open = 0;  // idle, on loan and being connected
  // Raised with the loss of a session of this generation: the others of its time are most likely
  // lost too.
  std::uint64_t generation = 0;
  // After a failed connect: the reason, and until when nobody need try again.
  std::optional<Error> down;
  SteadyClock::time_point down_until;
  bool probing = false;

  /// Counts out a session that is closed by the caller. With the mutex held.
  void forget() {
    --open;
    changed.notify_one();
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
  const auto deadline = SteadyClock::now() + state_->options.lease_wait;
  std::unique_lock lock(state_->mutex);
  for (;;) {
    if (!state_->idle.empty()) {
      auto session = std::move(state_->idle.back());
      state_->idle.pop_back();
      const bool stale = session->generation != state_->generation;
      lock.unlock();
      if (!stale && !session->hungUp()) {
        session->clearFailure();
        return SessionLease(*this, std::move(session));
      }
      session.reset();
      lock.lock();
      state_->forget();
      continue;
    }
    if (state_->open < state_->options.sessions) break;
    if (state_->changed.wait_until(lock, deadline) == std::cv_status::timeout &&
        state_->idle.empty() && state_->open >= state_->options.sessions) {
      return noFreeSession();
    }
  }

  // A dead database costs its callers nothing: while it is down one of them tries at a time, and
  // not all the time.
  if (state_->down && (state_->probing || SteadyClock::now() < state_->down_until)) {
    // Another waiter may have been woken for the place that this one does not take.
    state_->changed.notify_one();
    return tl::make_unexpected(*state_->down);
  }
  const bool probe = state_->down.has_value();
  if (probe) state_->probing = true;
  ++state_->open;
  const auto generation = state_->generation;
  lock.unlock();
  auto session = Session::connect(state_->options);
  lock.lock();
  if (probe) state_->probing = false;
  if (!session) {
    state_->down = session.error();
    state_->down_until = SteadyClock::now() + kFailFast;
    state_->forget();
    return propagate(session);
  }
  state_->down.reset();
  (*session)->generation = generation;
  lock.unlock();
  return SessionLease(*this, std::move(*session));
}

void Database::giveBack(std::unique_ptr<Session> session) {
  if (session->inTransaction()) rollback(*session);
  std::unique_lock lock(state_->mutex);
  const bool lost = session->unusable();
  if (lost && session->generation == state_->generation) ++state_->generation;
  if (!lost && session->generation == state_->generation) {
    state_->idle.push_back(std::move(session));
    state_->changed.notify_one();
    return;
  }
  // Closing may wait for the network, so not under the lock.
  lock.unlock();
  session.reset();
  lock.lock();
  state_->forget();
}

const DatabaseOptions& Database::options() const { return state_->options; }

std::string Database::controlSchema() const {
  return "`" + state_->options.schema_prefix + "_control`";
}

std::pair<unsigned, unsigned> Database::sessionCounts() const {
  const std::lock_guard lock(state_->mutex);
  return {state_->open - static_cast<unsigned>(state_->idle.size()), state_->open};
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
