#pragma once
// An audit event as the statements of any change take it along. Private to store/.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/resource_id.h"
#include "store/audit_event.h"
#include "store/consent_rows.h"
#include "store/outbox_rows.h"
#include "store/statement_batch.h"

namespace vestibule::store {

/// What the index finds the pair by: half of a SHA-256.
[[nodiscard]] std::string identityKey(const std::string& identity_provider, const Subject& subject);

/// The columns of one event. It and the event must live until the batch runs.
class AuditRow {
 public:
  explicit AuditRow(const AuditEvent& event);

  /// Adds the INSERTs, marks the resource for outbound targets, and adds the row of the outbox
  /// where the event has an Announcement: they come last.
  void addTo(StatementBatch& batch, const std::string& control_schema) const;
  /// The same for an event without a trace, which is stored only if the statement in front of it
  /// changes something.
  void addIfChangedTo(StatementBatch& batch, const std::string& control_schema) const;
  /// The same for an event that is stored only with the first refusal of a guard-rail's window,
  /// which `key` finds: kind of actor, actor and kind.
  void addIfFirstRefusalTo(StatementBatch& batch, const std::string& control_schema,
                           const std::string& domain_schema,
                           const std::vector<Parameter>& key) const;

 private:
  friend void addAuditRows(StatementBatch& batch, const std::string& control_schema,
                           const std::vector<AuditRow>& rows);
  [[nodiscard]] std::vector<Parameter> columns() const;
  void markOutbound(StatementBatch& batch, const std::string& control_schema,
                    std::string_view statement) const;

  const AuditEvent& event_;
  OutboxRow outbox_;
  std::string identity_key_;
  std::string changes_;
};

/// Adds the INSERTs of events without traces, many to a statement, and what goes with each of them
/// as AuditRow::addTo has it. None for no events.
void addAuditRows(StatementBatch& batch, const std::string& control_schema,
                  const std::vector<AuditRow>& rows);

/// The rows of what a login takes along into its transaction. As AuditRow; the id of its user must
/// live as long.
class LoginRows {
 public:
  LoginRows(const LoginRecord& record, const ResourceId& user);
  void addTo(StatementBatch& batch, const std::string& control_schema) const;

  /// The error of a batch with these rows, which has failed: kConflict with attribute `operation`
  /// when the lease of the operation is lost, with attribute `prompt` when the prompt has ended
  /// before, else as nameDuplicate.
  [[nodiscard]] Error nameFailure(const Session& session, Error error) const;

 private:
  const LoginRecord& record_;
  std::optional<AuditRow> audit_;
  std::optional<ConsentRows> consent_;
};

}  // namespace vestibule::store
