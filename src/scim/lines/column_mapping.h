#pragma once
// From the columns of a table to a resource: which column goes where, by names that speak for
// themselves or by a mapping.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "scim/lines/column_target.h"
#include "scim/lines/record.h"
#include "scim/schema/registry.h"

namespace vestibule::scim {

/// What a mapping file says:
/// `{"columns": {"Column name": "path", …}, "constants": {"path": value, …}, "separator": ";",
/// "ignore": ["Column name", …]}`; each key may be left out. A column that `columns` does not name
/// is mapped as without a file, unless `ignore` names it, or holds `*`: then every column that is
/// not named in `columns` is left out.
struct MappingFile {
  std::vector<std::pair<std::string, std::string>> columns;
  std::vector<std::pair<std::string, json::Value>> constants;
  std::string separator = ";";
  std::vector<std::string> ignored;

  /// Error kInvalidSyntax or kInvalidValue, with a JSON pointer, for anything else.
  [[nodiscard]] static Result<MappingFile> read(const json::Value& document);
};

/// The mapping of one table. Immutable; the registry must outlive it.
class ColumnMapping {
 public:
  /// Binds the names of the header row. A name is a path (ColumnTarget::bind), or one of those that
  /// tables commonly have, such as `login`, `first name` or `e-mail`; blanks, `-`, `_` and case do
  /// not count in these. Columns of the readOnly `meta` and `groups` are left out, as in a SCIM
  /// request. Error kInvalidValue, naming the column, for a name that is neither, for two columns
  /// of one place, and for a name of the file that no column has.
  [[nodiscard]] static Result<ColumnMapping> bind(const Registry& registry,
                                                  const ResourceType& type,
                                                  const std::vector<std::string>& header,
                                                  const MappingFile& file);

  /// The resource of a row, as a client would send it. Error kInvalidSyntax when the row has
  /// another number of fields than the header; that of a record which the reader has refused.
  [[nodiscard]] Result<json::Value> resourceOf(const Record& row) const;

 private:
  const ResourceType* type_ = nullptr;
  std::string separator_;
  std::vector<std::optional<ColumnTarget>> targets_;  ///< by column; nothing: left out
  std::vector<std::pair<ColumnTarget, json::Value>> constants_;
};

/// The columns that a table of users or groups is written with where nothing else is asked for.
[[nodiscard]] std::vector<std::string> usualColumns(const ResourceType& type);

}  // namespace vestibule::scim
