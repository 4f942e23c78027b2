#pragma once
// The SQL of queued provisions: one of the parts of statement_text.h. Private to store/.
//
// Times that servers compare (`due`) are the database's, so that servers whose clocks differ agree
// on when a lease ends.

#include <string>
#include <string_view>
#include <vector>

#include "store/statement_text.h"

namespace vestibule::store {

/// The text with the control schema and the database's time, and for `{operation}` the beginning of
/// what takeOperation reads.
[[nodiscard]] std::string operationText(std::string_view sql, std::string_view control);

/// Every statement below.
[[nodiscard]] std::vector<StatementText> operationStatements();

namespace sql {

inline constexpr std::string_view kInsertOperation =
    "INSERT INTO {control}.operations (id, state, due, lane, lease, attempts, token_id, "
    "key_digest, request_digest, idp_name, subject, correlation_id, request, created) "
    "VALUES (?, ?, {now} + ?, ?, ?, ?, UNHEX(?), ?, ?, ?, ?, ?, ?, ?)";
inline constexpr std::string_view kOperation = "{operation}WHERE id = ?";
inline constexpr std::string_view kOperationByKey = "{operation}WHERE key_digest = ?";
/// Of each lane the first that is not finished. What others are about to claim is passed over.
inline constexpr std::string_view kClaimable =
    "SELECT o.seq FROM {control}.operations o FORCE INDEX (operation_due) WHERE o.state = 1 AND "
    "o.due <= {now} "
    "AND NOT EXISTS (SELECT 1 FROM {control}.operations e FORCE INDEX (operation_lane) WHERE "
    "e.lane = o.lane AND e.state IN (1, 2) AND e.seq < o.seq) ORDER BY o.due, o.seq LIMIT ? FOR "
    "UPDATE SKIP LOCKED";
inline constexpr std::string_view kClaimOperations =
    "UPDATE {control}.operations SET state = 2, due = {now} "
    "+ ?, lease = ?, attempts = attempts + 1 WHERE seq IN (...)";
inline constexpr std::string_view kOperationsOfRows = "{operation}WHERE seq IN (...) ORDER BY seq";
/// What nobody runs any more: its server has died, or the database was away for too long.
inline constexpr std::string_view kExpiredLeases =
    "SELECT seq FROM {control}.operations FORCE INDEX (operation_due) WHERE state = 2 AND due <= "
    "{now} "
    "ORDER BY due, seq LIMIT ? FOR UPDATE SKIP LOCKED";
inline constexpr std::string_view kRequeueOperations =
    "UPDATE {control}.operations SET state = 1, due = {now}, "
    "lease = NULL WHERE state = 2 AND seq IN (...)";
inline constexpr std::string_view kFinishOperation =
    "UPDATE {control}.operations SET state = 4, due = {now} "
    "+ ?, lease = NULL, request = NULL, outcome = ?, domain_number = ?, user_id = ?, "
    "user_groups = ?, code = ?, detail = ?, finished = ? WHERE seq = ? AND state = 2 AND lease = "
    "?";
/// The same inside a transaction that has to fail when the lease is lost: `state` takes no NULL.
inline constexpr std::string_view kFinishOperationOrFail =
    "UPDATE {control}.operations SET state = IF(lease = ?, 4, NULL), due = {now} "
    "+ ?, lease = NULL, request = NULL, outcome = ?, domain_number = ?, user_id = ?, "
    "user_groups = ?, code = NULL, detail = NULL, finished = ? WHERE seq = ?";
inline constexpr std::string_view kPostponeOperation =
    "UPDATE {control}.operations SET state = 1, due = {now} "
    "+ ?, lease = NULL, code = ?, detail = ? WHERE seq = ? AND state = 2 AND lease = ?";
inline constexpr std::string_view kBuryOperation =
    "UPDATE {control}.operations SET state = 3, due = {now}, "
    "lease = NULL, code = ?, detail = ?, finished = ? WHERE seq = ? AND state = 2 AND lease = ?";
/// Given back without having been tried.
inline constexpr std::string_view kReleaseOperations =
    "UPDATE {control}.operations SET state = 1, due = {now}, "
    "lease = NULL, attempts = attempts - 1 WHERE lease = ? AND state = 2 AND seq IN (...)";
inline constexpr std::string_view kForgetOperation =
    "DELETE FROM {control}.operations WHERE seq = ? AND lease = ?";
inline constexpr std::string_view kLockOperation =
    "SELECT seq, lane, state FROM {control}.operations WHERE id = ? FOR UPDATE";
inline constexpr std::string_view kLaterDone =
    "SELECT 1 FROM {control}.operations FORCE INDEX (operation_lane) WHERE lane = ? AND state = 4 "
    "AND seq > ? LIMIT 1";
inline constexpr std::string_view kRetryOperation =
    "UPDATE {control}.operations SET state = 1, due = {now}, "
    "attempts = 0, finished = NULL WHERE seq = ?";
inline constexpr std::string_view kDropOperation =
    "DELETE FROM {control}.operations WHERE id = ? AND state IN (1, 3)";
inline constexpr std::string_view kOperationsInState =
    "{operation}FORCE INDEX (operation_due) WHERE state = ? AND due >= ? AND (due > ? OR seq > ?) "
    "ORDER BY due, seq LIMIT ?";
inline constexpr std::string_view kEndedAmong =
    "SELECT id FROM {control}.operations WHERE id IN (...) AND state >= 3";
inline constexpr std::string_view kOldOperations =
    "SELECT seq FROM {control}.operations FORCE INDEX (operation_due) WHERE state = 4 AND due <= "
    "{now} "
    "ORDER BY due, seq LIMIT ? FOR UPDATE SKIP LOCKED";
inline constexpr std::string_view kDeleteOperations =
    "DELETE FROM {control}.operations WHERE seq IN (...)";
inline constexpr std::string_view kCountOperations =
    "SELECT state, COUNT(*), GREATEST(0, {now} "
    "- MIN(due)) FROM {control}.operations FORCE INDEX (operation_due) WHERE state IN (1, 2, 3) "
    "GROUP BY state";

}  // namespace sql
}  // namespace vestibule::store
