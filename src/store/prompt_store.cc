#include "store/prompt_store.h"

#include <utility>
#include <vector>

#include "store/audit_rows.h"
#include "store/prompt_statements.h"
#include "store/result_rows.h"
#include "store/rows_removed.h"
#include "store/session.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

/// ER_BAD_NULL_ERROR: what kEndPromptOrFail fails with. No other column it writes refuses one.
constexpr unsigned kNullInColumn = 1048;

Parameter textOrNull(const std::string& text) {
  if (text.empty()) return nullptr;
  return std::string_view(text);
}

Prompt takePrompt(ResultRow& row) {
  const auto textAt = [&](std::size_t column) {
    return row[column] ? takeText(row, column) : std::string();
  };
  Prompt prompt;
  prompt.seq = unsignedAt(row, 0);
  prompt.id = PromptId(takeText(row, 1));
  prompt.state = static_cast<PromptState>(unsignedAt(row, 2));
  prompt.tries = static_cast<std::uint32_t>(unsignedAt(row, 3));
  prompt.token_id = takeText(row, 4);
  prompt.identity_provider = takeText(row, 5);
  prompt.subject = Subject(takeText(row, 6));
  prompt.correlation_id = takeText(row, 7);
  prompt.request = std::move(row[8]);
  prompt.return_url = textAt(9);
  prompt.outcome = std::move(row[10]);
  if (row[11]) prompt.domain = DomainNumber(static_cast<std::uint16_t>(unsignedAt(row, 11)));
  if (row[12]) prompt.user = idAt(row, 12);
  prompt.code = textAt(13);
  prompt.detail = textAt(14);
  prompt.created = signedAt(row, 15);
  prompt.expires = signedAt(row, 16);
  if (row[17]) prompt.finished = signedAt(row, 17);
  return prompt;
}

Result<std::optional<Prompt>> readOne(Session& session, const std::string& control_schema,
                                      std::string_view sql, const std::string& key) {
  StatementBatch batch;
  batch.add(forSchemas(sql, {}, control_schema), {Blob{key}});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  auto& rows = results->front().rows;
  if (rows.empty()) return std::optional<Prompt>();
  return std::optional(takePrompt(rows.front()));
}

}  // namespace

std::vector<StatementText> promptStatements() {
  std::vector<StatementText> all;
  const auto add = [&](std::string name, std::string_view sql) {
    all.push_back({std::move(name), std::string(sql)});
  };
  add("insertPrompt", sql::kInsertPrompt);
  add("promptByTicket", sql::kPromptByTicket);
  add("promptById", sql::kPromptById);
  add("countTry", sql::kCountTry);
  add("endPromptOrFail", sql::kEndPromptOrFail);
  add("countOpenPrompts", sql::kCountOpenPrompts);
  add("probeWrites", sql::kProbeWrites);
  add("deleteOldPrompts", sql::kDeleteOldPrompts);
  return all;
}

void addEndPrompt(StatementBatch& batch, const std::string& control_schema, const PromptEnd& end,
                  Timestamp now) {
  batch.add(forSchemas(sql::kEndPromptOrFail, {}, control_schema),
            {std::string_view(end.outcome),
             end.domain ? Parameter(std::uint64_t{end.domain->value()}) : nullptr,
             end.user ? Parameter(Blob{end.user->bytes()}) : nullptr, textOrNull(end.code),
             textOrNull(end.detail), std::int64_t{now}, end.seq});
}

Result<void> insertPrompt(Session& session, const std::string& control_schema,
                          const NewPrompt& prompt, const AuditEvent& event) {
  const AuditRow audit(event);
  StatementBatch batch;
  batch.begin().add(
      forSchemas(sql::kInsertPrompt, {}, control_schema),
      {Blob{prompt.id.value()}, Blob{prompt.ticket.value()}, std::string_view(prompt.token_id),
       std::string_view(prompt.identity_provider), Blob{prompt.subject.value()},
       std::string_view(prompt.correlation_id), std::string_view(prompt.request),
       textOrNull(prompt.return_url), std::int64_t{prompt.created}, std::int64_t{prompt.expires}});
  audit.addTo(batch, control_schema);
  batch.commit();
  auto stored = batch.run(session);
  if (!stored) return propagate(stored);
  return {};
}

Result<std::optional<Prompt>> findPrompt(Session& session, const std::string& control_schema,
                                         const TicketDigest& ticket) {
  return readOne(session, control_schema, sql::kPromptByTicket, ticket.value());
}

Result<std::optional<Prompt>> findPrompt(Session& session, const std::string& control_schema,
                                         const PromptId& id) {
  return readOne(session, control_schema, sql::kPromptById, id.value());
}

Result<bool> countTry(Session& session, const std::string& control_schema, std::uint64_t seq,
                      std::uint32_t most) {
  StatementBatch batch;
  batch.add(forSchemas(sql::kCountTry, {}, control_schema), {seq, std::uint64_t{most}});
  auto counted = batch.run(session);
  if (!counted) return propagate(counted);
  return counted->front().affected > 0;
}

Result<bool> endPrompt(Session& session, const std::string& control_schema, const PromptEnd& end,
                       const AuditEvent* event, Timestamp now) {
  std::optional<AuditRow> audit;
  if (event != nullptr) audit.emplace(*event);
  StatementBatch batch;
  batch.begin();
  addEndPrompt(batch, control_schema, end, now);
  if (audit) audit->addTo(batch, control_schema);
  batch.commit();
  auto ended = batch.run(session);
  if (ended) return true;
  if (session.errorNumber() == kNullInColumn) return false;
  return propagate(ended);
}

Result<std::uint64_t> countOpenPrompts(Session& session, const std::string& control_schema,
                                       Timestamp now) {
  StatementBatch batch;
  batch.add(forSchemas(sql::kCountOpenPrompts, {}, control_schema), {std::int64_t{now}});
  auto counted = batch.run(session);
  if (!counted) return propagate(counted);
  return unsignedAt(counted->front().rows.front(), 0);
}

Result<std::uint64_t> removeOldPrompts(Session& session, const std::string& control_schema,
                                       Timestamp before) {
  StatementBatch batch;
  batch.add(forSchemas(sql::kDeleteOldPrompts, {}, control_schema),
            {std::int64_t{before}, kRowsRemovedAtOnce});
  auto removed = batch.run(session);
  if (!removed) return propagate(removed);
  return removed->front().affected;
}

}  // namespace vestibule::store
