#pragma once
// Schema migrations: numbered, forward-only SQL files, applied under a lock that all processes share.

#include <string>
#include <vector>

#include "base/result.h"
#include "store/database.h"

namespace vestibule::store {

/// One migration file.
struct Migration {
  unsigned number = 0;
  std::string name;  ///< the file's name
  std::string sql;   ///< steps divided by lines that hold only `--;`
};

/// The migrations of one kind of schema, in order.
struct MigrationSet {
  std::vector<Migration> control;
  std::vector<Migration> domain;
};

/// Reads `control/` and `domain/` below the folder. Error kInvalidValue naming the file: a name not like `001_what.sql`, a gap or a number twice.
[[nodiscard]] Result<MigrationSet> readMigrations(const std::string& folder);

/// Brings the control schema and every domain's schema up to date and makes sure PRIMARY exists (with `primary_settings`). Safe to run in several processes at once:
/// the others wait for the first (GET_LOCK, up to `lock_seconds`). Steps that ran are recorded one by one; an interrupted run goes
/// on where it stopped. Returns what it did, a line each, for the operator; empty when all was up to date. Error kConflict when the database has
/// migrations this program does not know (it is older than the database), or one of the same number and other content.
[[nodiscard]] Result<std::vector<std::string>> migrate(Database& database, const MigrationSet& migrations,
                                                       const std::string& primary_settings, unsigned lock_seconds = 60);

/// Brings one new domain's schema up to date.
[[nodiscard]] Result<void> migrateDomainSchema(Session& session, const std::string& control_schema, const std::string& quoted_schema,
                                               const MigrationSet& migrations);

/// True when nothing is left to do.
[[nodiscard]] Result<bool> isUpToDate(Database& database, const MigrationSet& migrations);

}  // namespace vestibule::store
