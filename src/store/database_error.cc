#include "store/database_error.h"

#include <errmsg.h>
#include <mysqld_error.h>

#include <algorithm>
#include <array>

#include "store/guard_rail_statements.h"

namespace vestibule::store {
namespace {

// Numbers that the installed header lacks because only one of the two servers has them.
constexpr unsigned kMySqlRollbackDuringCommit = 3101;
constexpr unsigned kMySqlQueryTimeout = 3024;
constexpr unsigned kMariaDbStatementTimeout = 1969;
constexpr unsigned kConnectionKilled = 1927;
constexpr unsigned kReadOnlyMode = 1836;
constexpr unsigned kInnodbReadOnly = 1874;
constexpr unsigned kMySqlCheckViolated = 3819;
constexpr unsigned kMariaDbCheckFailed = 4025;

constexpr const char* kUnreachable = "the database cannot be reached; try again later";
constexpr const char* kBusy = "the database is too busy; try again later";
constexpr const char* kTooLarge = "the request is larger than the database takes";

bool isClientError(unsigned number) { return number >= CR_MIN_ERROR && number < 3000; }

/// Errors whose quotes hold names of ours or the operator's, never values.
bool quotesOnlyNames(unsigned number) {
  static constexpr std::array kNumbers = {
      static_cast<unsigned>(ER_DBACCESS_DENIED_ERROR),  // 1044
      static_cast<unsigned>(ER_ACCESS_DENIED_ERROR),    // 1045
      static_cast<unsigned>(ER_DB_CREATE_EXISTS),       // 1007
      static_cast<unsigned>(ER_DB_DROP_EXISTS),         // 1008
      static_cast<unsigned>(ER_BAD_DB_ERROR),           // 1049
      static_cast<unsigned>(ER_TABLE_EXISTS_ERROR),     // 1050
      static_cast<unsigned>(ER_BAD_TABLE_ERROR),        // 1051
      static_cast<unsigned>(ER_BAD_FIELD_ERROR),        // 1054
      static_cast<unsigned>(ER_NO_SUCH_TABLE),          // 1146
      static_cast<unsigned>(ER_TABLEACCESS_DENIED_ERROR),
      static_cast<unsigned>(ER_UNKNOWN_SYSTEM_VARIABLE),
      static_cast<unsigned>(ER_SPECIFIC_ACCESS_DENIED_ERROR),
      static_cast<unsigned>(ER_OPTION_PREVENTS_STATEMENT),
      static_cast<unsigned>(ER_DATA_TOO_LONG),
      static_cast<unsigned>(ER_WARN_DATA_OUT_OF_RANGE),
      static_cast<unsigned>(ER_RECORD_FILE_FULL),
      static_cast<unsigned>(ER_NO_REFERENCED_ROW_2),
      static_cast<unsigned>(ER_ROW_IS_REFERENCED_2),
      kMySqlCheckViolated,
      kMariaDbCheckFailed,
  };
  return isClientError(number) ||
         std::find(kNumbers.begin(), kNumbers.end(), number) != kNumbers.end();
}

DatabaseError meaning(Failure failure, ErrorKind kind, const char* detail,
                      bool session_unusable = false) {
  return {failure, session_unusable, Error{kind, detail, {}, {}, {}}};
}

DatabaseError lost(bool committing) {
  return committing ? meaning(Failure::kLostInCommit, ErrorKind::kUnavailable,
                              "the database was lost while it saved; whether the change was made "
                              "is not known",
                              true)
                    : meaning(Failure::kLost, ErrorKind::kUnavailable, kUnreachable, true);
}

DatabaseError meaningOf(unsigned number, bool committing) {
  switch (number) {
    case ER_LOCK_DEADLOCK:
    case ER_LOCK_WAIT_TIMEOUT:
    case ER_CHECKREAD:  // MariaDB with innodb_snapshot_isolation: the row changed since it was read
    case kMySqlRollbackDuringCommit:
      return meaning(Failure::kDeadlock, ErrorKind::kUnavailable, kBusy);
    case ER_DUP_ENTRY:
      return meaning(Failure::kDuplicate, ErrorKind::kUniqueness,
                     "a value that must be unique is in use already");
    case ER_NO_REFERENCED_ROW:
    case ER_NO_REFERENCED_ROW_2:
      return meaning(Failure::kReference, ErrorKind::kConflict,
                     "the change refers to something that does not exist");
    case ER_DATA_TOO_LONG:
      return meaning(Failure::kOther, ErrorKind::kInvalidValue,
                     "a value is longer than the database can hold");
    case ER_TRUNCATED_WRONG_VALUE_FOR_FIELD:
    case ER_WARN_DATA_OUT_OF_RANGE:
      return meaning(Failure::kOther, ErrorKind::kInvalidValue,
                     "a value is not one that the database can hold");
    case ER_NET_PACKET_TOO_LARGE:
    case CR_NET_PACKET_TOO_LARGE:
      return meaning(Failure::kOther, ErrorKind::kPayloadTooLarge, kTooLarge, true);
    case ER_CON_COUNT_ERROR:
    case ER_TOO_MANY_USER_CONNECTIONS:
    case ER_USER_LIMIT_REACHED:
    case ER_OUTOFMEMORY:
    case ER_OUT_OF_SORTMEMORY:
    case ER_OUT_OF_RESOURCES:
    case ER_QUERY_INTERRUPTED:
    case kMariaDbStatementTimeout:
    case kMySqlQueryTimeout:
      return meaning(Failure::kOther, ErrorKind::kUnavailable, kBusy);
    case ER_UNKNOWN_COM_ERROR:
      // What a node of a Galera cluster says to everything while it has no majority, or is catching
      // up. A new session may find another node.
      return meaning(Failure::kOther, ErrorKind::kUnavailable, kUnreachable, true);
    case ER_ERROR_DURING_COMMIT:
      // A node that loses its cluster while it commits.
      return lost(true);
    case ER_DISK_FULL:
    case ER_RECORD_FILE_FULL:
      return meaning(Failure::kOther, ErrorKind::kUnavailable,
                     "the database has no room left; try again later");
    case ER_OPTION_PREVENTS_STATEMENT:
    case ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION:
    case kReadOnlyMode:
    case kInnodbReadOnly:
      // After a failover the old server stays reachable but read-only: a new session may find the
      // new one.
      return meaning(Failure::kOther, ErrorKind::kUnavailable,
                     "the database is read-only at the moment; try again later", true);
    case ER_BAD_DB_ERROR:
    case ER_NO_SUCH_TABLE:
      // A domain goes while requests on it are under way.
      return meaning(Failure::kOther, ErrorKind::kUnavailable,
                     "the user store domain is not there at the moment; try again later");
    case ER_GET_ERRNO:  // the storage engine's own error
      return meaning(Failure::kOther, ErrorKind::kUnavailable,
                     "the database cannot do this at the moment; try again later");
    case ER_SERVER_SHUTDOWN:
    case ER_NORMAL_SHUTDOWN:
    case ER_NEW_ABORTING_CONNECTION:
    case ER_NET_READ_ERROR:
    case ER_NET_READ_INTERRUPTED:
    case ER_NET_ERROR_ON_WRITE:
    case ER_NET_WRITE_INTERRUPTED:
    case kConnectionKilled:
      return lost(committing);
    default:
      // An error of the client library leaves the session in a state that nobody knows.
      if (isClientError(number)) return lost(committing);
      return meaning(Failure::kOther, ErrorKind::kInternal, "internal error");
  }
}

}  // namespace

std::string duplicateKeyOf(std::string_view message) {
  const auto end = message.rfind('\'');
  if (end == std::string_view::npos || end == 0) return {};
  const auto begin = message.rfind('\'', end - 1);
  if (begin == std::string_view::npos) return {};
  auto key = message.substr(begin + 1, end - begin - 1);
  if (const auto dot = key.rfind('.'); dot != std::string_view::npos) key.remove_prefix(dot + 1);
  return std::string(key);
}

std::string maskValues(unsigned number, std::string_view message) {
  if (number == ER_DUP_ENTRY) {
    return "Duplicate entry for key '" + duplicateKeyOf(message) + "'";
  }
  if (quotesOnlyNames(number)) return std::string(message);
  // A value may itself hold quotes: everything between the first and the last goes.
  const auto begin = message.find('\'');
  if (begin == std::string_view::npos) return std::string(message);
  const auto end = message.rfind('\'');
  std::string masked(message.substr(0, begin));
  masked += "'…'";
  if (end > begin) masked += message.substr(end + 1);
  return masked;
}

DatabaseError classifyError(unsigned number, std::string_view message, bool committing) {
  auto result = meaningOf(number, committing);
  if (number == kMySqlCheckViolated || number == kMariaDbCheckFailed) {
    if (const auto kind = railOfCheck(message)) result.error = railReached(*kind).value();
  }
  result.error.internal =
      "database error " + std::to_string(number) + ": " + maskValues(number, message);
  return result;
}

}  // namespace vestibule::store
