#pragma once
// The SQL of consent: one of the parts of statement_text.h. Private to store/.

#include <string_view>
#include <vector>

#include "store/statement_text.h"

namespace vestibule::store {

/// Every statement below.
[[nodiscard]] std::vector<StatementText> consentStatements();

namespace sql {

inline constexpr std::string_view kConsentDecisions =
    "SELECT purpose_number, version, attribute, consent, receipt_id, decided FROM "
    "{control}.consent_decisions WHERE user_id = ?";
/// Followed by kConsentDecision, comma-separated, and kReplaceConsentDecision.
inline constexpr std::string_view kInsertConsentDecisions =
    "INSERT INTO {control}.consent_decisions (user_id, purpose_number, attribute, version, "
    "consent, receipt_id, decided) VALUES ";
inline constexpr std::string_view kConsentDecision = "(?, ?, ?, ?, ?, ?, ?)";
inline constexpr std::string_view kReplaceConsentDecision =
    " ON DUPLICATE KEY UPDATE version = VALUES(version), consent = VALUES(consent), receipt_id = "
    "VALUES(receipt_id), decided = VALUES(decided)";
inline constexpr std::string_view kInsertConsentReceipt =
    "INSERT INTO {control}.consent_receipts (id, user_id, domain_number, idp_name, document, "
    "state, "
    "created) VALUES (?, ?, ?, ?, ?, ?, ?)";
inline constexpr std::string_view kConsentReceipt =
    "SELECT id, user_id, idp_name, document, state, created, revoked FROM "
    "{control}.consent_receipts WHERE id = ?";
inline constexpr std::string_view kConsentReceiptsOfUser =
    "SELECT id, user_id, idp_name, document, state, created, revoked FROM "
    "{control}.consent_receipts FORCE INDEX (consent_receipt_user) WHERE user_id = ? AND created "
    ">= ? AND (created > ? OR id > ?) ORDER BY created, id LIMIT ?";
inline constexpr std::string_view kConsentReceiptsByTime =
    "SELECT id, user_id, idp_name, document, state, created, revoked FROM "
    "{control}.consent_receipts FORCE INDEX (consent_receipt_time) WHERE created >= ? AND (created "
    "> ? OR id > ?) ORDER BY created, id LIMIT ?";
inline constexpr std::string_view kRevokeConsentReceipt =
    "UPDATE {control}.consent_receipts SET state = ?, revoked = ? WHERE id = ?";
/// Those that a receipt is the last word on.
inline constexpr std::string_view kWithdrawConsentDecisions =
    "UPDATE {control}.consent_decisions SET consent = ?, decided = ? WHERE user_id = ? AND "
    "receipt_id = ? AND consent = ?";
/// The next login of each identity decides anew.
inline constexpr std::string_view kForgetLoginsOfUser =
    "UPDATE {control}.federated_identities SET claims_digest = ? WHERE user_id = ?";
inline constexpr std::string_view kDeleteConsentDecisionsOfUser =
    "DELETE FROM {control}.consent_decisions WHERE user_id = ?";
inline constexpr std::string_view kDeleteConsentReceiptsOfUser =
    "DELETE FROM {control}.consent_receipts WHERE user_id = ?";
/// Who has decided anything has a receipt.
inline constexpr std::string_view kReceiptHoldersOfDomain =
    "SELECT user_id FROM {control}.consent_receipts WHERE domain_number = ? LIMIT ?";
inline constexpr std::string_view kDeleteConsentDecisionsOfUsers =
    "DELETE FROM {control}.consent_decisions WHERE user_id IN (...)";
inline constexpr std::string_view kDeleteConsentReceiptsOfUsers =
    "DELETE FROM {control}.consent_receipts WHERE user_id IN (...)";

}  // namespace sql
}  // namespace vestibule::store
