#include "store/session.h"

#include <errmsg.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <map>

#include "store/client_connection.h"
#include "store/database_error.h"
#include "store/database_url.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

// MySQL and MariaDB both know all of these. What is not named here is off: NO_BACKSLASH_ESCAPES (it
// would make SOCI's quoting unsafe), ANSI_QUOTES and PIPES_AS_CONCAT (they would change what our
// statements mean). A literal rather than a parameter: until it is set, escaping could be the wrong
// one.
constexpr std::string_view kSettings =
    "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
    "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', SESSION time_zone = '+00:00', "
    "SESSION lc_messages = 'en_US', SESSION autocommit = 1, SESSION foreign_key_checks = 1, "
    "SESSION group_concat_max_len = 4194304, SESSION innodb_lock_wait_timeout = ?";

/// SQL mode lists come back in any order.
bool hasMode(std::string_view modes, std::string_view mode) {
  while (!modes.empty()) {
    const auto comma = modes.find(',');
    if (modes.substr(0, comma) == mode) return true;
    if (comma == std::string_view::npos) break;
    modes.remove_prefix(comma + 1);
  }
  return false;
}

/// What of the session is not as it was set; empty when all is.
std::string findDeviation(const std::map<std::string, std::string>& variables,
                          const DatabaseOptions& options) {
  const auto value = [&](const std::string& name) -> std::string {
    const auto found = variables.find(name);
    return found == variables.end() ? "" : found->second;
  };
  const auto mode = value("sql_mode");
  if (!hasMode(mode, "STRICT_ALL_TABLES") || hasMode(mode, "NO_BACKSLASH_ESCAPES") ||
      hasMode(mode, "ANSI_QUOTES") || hasMode(mode, "PIPES_AS_CONCAT")) {
    return "sql_mode is " + mode;
  }
  // MariaDB knew the isolation level by another name until 11.1.
  const auto isolation = variables.contains("transaction_isolation")
                             ? value("transaction_isolation")
                             : value("tx_isolation");
  if (isolation != "READ-COMMITTED") return "the isolation level is " + isolation;
  const std::array<std::pair<const char*, std::string>, 7> expected = {{
      {"time_zone", "+00:00"},
      {"autocommit", "ON"},
      {"character_set_client", "utf8mb4"},
      {"character_set_connection", "utf8mb4"},
      {"character_set_results", "utf8mb4"},
      {"group_concat_max_len", "4194304"},
      {"innodb_lock_wait_timeout", std::to_string(options.lock_wait_seconds)},
  }};
  for (const auto& [name, wanted] : expected) {
    if (value(name) != wanted) return std::string(name) + " is " + value(name);
  }
  return {};
}

}  // namespace

Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::connect(const DatabaseOptions& options) {
  const auto url = parseDatabaseUrl(options.url);
  if (!url) return tl::make_unexpected(url.error());
  std::unique_ptr<Session> session(new Session);
  session->read_seconds_ = options.read_seconds;
  static const auto none = std::make_shared<const SecretKeys>();
  session->secret_keys_ = options.secret_keys ? options.secret_keys : none;
  try {
    if (auto opened = openConnection(session->session_, *url, options); !opened) {
      return propagate(opened);
    }
  } catch (...) {
    auto error = session->translate();
    // Whatever the reason, such as a password that is not right: to a client the database is just
    // not there.
    error.kind = ErrorKind::kUnavailable;
    error.detail = "the database cannot be reached; try again later";
    return tl::make_unexpected(std::move(error));
  }
  if (auto prepared = session->prepareSettings(options); !prepared) return propagate(prepared);
  return session;
}

Result<void> Session::prepareSettings(const DatabaseOptions& options) {
  StatementBatch batch;
  batch.add(kSettings, {std::uint64_t{options.lock_wait_seconds}});
  batch.add("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
  batch.add(
      "SHOW SESSION VARIABLES WHERE Variable_name IN ('sql_mode', 'time_zone', 'tx_isolation', "
      "'transaction_isolation', 'character_set_client', 'character_set_connection', "
      "'character_set_results', 'innodb_lock_wait_timeout', 'autocommit', 'max_allowed_packet', "
      "'group_concat_max_len', "
      "'wsrep_on')");
  auto results = batch.run(*this);
  if (!results) return propagate(results);
  std::map<std::string, std::string> variables;
  for (const auto& row : results->back().rows) {
    variables[row.at(0).value_or("")] = row.at(1).value_or("");
  }
  if (const auto deviation = findDeviation(variables, options); !deviation.empty()) {
    return internalFailure("the database session cannot be set up: " + deviation +
                           " though it was set; a proxy between us and the server may drop it");
  }
  sends_one_by_one_ = variables["wsrep_on"] == "ON";
  const auto& packet = variables["max_allowed_packet"];
  std::from_chars(packet.data(), packet.data() + packet.size(), max_packet_bytes_);
  return {};
}

MYSQL* Session::handle() {
  const auto* backend = static_cast<soci::mysql_session_backend*>(session_.get_backend());
  return backend == nullptr ? nullptr : backend->conn_;
}

void Session::setFailure(Failure failure, unsigned number, std::string message) {
  failure_ = failure;
  error_number_ = number;
  error_message_ = std::move(message);
  if (failure == Failure::kLost || failure == Failure::kLostInCommit) unusable_ = true;
}

void Session::clearFailure() {
  failure_ = Failure::kNone;
  error_number_ = 0;
  error_message_.clear();
  duplicate_key_.clear();
  asked_at_ = std::chrono::steady_clock::now();
}

void Session::dropOldestStatement() {
  const auto oldest = std::min_element(statements_.begin(), statements_.end(),
                                       [](const auto& left, const auto& right) {
                                         return left.second.last_use < right.second.last_use;
                                       });
  statements_.erase(oldest);
}

Error Session::fail(unsigned number, std::string_view message) {
  auto known = classifyError(number, message, committing);
  // The client library calls an answer that does not come in time a lost connection. To ask again
  // would only add to what makes the server slow.
  const auto waited = std::chrono::steady_clock::now() - asked_at_;
  if (known.session_unusable && read_seconds_ != 0 &&
      waited >= std::chrono::seconds(read_seconds_)) {
    timed_out_ = true;
    if (known.failure == Failure::kLost) {
      known.failure = Failure::kTimedOut;
      known.error.detail = "the database is too busy; try again later";
    }
  }
  setFailure(known.failure, number, maskValues(number, message));
  if (known.session_unusable) unusable_ = true;
  duplicate_key_ = failure_ == Failure::kDuplicate ? duplicateKeyOf(message) : std::string();
  return std::move(known.error);
}

Error Session::translate() {
  try {
    throw;
  } catch (const soci::mysql_soci_error& error) {
    return fail(error.err_num_, error.get_error_message());
  } catch (const soci::soci_error& error) {
    // SOCI drops the handle of a connection it has found lost, and says so without a number.
    if (error.get_error_category() == soci::soci_error::connection_error || unusable_ ||
        handle() == nullptr || mysql_errno(handle()) >= CR_MIN_ERROR) {
      return fail(CR_SERVER_GONE_ERROR, error.get_error_message());
    }
    setFailure(Failure::kOther, 0, error.get_error_message());
    return internalFailure("SOCI: " + error.get_error_message()).value();
  } catch (const std::exception& error) {
    // Without its text, which may repeat a value.
    setFailure(Failure::kOther, 0, typeid(error).name());
    return internalFailure(std::string("exception in the store: ") + typeid(error).name()).value();
  } catch (...) {
    setFailure(Failure::kOther, 0, "unknown exception");
    return internalFailure("unknown exception in the store").value();
  }
}

bool Session::hungUp() {
  MYSQL* mysql = handle();
  if (mysql == nullptr) return true;
  pollfd entry{mysql_get_socket(mysql), POLLIN, 0};
  return poll(&entry, 1, 0) != 0;
}

bool Session::inTransaction() {
  const MYSQL* mysql = handle();
  return mysql != nullptr &&
         (transaction_open || (mysql->server_status & SERVER_STATUS_IN_TRANS) != 0);
}

}  // namespace vestibule::store
