#pragma once
// Migration files: numbered, forward-only SQL. sql/README.md explains their form.

#include <string>
#include <vector>

#include "base/result.h"
#include "store/indexed_types.h"

namespace vestibule::store {

/// One migration file.
struct Migration {
  unsigned number = 0;
  std::string name;  ///< the file's name
  std::string sql;   ///< steps divided by lines that hold only `--;`
};

/// What a database has to look like: the migrations of each kind of schema, in order, and the
/// indexes that domains hold.
struct MigrationSet {
  std::vector<Migration> control;
  std::vector<Migration> domain;
  std::vector<IndexedType> types;
};

/// Reads `control/` and `domain/` below the folder; `types` stays empty. Error kInvalidValue naming
/// the file: a name not like `001_what.sql`, a gap in the numbers (they begin with 1) or a number
/// twice, an empty step, a file or folder that cannot be read.
[[nodiscard]] Result<MigrationSet> readMigrations(const std::string& folder);

}  // namespace vestibule::store
