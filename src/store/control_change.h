#pragma once
// What every change of the control schema begins with. Private to store/.

#include <string>
#include <string_view>
#include <vector>

#include "store/audit_event.h"
#include "store/statement_batch.h"

namespace vestibule::store {

/// The text with `{control}` replaced by the quoted control schema.
[[nodiscard]] std::string inControl(std::string_view sql, const std::string& control_schema);

/// Adds BEGIN and raises the revision. The lock on that one row puts all changes of the control
/// schema in one order: no two of them can deadlock, and what is read behind it stays true until
/// the commit.
void beginChange(StatementBatch& batch, const std::string& control_schema);

/// Adds the event, where there is one, and COMMIT, and runs the batch. Its last two results are of
/// these.
[[nodiscard]] Result<std::vector<StatementResult>> commitChange(StatementBatch& batch,
                                                                Session& session,
                                                                const std::string& control_schema,
                                                                const AuditEvent* event);

}  // namespace vestibule::store
