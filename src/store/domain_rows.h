#pragma once
// Rows of `domains` as the statements of this room read them. Private to store/.

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/domain_store.h"
#include "store/result_rows.h"
#include "store/session.h"

namespace vestibule::store {

/// The statement that reads domains as takeDomain wants them. `tail` is our own text, such as `
/// WHERE name = ?`.
[[nodiscard]] std::string selectDomains(const std::string& control_schema, std::string_view tail);
/// Reads one row of selectDomains; moves its texts out.
[[nodiscard]] DomainRow takeDomain(ResultRow& row);

/// True when the quoted schema of a domain has a user, a group or another resource. One query.
[[nodiscard]] Result<bool> holdsResources(Session& session, const std::string& quoted_schema);

}  // namespace vestibule::store
