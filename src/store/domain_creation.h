#pragma once
// The making of a user store domain, from its number to its tables.

#include <string>

#include "base/result.h"
#include "base/strong.h"
#include "store/database.h"
#include "store/domain_store.h"
#include "store/migration_files.h"

namespace vestibule::store {

/// Makes a domain with its schema and tables, and makes it visible. Only one process makes domains
/// at a time (SchemaLock): of two that make one of the same name the second gets kUniqueness. A
/// making that was interrupted leaves the domain in state `creating`; the next one of that name
/// goes on with it, with its own description and settings. Run it by Database::write. Errors those
/// of insertDomain and migrate(), kUnavailable when the lock is not to be had.
[[nodiscard]] Result<DomainRow> createDomain(Session& session, const std::string& control_schema,
                                             const std::string& schema_prefix,
                                             const MigrationSet& migrations, const DomainName& name,
                                             const std::string& description,
                                             const std::string& settings,
                                             const AuditEvent* event = nullptr);

}  // namespace vestibule::store
