#pragma once
// Restoring: a backup of a whole installation into a database that holds none, or one domain of it
// beside others.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/audit_event.h"
#include "store/backup_record.h"
#include "store/database.h"
#include "store/migration_files.h"

namespace vestibule::store {

/// Gives the records of a backup in their order; nothing behind the last.
using BackupSource = std::function<Result<std::optional<BackupRecord>>()>;

/// Restores a backup of everything, secrets, tokens and numbers included, into a database that has
/// no control schema, or one in which nothing but an empty PRIMARY was ever made. Schemas get the
/// names of this database's prefix; a backup of older schemas is brought up to date. From the first
/// change to the last no program goes on with the database (kRestoreMark): what an interrupted run
/// left is dropped by the next. `event` goes into the restored audit. Error kConflict when the
/// database holds an installation, when the backup is of one domain alone or of a newer version;
/// kInvalidValue when its rows are not what its end counts; kUnavailable when another process
/// migrates the database; errors of the source.
[[nodiscard]] Result<BackupEnd> restoreAll(Database& database, const MigrationSet& migrations,
                                           const std::string& primary_settings,
                                           const BackupSource& source, const AuditEvent& event,
                                           const BackupProgress& progress);

/// Restores one domain beside others (DomainRestore), from a backup of it or of everything. `event`
/// goes into the audit when it becomes visible; its domain is filled in. Returns what was loaded.
/// After an error PRIMARY is given back as it was, where it can be. Errors as DomainRestore;
/// kUnavailable when another process migrates the database, or makes or deletes a domain; errors of
/// the source.
[[nodiscard]] Result<std::vector<BackupCount>> restoreDomain(
    Database& database, const MigrationSet& migrations, const DomainName& name, bool replace,
    const BackupSource& source, AuditEvent event, const BackupProgress& progress);

}  // namespace vestibule::store
