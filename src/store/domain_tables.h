#pragma once
// Which schema a domain's tables are in.

#include <string>

#include "base/strong.h"

namespace vestibule::store {

/// A user store domain as the stores need it. `schema` is quoted and ready for SQL.
struct DomainTables {
  DomainNumber number;
  std::string schema;
};

}  // namespace vestibule::store
