#include "store/audit_rows.h"

#include <algorithm>
#include <cassert>
#include <utility>
#include <vector>

#include "base/crypto.h"
#include "json/write.h"
#include "store/operation_statements.h"
#include "store/outbound_statements.h"
#include "store/prompt_statements.h"
#include "store/statement_text.h"
#include "store/uniqueness.h"

namespace vestibule::store {
namespace {

constexpr std::size_t kIdentityKeyBytes = 16;

Parameter textOrNull(const std::string& text) {
  if (text.empty()) return nullptr;
  return std::string_view(text);
}

Parameter blobOrNull(const std::string& bytes) {
  if (bytes.empty()) return nullptr;
  return Blob{bytes};
}

Parameter versionOrNull(const std::optional<Version>& version) {
  if (!version) return nullptr;
  return version->value();
}

/// Empty when nothing changed.
std::string changesText(const AuditEvent& event) {
  json::Object changes;
  const auto set = [&](std::string_view key, const std::vector<std::string>& names) {
    if (!names.empty()) changes.set(key, json::Array(names.begin(), names.end()));
  };
  if (!event.target.empty()) changes.set("target", event.target);
  set("attributes", event.attributes);
  set("granted", event.granted);
  set("revoked", event.revoked);
  return changes.empty() ? std::string() : json::write(changes);
}

}  // namespace

std::string identityKey(const std::string& identity_provider, const Subject& subject) {
  std::string pair = identity_provider;
  pair += '\0';
  pair += subject.value();
  return sha256(pair).substr(0, kIdentityKeyBytes);
}

AuditRow::AuditRow(const AuditEvent& event)
    : event_(event), outbox_(event), changes_(changesText(event)) {
  if (!event.identity_provider.empty() && !event.subject.value().empty()) {
    identity_key_ = identityKey(event.identity_provider, event.subject);
  }
}

std::vector<Parameter> AuditRow::columns() const {
  const auto& event = event_;
  std::vector<Parameter> parameters{static_cast<std::int64_t>(event.occurred),
                                    std::string_view(event.correlation_id),
                                    std::string_view(event.action),
                                    std::string_view(event.actor_id),
                                    std::string_view(event.actor_name),
                                    textOrNull(event.identity_provider),
                                    blobOrNull(event.subject.value()),
                                    blobOrNull(identity_key_)};
  if (event.domain) {
    parameters.emplace_back(std::uint64_t{event.domain->number.value()});
    parameters.emplace_back(std::string_view(event.domain->name.value()));
  } else {
    parameters.insert(parameters.end(), 2, nullptr);
  }
  parameters.emplace_back(event.resource ? Parameter(Blob{event.resource->bytes()}) : nullptr);
  parameters.emplace_back(versionOrNull(event.version_before));
  parameters.emplace_back(versionOrNull(event.version_after));
  parameters.emplace_back(textOrNull(event.code));
  parameters.emplace_back(textOrNull(changes_));
  return parameters;
}

void AuditRow::markOutbound(StatementBatch& batch, const std::string& control_schema,
                            std::string_view statement) const {
  if (!event_.resource) return;
  for (const auto target : event_.outbound) {
    batch.add(outboundText(statement, control_schema),
              {std::uint64_t{target}, Blob{event_.resource->bytes()}});
  }
}

void AuditRow::addTo(StatementBatch& batch, const std::string& control_schema) const {
  markOutbound(batch, control_schema, sql::kMarkOutbound);
  batch.add(forSchemas(sql::kInsertAuditEvent, {}, control_schema), columns());
  if (!event_.trace.empty()) {
    batch.add(forSchemas(sql::kInsertAuditTrace, {}, control_schema),
              {static_cast<std::int64_t>(event_.occurred), std::string_view(event_.trace)});
  }
  outbox_.addTo(batch, control_schema);
}

void AuditRow::addIfChangedTo(StatementBatch& batch, const std::string& control_schema) const {
  batch.add(forSchemas(sql::kInsertAuditEventIfChanged, {}, control_schema), columns());
  markOutbound(batch, control_schema, sql::kMarkOutboundIfChanged);
  outbox_.addIfChangedTo(batch, control_schema);
}

void AuditRow::addIfFirstRefusalTo(StatementBatch& batch, const std::string& control_schema,
                                   const std::string& domain_schema,
                                   const std::vector<Parameter>& key) const {
  auto parameters = columns();
  parameters.insert(parameters.end(), key.begin(), key.end());
  batch.add(forSchemas(sql::kInsertAuditEventIfFirstRefusal, domain_schema, control_schema),
            parameters);
}

void addAuditRows(StatementBatch& batch, const std::string& control_schema,
                  const std::vector<AuditRow>& rows) {
  constexpr std::size_t kRowsPerStatement = 500;
  const std::string insert = forSchemas(sql::kInsertAuditEvent, {}, control_schema);
  const std::string_view values = std::string_view(insert).substr(insert.rfind("(?"));
  for (std::size_t from = 0; from < rows.size(); from += kRowsPerStatement) {
    const auto end = std::min(rows.size(), from + kRowsPerStatement);
    std::string text = insert;
    std::vector<Parameter> parameters;
    for (std::size_t i = from; i < end; ++i) {
      assert(rows[i].event_.trace.empty());
      if (i > from) text.append(",").append(values);
      const auto columns = rows[i].columns();
      parameters.insert(parameters.end(), columns.begin(), columns.end());
    }
    batch.add(text, parameters);
  }
  for (const auto& row : rows) {
    row.markOutbound(batch, control_schema, sql::kMarkOutbound);
    row.outbox_.addTo(batch, control_schema);
  }
}

LoginRows::LoginRows(const LoginRecord& record, const ResourceId& user) : record_(record) {
  if (record.audit) audit_.emplace(*record.audit);
  if (record.consent) consent_.emplace(*record.consent, user);
}

void LoginRows::addTo(StatementBatch& batch, const std::string& control_schema) const {
  if (consent_) consent_->addTo(batch, control_schema);
  if (audit_) audit_->addTo(batch, control_schema);
  if (record_.prompt) addEndPrompt(batch, control_schema, *record_.prompt, now());
  if (!record_.operation) return;
  const OperationEnd& end = *record_.operation;
  batch.add(operationText(sql::kFinishOperationOrFail, control_schema),
            {Blob{end.lease.value()}, std::int64_t{end.keep.count()}, std::string_view(end.outcome),
             end.domain ? Parameter(std::uint64_t{end.domain->value()}) : nullptr,
             end.user ? Parameter(Blob{end.user->bytes()}) : nullptr,
             end.groups ? Parameter(std::string_view(*end.groups)) : nullptr, std::int64_t{now()},
             end.seq});
}

Error LoginRows::nameFailure(const Session& session, Error error) const {
  // ER_BAD_NULL_ERROR: what kFinishOperationOrFail and kEndPromptOrFail fail with. No other column
  // here takes one.
  constexpr unsigned kNullInColumn = 1048;
  if (record_.operation && session.errorNumber() == kNullInColumn) {
    return {ErrorKind::kConflict, "the operation is run by somebody else", {}, "operation", {}};
  }
  if (record_.prompt && session.errorNumber() == kNullInColumn) {
    return {ErrorKind::kConflict, "the prompt has been answered", {}, "prompt", {}};
  }
  return nameDuplicate(session, std::move(error));
}

}  // namespace vestibule::store
