#include "store/audit_store.h"

#include "store/audit_rows.h"

namespace vestibule::store {

Result<void> insertAuditEvent(Session& session, const std::string& control_schema,
                              const AuditEvent& event) {
  const AuditRow row(event);
  StatementBatch batch;
  batch.begin();
  row.addTo(batch, control_schema);
  auto stored = batch.commit().run(session);
  if (!stored) return propagate(stored);
  return {};
}

}  // namespace vestibule::store
