#pragma once
// Migration files: numbered, forward-only SQL. sql/README.md explains their form.

#include <string>
#include <vector>

#include "base/result.h"

namespace vestibule::store {

/// One migration file.
struct Migration {
  unsigned number = 0;
  std::string name;  ///< the file's name
  std::string sql;   ///< steps divided by lines that hold only `--;`
};

/// The migrations of one kind of schema, in order.
struct MigrationSet {
  std::vector<Migration> control;
  std::vector<Migration> domain;
};

/// Reads `control/` and `domain/` below the folder. Error kInvalidValue naming the file: a name not
/// like `001_what.sql`, a gap in the numbers (they begin with 1) or a number twice, an empty step,
/// a file or folder that cannot be read.
[[nodiscard]] Result<MigrationSet> readMigrations(const std::string& folder);

}  // namespace vestibule::store
