#pragma once
// One database session as the stores of this room use it. Private to store/: it includes SOCI, and nobody outside may include it.

#include <soci/mysql/soci-mysql.h>
#include <soci/soci.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <typeindex>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "store/database.h"

namespace vestibule::store {

/// What a session's last failure was.
enum class Failure : std::uint8_t {
  kNone,
  kDeadlock,       ///< 1213, 1205
  kLost,           ///< 2002, 2006, 2013, "not connected", and a session in an unknown state (2014)
  kLostInCommit,   ///< lost while a commit was under way
  kDuplicate,      ///< 1062
  kReference,      ///< 1452: a foreign key names no row
  kOther,
};

class Session {
 public:
  /// Connects and makes the session what we need: strict sql_mode (never NO_BACKSLASH_ESCAPES), READ COMMITTED, UTC, utf8mb4, lock wait and
  /// read time-outs, autocommit on. Error kUnavailable when the server cannot be reached; its text for clients names no host.
  [[nodiscard]] static Result<std::unique_ptr<Session>> connect(const DatabaseOptions& options);
  ~Session();

  [[nodiscard]] soci::session& soci() { return session_; }
  /// The client library's handle, for StatementBatch.
  [[nodiscard]] MYSQL* handle();

  /// Runs `work()`, catching whatever SOCI throws: sets `failure()` and returns an Error (kUnavailable, kUniqueness, kInternal, …) whose
  /// internal text holds the server's message, never bound values.
  template <typename Work>
  auto guard(Work&& work) -> Result<std::invoke_result_t<Work&>>;

  /// A prepared statement of type `Statement` for the schema (or schemas), made on first use by `Statement(Session&, const std::string& schema…)`
  /// and kept for as long as the session lives. O(1).
  template <typename Statement, typename... Schemas>
  Statement& prepared(const std::string& schema, const Schemas&... others);

  [[nodiscard]] Failure failure() const { return failure_; }
  [[nodiscard]] unsigned errorNumber() const { return error_number_; }
  [[nodiscard]] const std::string& errorMessage() const { return error_message_; }
  void setFailure(Failure failure, unsigned number, std::string message);
  void clearFailure() { failure_ = Failure::kNone; }
  /// True while a transaction is open that a failed unit of work left behind.
  bool transaction_open = false;
  bool committing = false;

 private:
  Session() = default;
  /// Turns the exception in flight into an Error and remembers the failure.
  Error translate();

  soci::session session_;
  std::unordered_map<std::string, std::shared_ptr<void>> statements_;  // shared_ptr<void>: it alone remembers each type's destructor
  Failure failure_ = Failure::kNone;
  unsigned error_number_ = 0;
  std::string error_message_;
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
  auto& slot = statements_[key];
  if (!slot) slot = std::make_shared<Statement>(*this, schema, others...);
  return *static_cast<Statement*>(slot.get());
}

}  // namespace vestibule::store
