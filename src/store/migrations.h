#pragma once
// Schema migrations: numbered, forward-only SQL files and the indexes that schema files declare,
// applied under a lock that all processes share.

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/database.h"
#include "store/domain_tables.h"
#include "store/migration_files.h"

namespace vestibule::store {

/// Hears of long work while it goes on: a line about once a second.
using MigrationProgress = std::function<void(const std::string& line)>;

/// As the number of a migration of the control schema: a backup is being restored into the
/// database, or was not to its end. No program goes on with it, not even one that does not know
/// this number.
inline constexpr std::uint64_t kRestoreMark = 4'294'967'295;

/// Puts the mark. The caller holds SchemaLock, and `migrations` of the control schema is there.
[[nodiscard]] Result<void> putRestoreMark(Session& session, const std::string& control_schema);

/// How to migrate.
struct MigrateOptions {
  unsigned lock_seconds = 60;  ///< how long to wait for another process that migrates
  /// A server starts behind it. What servers with older schema files have written without an index
  /// that was filled meanwhile is then read again: they should have been stopped by now.
  bool serves = false;
  MigrationProgress progress = nullptr;
};

/// Brings the control schema and the schemas of all active domains up to date, with the indexes
/// over what they hold, makes sure that PRIMARY exists (with `primary_settings`), and ends
/// deletions of domains that were interrupted. A domain whose creation was interrupted is left for
/// the next creation of the same name, and PRIMARY whose restoring was interrupted for the next
/// restoring. Safe to run in several processes at once: the others wait for the first (GET_LOCK),
/// and those at other nodes of a Galera cluster begin again when they meet it. Where there is
/// nothing to do, nobody is waited for, such as a backup that runs for an hour. Steps that ran are
/// recorded one by one; an interrupted run goes on where it stopped. Works on a session of its own,
/// on which a step may take an hour. Returns what it did, a line each, for the operator; empty when
/// all was up to date. Error kConflict when the database has migrations this program does not know
/// (it is older than the database), or one of the same number and other content, and when an index
/// cannot be filled (two resources with one value of an attribute that is unique now, another
/// naming attribute); kUnavailable when another process held the lock for too long. O(resources)
/// when a schema file declares an index anew.
[[nodiscard]] Result<std::vector<std::string>> migrate(Database& database,
                                                       const MigrationSet& migrations,
                                                       const std::string& primary_settings,
                                                       const MigrateOptions& how = {});

/// Makes what a backup of everything is loaded into, as migrate() makes an installation. The mark
/// is put before anything else is and this run alone goes on with it, so that nobody takes what is
/// made for an installation. The caller's session holds SchemaLock. Errors as migrate().
[[nodiscard]] Result<void> migrateForRestoring(Session& session, const Database& database,
                                               const MigrationSet& migrations,
                                               const std::string& primary_settings);

/// Brings one new domain's schema up to date. What its indexes hold is recorded in
/// `attribute_indexes` of the control schema, or of the quoted schema `records`, where that is
/// given. The caller holds the lock of migrate() (SchemaLock). Errors as migrate().
[[nodiscard]] Result<void> migrateDomainSchema(Session& session, const std::string& control_schema,
                                               const DomainTables& domain,
                                               const MigrationSet& migrations,
                                               const std::string& records = {});

/// True when nothing is left to do: no migration of the control schema or of an active domain, no
/// index, and PRIMARY is there, if half restored. Reads only. Error kConflict as migrate().
[[nodiscard]] Result<bool> isUpToDate(Database& database, const MigrationSet& migrations);

}  // namespace vestibule::store
