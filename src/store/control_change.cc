#include "store/control_change.h"

#include <optional>

#include "store/audit_rows.h"
#include "store/statement_text.h"

namespace vestibule::store {

std::string inControl(std::string_view sql, const std::string& control_schema) {
  return forSchemas(sql, {}, control_schema);
}

void beginChange(StatementBatch& batch, const std::string& control_schema) {
  batch.begin().add(
      inControl("UPDATE {control}.control_state SET revision = revision + 1 WHERE singleton = 1",
                control_schema));
}

Result<std::vector<StatementResult>> commitChange(StatementBatch& batch, Session& session,
                                                  const std::string& control_schema,
                                                  const AuditEvent* event) {
  const auto audit = event != nullptr ? std::optional<AuditRow>(*event) : std::nullopt;
  if (audit) audit->addTo(batch, control_schema);
  return batch.commit().run(session);
}

}  // namespace vestibule::store
