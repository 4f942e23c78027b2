#pragma once
// Moving a domain to another installation: announced, fenced, copied, compared, served there, and
// given up here (domain_move.h, domain_restore.h). Stopped anywhere, by a failure or by kill -9, it
// is gone on with by calling it again, or undone by abortTransfer() until the target serves the
// domain.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/strong.h"
#include "store/audit_event.h"
#include "store/backup_record.h"
#include "store/database.h"
#include "store/migration_files.h"

namespace vestibule::store {

/// What is behind a move.
enum class TransferStep { kAnnounced, kFenced, kCopied, kCompared, kServed, kFinished };

/// A word for people, such as `fenced`.
[[nodiscard]] std::string_view nameOf(TransferStep step);

struct TransferOptions {
  /// How long servers are given to hear of the move before the fence: those that have not heard of
  /// it answer even reads with kUnavailable until they have. No write depends on this.
  std::chrono::milliseconds hearing{1'000};
  std::string program;  ///< the version of Vestibule
  /// Called behind each step; an error stops the move there.
  std::function<Result<void>(TransferStep)> reached = nullptr;
  BackupProgress progress = nullptr;
};

/// Events of the audit, each stored where and when its step is: their domain is filled in.
struct TransferEvents {
  AuditEvent began;     ///< at the source
  AuditEvent received;  ///< at the target
  AuditEvent gave;      ///< at the source
};

struct TransferReport {
  bool resumed = false;             ///< it had begun before
  std::vector<BackupCount> tables;  ///< what was copied; empty when the target served it already
  std::uint64_t operations = 0;     ///< queued at the source, which may be about the domain
};

/// Moves the domain. Both databases are migrated by this program's files. No write that the source
/// has acknowledged is missing at the target. Error kNotFound; kConflict for PRIMARY, for two
/// databases of one installation, when the target has no identity provider of a name that links of
/// the domain need, when the rows do not compare, and as DomainRestore; kUnavailable as raiseFence,
/// and when another process migrates one of the databases.
[[nodiscard]] Result<TransferReport> transferDomain(Database& source, Database& target,
                                                    const MigrationSet& migrations,
                                                    const DomainName& name, TransferEvents events,
                                                    const TransferOptions& options);

/// Undoes a move that was begun: the source serves the domain again, and what the target got of it
/// is deleted. Without a target nothing is looked at there. Error kConflict when the target serves
/// the domain: then only going on is left.
[[nodiscard]] Result<void> abortTransfer(Database& source, Database* target, const DomainName& name,
                                         AuditEvent event);

}  // namespace vestibule::store
