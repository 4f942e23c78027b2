#include "store/table_loading.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "store/domain_tables.h"
#include "store/statement_text.h"

namespace vestibule::store {
namespace {

/// What one statement may hold: a row's text at its longest is twice its bytes.
constexpr std::size_t kStatementBytes = 256U << 10U;
constexpr std::size_t kRowsOfBatch = 200;

template <typename Number>
std::optional<Parameter> numberOf(const std::string& text) {
  Number number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return Parameter(number);
}

std::size_t bytesOf(const BackupRow& row) {
  std::size_t bytes = 0;
  for (const auto& value : row) bytes += value ? value->size() : 4;
  return bytes;
}

}  // namespace

Result<TableLoading> TableLoading::begin(const std::vector<TableShape>& shapes,
                                         const std::string& quoted_schema, const BackupTable& table,
                                         std::vector<std::string_view> left_out) {
  const auto shape = std::find_if(shapes.begin(), shapes.end(),
                                  [&](const auto& one) { return one.table.name == table.name; });
  if (shape == shapes.end()) {
    return failure(ErrorKind::kInvalidValue,
                   "the backup has a table " + table.name + ", and the database has none");
  }
  TableLoading loading;
  loading.table_ = table;
  loading.name_ = quoted_schema + "." + quoteName(table.name);
  const auto& known = shape->table.columns;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const auto& column = table.columns[i];
    if (std::find(known.begin(), known.end(), column) == known.end()) {
      return failure(ErrorKind::kInvalidValue, "the backup has a column " + column.name +
                                                   " in the table " + table.name +
                                                   ", and the database has none of its kind");
    }
    if (std::find(left_out.begin(), left_out.end(), column.name) != left_out.end()) continue;
    loading.columns_ += (loading.columns_.empty() ? "" : ", ") + quoteName(column.name);
    loading.loaded_.push_back(i);
  }
  return loading;
}

std::optional<std::size_t> TableLoading::find(std::string_view column) const {
  const auto found = std::find_if(table_.columns.begin(), table_.columns.end(),
                                  [&](const auto& one) { return one.name == column; });
  if (found == table_.columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - table_.columns.begin());
}

Result<void> TableLoading::clear(Session& session) const {
  StatementBatch batch;
  auto results = batch.add("DELETE FROM " + name_).repeatable().run(session);
  if (!results) return propagate(results);
  return {};
}

std::optional<Parameter> TableLoading::parameterOf(const BackupRow& row, std::size_t column) const {
  const auto& value = row[column];
  if (!value) return Parameter(nullptr);
  switch (table_.columns[column].kind) {
    case ColumnKind::kNumber:
      return value->starts_with('-') ? numberOf<std::int64_t>(*value)
                                     : numberOf<std::uint64_t>(*value);
    case ColumnKind::kBytes:
      return Parameter(Blob{*value});
    case ColumnKind::kText:
      break;
  }
  return Parameter(std::string_view(*value));
}

std::optional<std::vector<Parameter>> TableLoading::parametersOf(const BackupRow& row) const {
  if (row.size() != table_.columns.size()) return std::nullopt;
  std::vector<Parameter> parameters;
  parameters.reserve(loaded_.size());
  for (const auto column : loaded_) {
    auto parameter = parameterOf(row, column);
    if (!parameter) return std::nullopt;
    parameters.push_back(*parameter);
  }
  return parameters;
}

tl::unexpected<Error> TableLoading::badRow() const {
  return failure(ErrorKind::kInvalidValue,
                 "the backup has a row that is none of the table " + table_.name);
}

Result<void> TableLoading::load(Session& session, const BackupRows& rows) const {
  const std::string row_text = "(" + placeholders(loaded_.size()) + ")";
  for (std::size_t next = 0; next < rows.size();) {
    std::string sql = "INSERT INTO " + name_ + " (" + columns_ + ") VALUES ";
    std::vector<Parameter> parameters;
    std::size_t bytes = 0;
    for (const auto first = next; next < rows.size() && bytes < kStatementBytes; ++next) {
      auto values = parametersOf(rows[next]);
      if (!values) return badRow();
      sql += (next > first ? "," : "") + row_text;
      parameters.insert(parameters.end(), values->begin(), values->end());
      bytes += bytesOf(rows[next]);
    }
    StatementBatch batch;
    auto results = batch.add(sql, parameters).run(session);
    if (!results) return propagate(results);
  }
  return {};
}

Result<std::uint64_t> TableLoading::loadMissing(
    Session& session, const BackupRows& rows,
    const std::vector<std::string_view>& same_columns) const {
  std::string sql = "INSERT INTO " + name_ + " (" + columns_ + ") SELECT " +
                    placeholders(loaded_.size()) + " FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM " +
                    name_ + " WHERE ";
  std::vector<std::size_t> same;
  for (const auto name : same_columns) {
    const auto column = find(name);
    if (!column) return badRow();
    sql += (same.empty() ? "" : " AND ") + quoteName(name) + " <=> ?";
    same.push_back(*column);
  }
  sql += ")";
  std::uint64_t loaded = 0;
  for (std::size_t next = 0; next < rows.size();) {
    StatementBatch batch;
    batch.begin();
    std::size_t bytes = 0;
    for (std::size_t taken = 0;
         taken < kRowsOfBatch && next < rows.size() && bytes < kStatementBytes; ++taken, ++next) {
      auto values = parametersOf(rows[next]);
      if (!values) return badRow();
      for (const auto column : same) {
        auto parameter = parameterOf(rows[next], column);
        if (!parameter) return badRow();
        values->push_back(*parameter);
      }
      batch.add(sql, *values);
      bytes += bytesOf(rows[next]);
    }
    auto results = batch.commit().run(session);
    if (!results) return propagate(results);
    for (const auto& result : *results) loaded += result.affected;
  }
  return loaded;
}

}  // namespace vestibule::store
