#pragma once
// Rows of `domains` as the statements of this room read them. Private to store/.

#include <string>
#include <string_view>

#include "store/domain_store.h"
#include "store/result_rows.h"

namespace vestibule::store {

/// The statement that reads domains as takeDomain wants them. `tail` is our own text, such as `
/// WHERE name = ?`.
[[nodiscard]] std::string selectDomains(const std::string& control_schema, std::string_view tail);
/// Reads one row of selectDomains; moves its texts out.
[[nodiscard]] DomainRow takeDomain(ResultRow& row);

}  // namespace vestibule::store
