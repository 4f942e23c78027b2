#pragma once
// One database session as the stores of this room use it. Private to store/: it includes SOCI, and
// nobody outside may include it.

#include <soci/mysql/soci-mysql.h>
#include <soci/soci.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/secret_keys.h"
#include "store/database.h"

namespace vestibule::store {

/// What a session's last failure was.
enum class Failure : std::uint8_t {
  kNone,
  kDeadlock,      ///< 1213, 1205
  kLost,          ///< 2002, 2006, 2013, "not connected", and a session in an unknown state (2014)
  kLostInCommit,  ///< lost while a commit was under way
  kTimedOut,      ///< no answer for as long as we read: the server is slow, and not lost
  kDuplicate,     ///< 1062
  kReference,     ///< 1452: a foreign key names no row
  kOther,
};

/// One connection to the database. Used by one thread at a time; lent out by Database. What it says
/// of the last failure holds until something new is asked of the server.
class Session {
 public:
  /// Connects and makes the session what we need: strict sql_mode (never NO_BACKSLASH_ESCAPES),
  /// READ COMMITTED, UTC, utf8mb4, lock wait and read time-outs, autocommit on, English messages;
  /// then reads these back. `read_seconds` 0 means no limit. One round trip behind the handshake.
  /// Error kUnavailable when the server cannot be reached, its text for clients names no host;
  /// kInternal when the session is not what was asked for (a proxy may drop settings).
  [[nodiscard]] static Result<std::unique_ptr<Session>> connect(const DatabaseOptions& options);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] soci::session& soci() { return session_; }
  /// The client library's handle, for StatementBatch; null once the connection is gone.
  [[nodiscard]] MYSQL* handle();

  /// Runs `work()`, catching whatever SOCI throws: sets `failure()` and returns an Error
  /// (kUnavailable, kUniqueness, kInternal, …) whose internal text holds the server's message,
  /// never bound values.
  template <typename Work>
  auto guard(Work&& work) -> Result<std::invoke_result_t<Work&>>;

  /// A prepared statement of type `Statement` for the schema (or schemas), made on first use by
  /// `Statement(Session&, const std::string& schema…)`. Kept until kKeptStatements others were used
  /// since: with many domains the sessions would take up all that the server keeps
  /// (max_prepared_stmt_count). O(1), and O(kKeptStatements) when one has to go.
  template <typename Statement, typename... Schemas>
  Statement& prepared(const std::string& schema, const Schemas&... others);

  [[nodiscard]] Failure failure() const { return failure_; }
  [[nodiscard]] unsigned errorNumber() const { return error_number_; }
  /// The server's message without values.
  [[nodiscard]] const std::string& errorMessage() const { return error_message_; }
  /// After Failure::kDuplicate: the name of the unique key that was hit, without its table.
  [[nodiscard]] const std::string& duplicateKey() const { return duplicate_key_; }
  /// Remembers what the last statement failed of; `number` is the server's and `message` its text.
  void setFailure(Failure failure, unsigned number, std::string message);
  /// Forgets the last failure: something new is asked of the server now.
  void clearFailure();
  /// Remembers the failure with this number and returns it as an Error.
  Error fail(unsigned number, std::string_view message);

  /// True once the session must not be used again; it is closed instead of going back to the pool.
  [[nodiscard]] bool unusable() const { return unusable_; }
  void markUnusable() { unusable_ = true; }
  /// True when it must not be used again because an answer took too long. That says nothing about
  /// other sessions.
  [[nodiscard]] bool timedOut() const { return timed_out_; }
  /// How long an answer may take; 0: for ever.
  [[nodiscard]] unsigned readSeconds() const { return read_seconds_; }
  /// True when the server has said something, or hung up, while nothing was asked: the session is
  /// dead. One system call.
  [[nodiscard]] bool hungUp();
  /// True while a transaction is open, by our own bookkeeping or by what the server said last.
  [[nodiscard]] bool inTransaction();
  /// The longest text that the server takes, in bytes.
  [[nodiscard]] std::uint64_t maxPacketBytes() const { return max_packet_bytes_; }

  /// What secrets are sealed with before they are stored.
  [[nodiscard]] const SecretKeys& secretKeys() const { return *secret_keys_; }

  /// True on a node of a Galera cluster. It may roll a transaction back because of what another
  /// node has committed, and says so in its answer to the statement that comes next; between two
  /// statements of one text it forgets to, and runs the rest on its own (measured on MariaDB 10.11,
  /// docs/decisions/2026-11-30-clusters.md).
  [[nodiscard]] bool sendsOneByOne() const { return sends_one_by_one_; }

  /// True while a transaction is open that a failed unit of work left behind.
  bool transaction_open = false;
  /// True while losing the session would leave open whether a change was made.
  bool committing = false;
  /// Which time between two losses this session was opened in; for the pool.
  std::uint64_t generation = 0;
  /// For tests of what a failure leaves behind: in front of the statement of this number (1 is the
  /// next that a StatementBatch sends) the server meets this error. Reset when it has.
  struct PlannedFailure {
    std::uint64_t statement = 0;
    unsigned error = 0;
  };
  std::optional<PlannedFailure> planned_failure;

  static constexpr std::size_t kKeptStatements = 128;

 private:
  Session() = default;
  /// Turns the exception in flight into an Error and remembers the failure.
  Error translate();
  Result<void> prepareSettings(const DatabaseOptions& options);

  struct KeptStatement {
    std::shared_ptr<void> statement;  // it alone remembers each type's destructor
    std::uint64_t last_use = 0;
  };
  /// Makes room for one more statement.
  void dropOldestStatement();

  soci::session session_;
  // Declared behind the session, so that statements go first.
  std::unordered_map<std::string, KeptStatement> statements_;
  std::uint64_t uses_ = 0;
  std::chrono::steady_clock::time_point asked_at_;
  unsigned read_seconds_ = 0;
  std::shared_ptr<const SecretKeys> secret_keys_;
  Failure failure_ = Failure::kNone;
  unsigned error_number_ = 0;
  std::string error_message_;
  std::string duplicate_key_;
  std::uint64_t max_packet_bytes_ = 0;
  bool sends_one_by_one_ = false;
  bool unusable_ = false;
  bool timed_out_ = false;
};

template <typename Work>
auto Session::guard(Work&& work) -> Result<std::invoke_result_t<Work&>> {
  clearFailure();
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<Work&>>) {
      work();
      return {};
    } else {
      return work();
    }
  } catch (...) {
    return tl::make_unexpected(translate());
  }
}

template <typename Statement, typename... Schemas>
Statement& Session::prepared(const std::string& schema, const Schemas&... others) {
  std::string key = schema;
  ((key += '\0', key += others), ...);
  key += '\0';
  key += typeid(Statement).name();
  auto found = statements_.find(key);
  if (found == statements_.end()) {
    if (statements_.size() >= kKeptStatements) dropOldestStatement();
    auto statement = std::make_shared<Statement>(*this, schema, others...);
    found = statements_.emplace(std::move(key), KeptStatement{std::move(statement)}).first;
  }
  found->second.last_use = ++uses_;
  return *static_cast<Statement*>(found->second.statement.get());
}

}  // namespace vestibule::store
