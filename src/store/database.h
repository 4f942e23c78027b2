#pragma once
// The door to the database: sessions, leases and units of work. SOCI and the client library stay
// behind it.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/result.h"

namespace vestibule {
class SecretKeys;
}

namespace vestibule::store {

class DatabaseMetrics;

/// Where the database is and how patient we are with it.
struct DatabaseOptions {
  /// `mysql://user[:password]@host[:port]/` or `mysql://user[:password]@/?socket=/path`
  /// (percent-encoded parts). Query parameters: `socket`, `ssl_ca`, `ssl_cert`, `ssl_key`,
  /// `ssl_verify` (default true when ssl_ca is given).
  std::string url;
  std::string schema_prefix = "vestibule";  ///< the control schema is `{prefix}_control`
  unsigned sessions = 20;                   ///< at most so many connections
  unsigned connect_seconds = 3;
  /// How long an answer may take; longer than lock_wait_seconds. What takes longer is
  /// kUnavailable, and is not tried again.
  unsigned read_seconds = 10;
  unsigned lock_wait_seconds = 3;
  std::chrono::milliseconds lease_wait{
      1000};  ///< how long a request waits for a free session before kUnavailable
  const DatabaseMetrics* metrics = nullptr;  ///< outlives the database; null: nothing is counted
  /// What secrets of the control schema are sealed with; null: they are stored as they are.
  std::shared_ptr<const SecretKeys> secret_keys;
};

/// One connection with its prepared statements. Belongs to one thread at a time; see
/// Database::lease. Its parts are known to store/ only.
class Session;

/// Rolls back what is open on the session; a lost session counts as rolled back.
void rollback(Session& session);

class Database;

/// A session on loan; goes back when this object goes. A session that lost its connection is closed
/// instead of going back.
class SessionLease {
 public:
  SessionLease(Database& database, std::unique_ptr<Session> session);
  SessionLease(SessionLease&&) noexcept;
  SessionLease& operator=(SessionLease&&) = delete;
  ~SessionLease();
  [[nodiscard]] Session& operator*() const { return *session_; }

 private:
  Database* database_;
  std::unique_ptr<Session> session_;
};

/// How a failed attempt may go on.
enum class Recovery {
  kNone,       ///< the failure stands
  kRetry,      ///< deadlock or lock wait (1213, 1205): the transaction is rolled back, run it again
  kReconnect,  ///< the session was lost before anything was committed: run it again on a new one
};

/// A database server with its pool of sessions. Thread-safe.
class Database {
 public:
  /// Reads the URL; connects to nothing yet. Error kInvalidValue for a bad URL.
  [[nodiscard]] static Result<std::unique_ptr<Database>> create(DatabaseOptions options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// A free session, or a new one while fewer than `sessions` exist; who waits first gets one
  /// first. Error kUnavailable when none gets free in `lease_wait`, or the server cannot be
  /// reached. After a failed connect the next attempts fail at once for a short while (100 ms), so
  /// that a dead database costs its callers nothing.
  [[nodiscard]] Result<SessionLease> lease();

  /// Runs `function(Session&)`, which returns a Result and only reads. When the session turns out
  /// to be lost, once more on a new one.
  template <typename Function>
  auto read(Function&& function) -> std::invoke_result_t<Function&, Session&>;

  /// Runs `function(Session&)` as one unit of work: the function begins and commits by itself
  /// (store/transaction.h, StatementBatch) and must be safe to run again from the start, since it
  /// is after a deadlock, a lock wait time-out or a session lost before the commit; at most five
  /// times, with jitter. A session lost during the commit is kUnavailable: whether it took effect
  /// is not known.
  template <typename Function>
  auto write(Function&& function) -> std::invoke_result_t<Function&, Session&>;

  [[nodiscard]] const DatabaseOptions& options() const;
  /// The quoted name of the control schema.
  [[nodiscard]] std::string controlSchema() const;
  /// Sessions in use and open, for metrics.
  [[nodiscard]] std::pair<unsigned, unsigned> sessionCounts() const;
  /// How many callers of lease() wait for a session, for metrics.
  [[nodiscard]] std::size_t waiting() const;

 private:
  friend class SessionLease;
  struct State;
  explicit Database(std::unique_ptr<State> state);
  void giveBack(std::unique_ptr<Session> session);
  /// What may follow the failure that the session has just met; rolls back what is open.
  Recovery recover(Session& session) const;
  /// Counts one more run after a failure of this kind.
  void noteRerun(Recovery recovery) const;
  /// Waits a little, longer with each attempt and never twice the same. False when there were
  /// enough attempts.
  static bool pauseBeforeRetry(int attempt);

  std::unique_ptr<State> state_;
};

template <typename Function>
auto Database::read(Function&& function) -> std::invoke_result_t<Function&, Session&> {
  for (int attempt = 0;; ++attempt) {
    auto leased = lease();
    if (!leased) return propagate(leased);
    auto result = function(**leased);
    if (result || recover(**leased) != Recovery::kReconnect || attempt > 0) return result;
    noteRerun(Recovery::kReconnect);
  }
}

template <typename Function>
auto Database::write(Function&& function) -> std::invoke_result_t<Function&, Session&> {
  for (int attempt = 0;; ++attempt) {
    auto leased = lease();
    if (!leased) return propagate(leased);
    auto result = function(**leased);
    if (result) return result;
    const auto recovery = recover(**leased);
    if (recovery == Recovery::kNone || !pauseBeforeRetry(attempt)) return result;
    noteRerun(recovery);
  }
}

}  // namespace vestibule::store
