#pragma once
// Schema migrations: numbered, forward-only SQL files, applied under a lock that all processes
// share.

#include <string>
#include <vector>

#include "base/result.h"
#include "store/database.h"
#include "store/migration_files.h"

namespace vestibule::store {

/// Brings the control schema and the schemas of all active domains up to date, makes sure that
/// PRIMARY exists (with `primary_settings`), and ends deletions of domains that were interrupted. A
/// domain whose creation was interrupted is left for the next creation of the same name. Safe to
/// run in several processes at once: the others wait for the first (GET_LOCK, up to
/// `lock_seconds`). Steps that ran are recorded one by one; an interrupted run goes on where it
/// stopped. Works on a session of its own, on which a step may take an hour. Returns what it did, a
/// line each, for the operator; empty when all was up to date. Error kConflict when the database
/// has migrations this program does not know (it is older than the database), or one of the same
/// number and other content; kUnavailable when another process held the lock for too long.
[[nodiscard]] Result<std::vector<std::string>> migrate(Database& database,
                                                       const MigrationSet& migrations,
                                                       const std::string& primary_settings,
                                                       unsigned lock_seconds = 60);

/// Brings one new domain's schema up to date. The caller holds the lock of migrate() (SchemaLock).
/// Errors as migrate().
[[nodiscard]] Result<void> migrateDomainSchema(Session& session, const std::string& control_schema,
                                               const std::string& quoted_schema,
                                               const MigrationSet& migrations);

/// True when nothing is left to do: no migration of the control schema or of an active domain, and
/// PRIMARY is there. Reads only. Error kConflict as migrate().
[[nodiscard]] Result<bool> isUpToDate(Database& database, const MigrationSet& migrations);

}  // namespace vestibule::store
