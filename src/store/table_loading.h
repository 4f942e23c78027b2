#pragma once
// Rows of a backup as INSERTs. Private to store/.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/backup_record.h"
#include "store/backup_tables.h"
#include "store/session.h"
#include "store/statement_batch.h"

namespace vestibule::store {

/// Loads rows of one table.
class TableLoading {
 public:
  /// `shapes` is what the target's schema has. Columns in `left_out` get what the database gives
  /// them. Error kInvalidValue when the target has no such table or column.
  [[nodiscard]] static Result<TableLoading> begin(const std::vector<TableShape>& shapes,
                                                  const std::string& quoted_schema,
                                                  const BackupTable& table,
                                                  std::vector<std::string_view> left_out = {});

  /// Deletes what the table holds: what migrations put there is in the backup too.
  [[nodiscard]] Result<void> clear(Session& session) const;
  /// Inserts the rows, which are as the backup has them. Error kInvalidValue for rows that are none
  /// of the table's; those of INSERT.
  [[nodiscard]] Result<void> load(Session& session, const BackupRows& rows) const;
  /// Inserts each row unless the table holds one that is equal in these columns.
  [[nodiscard]] Result<std::uint64_t> loadMissing(
      Session& session, const BackupRows& rows,
      const std::vector<std::string_view>& same_columns) const;

  /// Where the column is in a row; nothing when the backup has no such column.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view column) const;
  [[nodiscard]] const BackupTable& table() const { return table_; }

 private:
  TableLoading() = default;
  /// The values of a row as parameters, which point into it. Nothing for a row that is none.
  [[nodiscard]] std::optional<std::vector<Parameter>> parametersOf(const BackupRow& row) const;
  [[nodiscard]] std::optional<Parameter> parameterOf(const BackupRow& row,
                                                     std::size_t column) const;
  [[nodiscard]] tl::unexpected<Error> badRow() const;

  BackupTable table_;
  std::string name_;     ///< quoted, with the schema
  std::string columns_;  ///< quoted, those that are loaded
  std::vector<std::size_t> loaded_;
};

}  // namespace vestibule::store
