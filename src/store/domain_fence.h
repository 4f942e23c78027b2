#pragma once
// The fence in front of a domain's tables: one RENAME puts all of them into another schema. It
// waits for transactions under way, and behind it no process writes to them that goes by the old
// name, whatever it knows of the domain. Private to store/.

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/audit_event.h"
#include "store/domain_store.h"
#include "store/session.h"

namespace vestibule::store {

/// True when the row says that the tables are behind the fence. Where the RENAME was the last thing
/// that was done, they are and it does not.
[[nodiscard]] bool isFenced(const DomainRow& row);

/// What a domain's schema is called, unquoted, on either side, wherever its tables are.
struct FenceNames {
  std::string front;
  std::string behind;
};
[[nodiscard]] FenceNames fenceNamesOf(const DomainRow& row);

/// Puts all tables of one schema into the other by one statement, tells `domains` and `migrations`
/// with the event, if there is one, and drops the schema that is empty then. `state` is that of the
/// domain at the end. Harmless to repeat. Names are unquoted. Error kUnavailable when transactions
/// on the domain did not end within 20 s.
[[nodiscard]] Result<void> moveTables(Session& session, const std::string& control_schema,
                                      const DomainRow& row, const std::string& from,
                                      const std::string& to, std::string_view state,
                                      const AuditEvent* event);

}  // namespace vestibule::store
