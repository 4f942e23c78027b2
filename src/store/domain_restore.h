#pragma once
// Restoring one domain beside others, from a backup or from the database that it is moved out of.
//
// Its number is part of every id, so the domain gets the number that it had. What its rows name by
// other numbers, identity providers and consent purposes, is found by name. Of the control schema
// come the domain's settings, what its indexes hold, federated identities, consent decisions and
// receipts, and audit events that are not there; not tokens, queued operations, prompts, the traces
// of decisions, or what guard-rails have counted. Until activate() the domain is in state
// `restoring`, in which nobody sees it; what an interrupted run left is cleared by the next.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/audit_event.h"
#include "store/backup_record.h"
#include "store/backup_tables.h"
#include "store/domain_store.h"
#include "store/migration_files.h"
#include "store/primary_place.h"

namespace vestibule::store {

/// Where to restore, and what may go for it.
struct DomainRestoreOptions {
  std::string control_schema;
  std::string schema_prefix;
  const MigrationSet* migrations = nullptr;  ///< outlives the restoring
  bool replace = false;                      ///< a domain of that name goes first
};

struct LoadedTable;

/// Takes the records of a backup and keeps those of one domain. The session is the caller's alone,
/// may take long (openLongSession) and holds SchemaLock.
class DomainRestore {
 public:
  DomainRestore(Session& session, DomainName name, DomainRestoreOptions options);
  ~DomainRestore();
  DomainRestore(const DomainRestore&) = delete;
  DomainRestore& operator=(const DomainRestore&) = delete;

  /// Takes one record. Error kNotFound when the backup does not hold the domain; kUniqueness when
  /// there is one of its name (for PRIMARY: one that holds users or groups) and `replace` is not
  /// given; kConflict when its number is another domain's here, when tokens are bound to that
  /// number and the audit does not tell that this domain had it here, when the control schema is
  /// of another version, when an identity provider or a version of a consent purpose is not here,
  /// and when a subject is linked to a user of another domain; kInvalidValue when the backup is not
  /// one that was ever made.
  [[nodiscard]] Result<void> take(const BackupRecord& record);
  /// Brings the schema up to date, once the last record was taken, and then has PRIMARY take
  /// effect. Errors as take() and migrate().
  [[nodiscard]] Result<void> complete();
  /// Makes the domain visible.
  [[nodiscard]] Result<void> activate(const AuditEvent& event);

  /// For when one of these has failed: gives PRIMARY back as it was before, where that can be.
  /// Other domains stay in state `restoring`. Returns the error, which says so when this failed
  /// too.
  [[nodiscard]] tl::unexpected<Error> abandon(Error because);

  /// The domain as it is here; nothing before its row was taken.
  [[nodiscard]] const std::optional<DomainRow>& domain() const { return domain_; }
  /// What was loaded, by table.
  [[nodiscard]] const std::vector<BackupCount>& counts() const { return counts_; }

 private:
  Result<void> takeHeader(const BackupHeader& header);
  Result<void> beginTable(const BackupTable& table);
  Result<void> takeRows(const BackupRows& rows);
  Result<void> takeDomain(const BackupRow& row);
  Result<DomainRow> place(DomainRow wanted);
  Result<void> takeEnd(const BackupEnd& end) const;
  Result<void> notePurposeVersions(const BackupRows& rows);
  /// True for what an identity provider granted, or a user decided about a consent purpose, that
  /// was deleted where the backup was made: its number says nothing elsewhere.
  [[nodiscard]] bool isOfNobody(const BackupRow& row) const;
  /// True when such a row comes along: the installation is the same, and the number is nobody's
  /// here either, which it stays. A copy of the installation may have given it to somebody else.
  Result<bool> keepsNobodys(const BackupRow& row);
  /// The rows that belong to the domain, with this database's numbers.
  Result<BackupRows> adapt(const BackupRows& rows);
  Result<void> loadRows(const BackupRows& rows);
  Result<void> giveNumber(BackupRow& row, std::string_view column,
                          const std::map<std::uint64_t, std::string>& names,
                          const std::map<std::string, std::uint64_t>& numbers,
                          std::string_view what) const;

  Session& session_;
  DomainName name_;
  DomainRestoreOptions options_;
  std::optional<DomainNumber> number_;
  std::optional<DomainRow> domain_;
  std::optional<PrimaryPlace> primary_;  ///< when it is that domain
  bool same_installation_ = false;
  MigrationSet then_;
  std::map<std::uint64_t, std::string> provider_names_;  // by their numbers in the backup
  std::map<std::uint64_t, std::string> purpose_names_;
  std::map<std::string, std::uint64_t> provider_numbers_;  // by name, here
  std::map<std::string, std::uint64_t> purpose_numbers_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> other_purposes_;  // versions not the same here
  std::map<std::pair<std::string_view, std::uint64_t>, bool> reserved_;  // whether it was nobody's
  std::uint64_t grants_left_out_ = 0;
  std::unique_ptr<LoadedTable> loaded_;
  std::string shaped_;  ///< the schema that `shapes_` is of
  std::vector<TableShape> shapes_;
  std::vector<BackupCount> counts_;
  bool ended_ = false;
};

}  // namespace vestibule::store
