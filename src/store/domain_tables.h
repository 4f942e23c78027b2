#pragma once
// Which schema a domain's tables are in.

#include <string>
#include <string_view>

#include "base/strong.h"

namespace vestibule::store {

/// The number of PRIMARY, which migrate() makes before there can be any other domain.
inline constexpr std::uint16_t kPrimaryNumber = 1;

/// A user store domain as the stores need it. `schema` is quoted and ready for SQL.
struct DomainTables {
  DomainNumber number;
  std::string schema;
};

/// The name in backticks, ready for SQL.
[[nodiscard]] std::string quoteName(std::string_view name);
/// The name without its backticks, as rows hold it.
[[nodiscard]] std::string unquoteName(std::string_view quoted);

/// What the schema of a new domain is called, unquoted. With the number, so that the name never
/// comes back: a process that has not heard of a deletion yet cannot reach a later domain of the
/// same name.
[[nodiscard]] std::string schemaNameOf(const std::string& prefix, const DomainName& name,
                                       DomainNumber number);

}  // namespace vestibule::store
