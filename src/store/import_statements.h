#pragma once
// The SQL of imports: one of the parts of statement_text.h. Private to store/.

#include <string>
#include <string_view>
#include <vector>

#include "store/statement_text.h"

namespace vestibule::store {

/// Every statement below.
[[nodiscard]] std::vector<StatementText> importStatements();

namespace sql {

inline constexpr std::string_view kFindImport =
    "SELECT seq FROM {control}.imports WHERE fingerprint = ?";
inline constexpr std::string_view kInsertImport =
    "INSERT INTO {control}.imports (fingerprint, domain_number, begun) VALUES (?, ?, ?)";
inline constexpr std::string_view kDeleteImportBatches =
    "DELETE FROM {control}.import_batches WHERE import_seq = ? LIMIT ?";
inline constexpr std::string_view kDeleteImport = "DELETE FROM {control}.imports WHERE seq = ?";
inline constexpr std::string_view kInsertImportBatch =
    "INSERT INTO {control}.import_batches (import_seq, pass, batch, created, replaced, unchanged, "
    "rejected, report) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
/// Ordered by the primary key, so that a report is read in the order of its lines.
inline constexpr std::string_view kImportBatches =
    "SELECT batch, created, replaced, unchanged, rejected FROM {control}.import_batches WHERE "
    "import_seq = ? AND pass = ? AND batch >= ? ORDER BY batch LIMIT ?";
inline constexpr std::string_view kImportReports =
    "SELECT batch, report FROM {control}.import_batches WHERE import_seq = ? AND pass = ? AND "
    "batch >= ? ORDER BY batch LIMIT ?";

// The users of a batch. FORCE INDEX: on a small table the optimiser would read, and lock, all of
// it.
inline constexpr std::string_view kTakenUserNames =
    "SELECT id, user_name_fold, user_name_case FROM {domain}.users FORCE INDEX (user_user_name) "
    "WHERE user_name_fold IN (...)";
inline constexpr std::string_view kNumbersOfUsers =
    "SELECT seq, id FROM {domain}.users FORCE INDEX (user_id) WHERE id IN (...)";
inline constexpr std::string_view kLockUsersByName =
    "SELECT seq, id, version, created, modified, document, password_hash IS NOT NULL, "
    "user_name_fold, user_name_case, external_id_key FROM {domain}.users FORCE INDEX "
    "(user_user_name) WHERE user_name_fold IN (...) FOR UPDATE";
inline constexpr std::string_view kLockUsersByExternalId =
    "SELECT seq, id, version, created, modified, document, password_hash IS NOT NULL, "
    "user_name_fold, user_name_case, external_id_key FROM {domain}.users FORCE INDEX "
    "(user_external_id) WHERE external_id_key IN (...) FOR UPDATE";
inline constexpr std::string_view kLockUsersById =
    "SELECT seq, id, version, created, modified, document, password_hash IS NOT NULL, "
    "user_name_fold, user_name_case, external_id_key FROM {domain}.users FORCE INDEX (user_id) "
    "WHERE id IN (...) FOR UPDATE";
inline constexpr std::string_view kPasswordHashes =
    "SELECT id, password_hash FROM {domain}.users FORCE INDEX (user_id) WHERE id IN (...) AND "
    "password_hash IS NOT NULL";
inline constexpr std::string_view kUserIdsByName =
    "SELECT user_name_fold, id FROM {domain}.users FORCE INDEX (user_user_name) WHERE "
    "user_name_fold IN (...)";

}  // namespace sql
}  // namespace vestibule::store
