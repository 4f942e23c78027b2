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

/// Looks at version (MySQL 8.0+, MariaDB 10.6+), strict mode and the other session settings as they really are, utf8mb4, isolation, durable commit
/// (innodb_flush_log_at_trx_commit, sync_binlog with the binary log on), time zone, max_allowed_packet, default engine, read_only, and privileges.
[[nodiscard]] Result<ServerReport> checkServer(Database& database);

}  // namespace vestibule::store
