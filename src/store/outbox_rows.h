#pragma once
// The row of the outbox that goes with an audit event. Private to store/.

#include <optional>
#include <string>
#include <vector>

#include "store/audit_event.h"
#include "store/statement_batch.h"

namespace vestibule::store {

/// The columns of one change that event streams are told of. It and the event must live until the
/// batch runs. Does nothing for an event without an Announcement, and for one that changed nothing
/// a receiver could see: neither the version nor the groups of the resource.
class OutboxRow {
 public:
  explicit OutboxRow(const AuditEvent& event);

  void addTo(StatementBatch& batch, const std::string& control_schema) const;
  /// Behind the audit's conditional INSERT: stored if, and only if, that stored its row.
  void addIfChangedTo(StatementBatch& batch, const std::string& control_schema) const;

 private:
  [[nodiscard]] std::vector<Parameter> columns() const;

  const AuditEvent& event_;
  bool wanted_;
  std::string attributes_;
};

}  // namespace vestibule::store
