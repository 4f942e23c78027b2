#pragma once
// Backups: a database, or single domains of it, read as of one moment while servers go on writing.

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "store/backup_record.h"
#include "store/database.h"
#include "store/domain_store.h"

namespace vestibule::store {

/// What to read.
struct BackupScope {
  std::vector<DomainName> domains;  ///< empty: everything
  std::string program;              ///< the version of Vestibule, for the header
  bool restoring = false;           ///< of domains that are being restored too: to compare them
};

/// Opens a session for work that takes long: its answers may take an hour.
[[nodiscard]] Result<std::unique_ptr<Session>> openLongSession(const Database& database);

/// Hands everything of the scope to `sink`, all as of one moment: one transaction with a consistent
/// snapshot, which blocks no writer. Holds SchemaLock meanwhile: no domain is made or deleted and
/// nothing is migrated. Memory does not grow with the data. Returns the last record. Error
/// kNotFound for a domain that is not there, kConflict for one that is half made or half deleted;
/// kUnavailable when the lock is not to be had within 10 s; errors of the sink.
[[nodiscard]] Result<BackupEnd> takeBackup(Database& database, const BackupScope& scope,
                                           const BackupSink& sink, const BackupProgress& progress);

/// The same on a session that holds SchemaLock.
[[nodiscard]] Result<BackupEnd> takeBackup(Session& session, const std::string& control_schema,
                                           const BackupScope& scope, const BackupSink& sink,
                                           const BackupProgress& progress);

}  // namespace vestibule::store
