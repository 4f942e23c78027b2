#include "store/resource_order.h"

#include "json/value.h"
#include "scim/schema/comparison_key.h"
#include "store/resource_table.h"

namespace vestibule::store {
namespace {

/// What the columns of a position hold.
struct Columns {
  std::variant<std::uint64_t, std::int64_t, std::string> first;
  std::string second;
};

Columns columnsOf(const IndexOrder& order, const std::string& key) {
  if (order.key == IndexOrder::Key::kInstant) {
    return {scim::instantOfKey(key), {}};
  }
  if (order.second.empty()) return {key, {}};
  const auto nul = key.find('\0');
  return {key.substr(0, nul), nul == std::string::npos ? std::string() : key.substr(nul + 1)};
}

/// Adds ` FROM … WHERE ` with what tells the kind from others in the table.
void addTable(const IndexWalk& walk, BuiltStatement& statement) {
  const ResourceTable& table = tableOf(walk.kind);
  statement.sql.append(" FROM ").append(*walk.schema).append(".").append(table.name);
  statement.sql.append(" FORCE INDEX (").append(walk.order.index).append(") WHERE ");
  if (!table.shared) return;
  statement.sql.append("kind = ? AND ");
  statement.values.emplace_back(static_cast<std::uint64_t>(walk.kind));
}

/// Adds "behind the position" as a condition that is one range of the index.
void addBehind(const IndexWalk& walk, BuiltStatement& statement) {
  const std::string_view behind = walk.descending ? " < ?" : " > ?";
  const std::string first(walk.order.first);
  const std::string second(walk.order.second);
  if (walk.absent) {
    statement.sql.append(" AND seq").append(behind);
    statement.values.emplace_back(walk.after->seq);
    return;
  }
  const Columns columns = columnsOf(walk.order, walk.after->key);
  // Unique values do without row numbers, unless the position is one before or behind all of them.
  const bool takes_equal = walk.after->seq == (walk.descending ? kBehindAllRows : kBeforeAllRows);
  const std::string_view from = walk.descending ? " <= ?" : " >= ?";
  const std::string_view last_behind = takes_equal ? from : behind;
  if (walk.order.unique && second.empty()) {
    statement.sql.append(" AND ").append(first).append(last_behind);
    statement.values.push_back(columns.first);
    return;
  }
  statement.sql.append(" AND ").append(first).append(from);
  statement.values.push_back(columns.first);
  statement.sql.append(" AND (").append(first).append(behind);
  statement.values.push_back(columns.first);
  statement.sql.append(" OR ").append(second.empty() ? "seq" : second);
  statement.sql.append(second.empty() ? behind : last_behind).append(")");
  if (second.empty()) {
    statement.values.emplace_back(walk.after->seq);
  } else {
    statement.values.emplace_back(columns.second);
  }
}

}  // namespace

std::optional<IndexOrder> indexOrderOf(const scim::ResourceType& type, ResourceKind kind,
                                       const scim::AttributeRef& by) {
  using Key = IndexOrder::Key;
  if (by.attribute == nullptr) return std::nullopt;
  const ResourceTable& table = tableOf(kind);
  IndexOrder found;
  if (by.attribute == type.naming_attribute && by.sub == nullptr) {
    found.index = table.name_index;
    found.first = table.name_column;
    found.second = table.name_column_2;
    found.unique = true;
    // Resources that were there before their type named an attribute have no name.
    found.nullable = table.shared;
    return found;
  }
  if (by.schema != nullptr) return std::nullopt;
  const std::string& name = by.target().name;
  if (by.sub == nullptr && name == "id") {
    found.index = table.id_index;
    found.first = "id";
    found.unique = true;
    return found;
  }
  if (by.sub == nullptr && name == "externalId") {
    found.index = table.external_id_index;
    found.first = "external_id_key";
    found.nullable = true;
    found.cut = true;
    return found;
  }
  if (by.sub != nullptr && (name == "created" || name == "lastModified")) {
    const bool created = name == "created";
    found.index = created ? table.created_index : table.modified_index;
    found.first = created ? "created" : "modified";
    found.key = Key::kInstant;
    return found;
  }
  return std::nullopt;
}

BuiltStatement walkIndex(const IndexWalk& walk) {
  const std::string_view direction = walk.descending ? " DESC" : "";
  const std::string first(walk.order.first);
  const std::string second(walk.order.second);
  BuiltStatement statement;
  auto& sql = statement.sql;
  sql.append("SELECT seq, ").append(first).append(", ");
  sql.append(second.empty() ? "NULL" : second);
  addTable(walk, statement);
  if (!walk.order.nullable) {
    sql.append("1 = 1");
  } else {
    sql.append(first).append(walk.absent ? " IS NULL" : " IS NOT NULL");
  }
  if (walk.after != nullptr) addBehind(walk, statement);
  sql.append(" ORDER BY ").append(first).append(direction);
  if (!second.empty()) sql.append(", ").append(second).append(direction);
  if (!walk.order.unique || walk.absent) sql.append(", seq").append(direction);
  sql.append(" LIMIT ?, ?");
  statement.values.emplace_back(walk.skip);
  statement.values.emplace_back(walk.count);
  return statement;
}

BuiltStatement countWithValue(const IndexWalk& walk) {
  BuiltStatement statement;
  statement.sql = "SELECT COUNT(*)";
  addTable(walk, statement);
  statement.sql.append(walk.order.first).append(" IS NOT NULL");
  return statement;
}

std::string positionKey(const IndexOrder& order, std::string first,
                        const std::optional<std::string>& second) {
  if (order.key == IndexOrder::Key::kInstant) return scim::instantKey(std::stoll(first));
  if (second) first.append(1, '\0').append(*second);
  return first;
}

}  // namespace vestibule::store
