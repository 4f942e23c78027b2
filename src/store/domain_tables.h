#pragma once
// Which schema a domain's tables are in.

#include <string>
#include <string_view>

#include "base/strong.h"

namespace vestibule::store {

/// A user store domain as the stores need it. `schema` is quoted and ready for SQL.
struct DomainTables {
  DomainNumber number;
  std::string schema;
};

/// The name in backticks, ready for SQL.
[[nodiscard]] std::string quoteName(std::string_view name);
/// The name without its backticks, as rows hold it.
[[nodiscard]] std::string unquoteName(std::string_view quoted);

}  // namespace vestibule::store
