#pragma once
// The SQL of prompts: one of the parts of statement_text.h. Private to store/.

#include <string>
#include <string_view>
#include <vector>

#include "store/prompt_store.h"
#include "store/statement_batch.h"
#include "store/statement_text.h"

namespace vestibule::store {

/// Every statement below.
[[nodiscard]] std::vector<StatementText> promptStatements();

/// Adds the UPDATE that ends a prompt and fails where it has ended before, with ER_BAD_NULL_ERROR:
/// `state` takes no NULL. `end` must live until the batch runs.
void addEndPrompt(StatementBatch& batch, const std::string& control_schema, const PromptEnd& end,
                  Timestamp now);

namespace sql {

inline constexpr std::string_view kInsertPrompt =
    "INSERT INTO {control}.prompts (id, ticket_digest, state, tries, token_id, idp_name, subject, "
    "correlation_id, request, return_url, created, expires) "
    "VALUES (?, ?, 1, 0, UNHEX(?), ?, ?, ?, ?, ?, ?, ?)";
inline constexpr std::string_view kPromptByTicket =
    "SELECT seq, id, state, tries, LOWER(HEX(token_id)), idp_name, subject, correlation_id, "
    "request, return_url, outcome, domain_number, user_id, code, detail, created, expires, "
    "finished FROM {control}.prompts WHERE ticket_digest = ?";
inline constexpr std::string_view kPromptById =
    "SELECT seq, id, state, tries, LOWER(HEX(token_id)), idp_name, subject, correlation_id, "
    "request, return_url, outcome, domain_number, user_id, code, detail, created, expires, "
    "finished FROM {control}.prompts WHERE id = ?";
inline constexpr std::string_view kCountTry =
    "UPDATE {control}.prompts SET tries = tries + 1 WHERE seq = ? AND state = 1 AND tries < ?";
inline constexpr std::string_view kEndPromptOrFail =
    "UPDATE {control}.prompts SET state = IF(state = 1, 2, NULL), request = NULL, outcome = ?, "
    "domain_number = ?, user_id = ?, code = ?, detail = ?, finished = ? WHERE seq = ?";
inline constexpr std::string_view kCountOpenPrompts =
    "SELECT COUNT(*) FROM {control}.prompts WHERE expires > ? AND state = 1";
/// No row has the number 0; the statement is refused all the same where no writes are taken.
inline constexpr std::string_view kProbeWrites = "DELETE FROM {control}.prompts WHERE seq = 0";
inline constexpr std::string_view kDeleteOldPrompts =
    "DELETE FROM {control}.prompts WHERE expires < ? ORDER BY expires LIMIT ?";

}  // namespace sql
}  // namespace vestibule::store
