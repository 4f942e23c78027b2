#pragma once
// Is this database server one that keeps what it has promised?

#include <string>
#include <vector>

#include "base/result.h"
#include "store/database.h"

namespace vestibule::store {

struct ServerFinding {
  bool fatal = false;  ///< Vestibule refuses to start
  std::string text;    ///< what is wrong and how to mend it
};

struct ServerReport {
  std::string version;  ///< such as `10.11.19-MariaDB`
  std::vector<ServerFinding> findings;
};

/// Looks at version (MySQL 8.0.21+, MariaDB 10.6+), durable commit (innodb_flush_log_at_trx_commit,
/// innodb_flush_method, sync_binlog and binlog_format with the binary log on), read_only,
/// max_allowed_packet, page size, max_connections, InnoDB, privileges, and the settings of a Galera
/// node. The session's own
/// settings (strict mode, utf8mb4, isolation, time zone) are forced and read back whenever one
/// connects; a session that does not keep them is a fatal finding too. Error kUnavailable when the
/// server cannot be reached.
[[nodiscard]] Result<ServerReport> checkServer(Database& database);

/// Finds out whether the database takes writes of our user now, by one that changes nothing: after
/// a failover it may be reachable and read-only. The schemas must be there. Errors of a write,
/// kUnavailable for a database that is read-only. One statement.
[[nodiscard]] Result<void> probeWrites(Database& database);

}  // namespace vestibule::store
