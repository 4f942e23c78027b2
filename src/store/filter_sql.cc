#include "store/filter_sql.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "store/resource_table.h"
#include "store/statement_text.h"

namespace vestibule::store {
namespace {

using Clause = std::vector<IndexTerm>;
using Value = decltype(BuiltStatement::values)::value_type;
using Column = IndexTerm::Column;

/// The column of the resource's own row, or nothing for what other tables hold.
std::string_view ownColumn(const ResourceTable& table, Column column) {
  switch (column) {
    case Column::kId:
      return "id";
    case Column::kName:
      return table.name_column;
    case Column::kExternalId:
      return "external_id_key";
    case Column::kCreated:
      return "created";
    case Column::kModified:
      return "modified";
    case Column::kRelated:
    case Column::kNestedMember:
    case Column::kAttribute:
      return {};
  }
  assert(false);
  return {};
}

/// The index on such a column.
std::string_view indexOf(const ResourceTable& table, Column column) {
  switch (column) {
    case Column::kId:
      return table.id_index;
    case Column::kName:
      return table.name_index;
    case Column::kExternalId:
      return table.external_id_index;
    case Column::kCreated:
      return table.created_index;
    case Column::kModified:
      return table.modified_index;
    case Column::kRelated:
    case Column::kNestedMember:
    case Column::kAttribute:
      return {};
  }
  assert(false);
  return {};
}

/// Behind a shared table that is joined by its row number: of two keys that have it, the optimiser
/// may take the one that has to be looked up in the other.
std::string_view byRowNumber(const ResourceTable& table) {
  return table.shared ? " FORCE INDEX (PRIMARY)" : "";
}

/// What a statement is for.
enum class Reading : std::uint8_t {
  kNothing,    ///< that there are such resources
  kNumbers,    ///< their row numbers in order
  kResources,  ///< their rows in the order of row numbers
};

/// True when an index has the candidates in another order than that of row numbers, and they may be
/// many.
bool needSorting(const Candidates& candidates) {
  return std::any_of(
      candidates.clauses->begin(), candidates.clauses->end(),
      [](const auto& clause) { return std::any_of(clause.begin(), clause.end(), isRange); });
}

/// Builds `FROM … WHERE …`. The resource is `r`; other tables are joined by its row number, each at
/// most one row for a resource, so that nothing has to be made distinct.
class Builder {
 public:
  explicit Builder(const Candidates& candidates)
      : candidates_(candidates), table_(tableOf(candidates.kind)) {
    for (const auto& clause : *candidates.clauses) addClause(clause);
    if (candidates.after != 0) {
      condition(rowNumber() + " > ?");
      where_values_.emplace_back(candidates.after);
    }
  }

  /// The column with the row number, as a statement that does not read the resource knows it.
  [[nodiscard]] std::string rowNumber() const {
    return isResourceFirst() ? "r.seq" : joins_.front().seq;
  }

  /// The whole statement. Where other tables alone say which resources there are, and nothing of
  /// the resource is asked for, it is left out: their foreign keys guarantee that it is there.
  BuiltStatement build(Reading reading, std::string_view columns, std::string_view behind) const {
    BuiltStatement statement;
    statement.sql.append("SELECT ").append(columns).append(" FROM ");
    const std::string resource = table(table_.name) + " r";
    const bool resource_first = isResourceFirst();
    if (resource_first) {
      statement.sql.append(resource);
      if (table_.shared && reading != Reading::kNothing && joins_.empty()) {
        statement.sql.append(forcedIndexes());
      }
      for (const auto& join : joins_) {
        statement.sql.append(" JOIN ").append(join.tables);
        statement.sql.append(" ON ").append(join.seq).append(" = r.seq");
      }
    } else {
      const auto& first = joins_.front();
      statement.sql.append(first.tables);
      for (auto join = joins_.begin() + 1; join != joins_.end(); ++join) {
        statement.sql.append(" JOIN ").append(join->tables);
        statement.sql.append(" ON ").append(join->seq).append(" = ").append(first.seq);
      }
      // Other tables narrow, so they are read first. The optimiser may think it clever to walk all
      // resources in the order that is asked for until LIMIT is reached: STRAIGHT_JOIN forbids
      // that.
      if (reading == Reading::kResources) {
        statement.sql.append(" STRAIGHT_JOIN ").append(resource).append(byRowNumber(table_));
        statement.sql.append(" ON r.seq = ").append(first.seq);
      }
    }
    statement.values = from_values_;
    const bool by_kind = table_.shared && (resource_first || reading == Reading::kResources);
    if (by_kind) {
      statement.sql.append(" WHERE r.kind = ?");
      statement.values.emplace_back(kind());
    }
    if (!where_.empty()) statement.sql.append(by_kind ? " AND " : " WHERE ").append(where_);
    statement.sql.append(behind);
    statement.values.insert(statement.values.end(), where_values_.begin(), where_values_.end());
    return statement;
  }

 private:
  using Values = decltype(BuiltStatement::values);

  /// Tables that give row numbers of resources, and the column with these.
  struct Join {
    std::string tables;
    std::string seq;
  };

  [[nodiscard]] bool isResourceFirst() const { return joins_.empty() || own_columns_; }

  [[nodiscard]] std::uint64_t kind() const { return static_cast<std::uint64_t>(candidates_.kind); }

  /// The order that is asked for, up to LIMIT, tempts the optimiser to walk all resources of the
  /// kind, which are one range of the primary key.
  [[nodiscard]] std::string forcedIndexes() const {
    std::string names;
    for (const auto& clause : *candidates_.clauses) {
      if (!names.empty()) names += ", ";
      names += indexOf(table_, clause.front().column);
    }
    return " FORCE INDEX (" + (names.empty() ? "PRIMARY" : names) + ")";
  }

  /// `column` compared with what the term asks for; adds the parameters to `values`.
  static std::string comparison(const std::string& column, const IndexTerm& term, Values& values) {
    if (!isRange(term)) {
      values.emplace_back(term.key);
      return column + " = ?";
    }
    const bool of_keys = term.keys.has_value();
    values.push_back(of_keys ? Value(term.keys->from) : Value(term.from));
    if (of_keys && !term.keys->before) return column + " >= ?";
    values.push_back(of_keys ? Value(*term.keys->before) : Value(term.before));
    return column + " >= ? AND " + column + " < ?";
  }

  void condition(const std::string& text) {
    if (!where_.empty()) where_ += " AND ";
    where_ += text;
  }

  std::string table(std::string_view name) const {
    return *candidates_.schema + "." + std::string(name);
  }

  void addClause(const Clause& clause) {
    const std::string number = std::to_string(++numbered_);
    if (clause.size() == 1) {
      addTerm(clause.front(), number);
      return;
    }
    const Column column = clause.front().column;
    const bool one_column = std::all_of(clause.begin(), clause.end(), [&](const IndexTerm& term) {
      return term.column == column && !isRange(term);
    });
    if (one_column && !ownColumn(table_, column).empty()) {
      own_columns_ = true;
      condition("r." + std::string(ownColumn(table_, column)) + " IN (" +
                placeholders(clause.size()) + ")");
      for (const auto& term : clause) where_values_.emplace_back(term.key);
      return;
    }
    std::string numbers;
    for (auto term : clause) {
      // UNION makes the numbers distinct.
      term.several = false;
      if (!numbers.empty()) numbers += " UNION ";
      numbers += selectNumbers(term);
    }
    joins_.push_back({"(" + numbers + ") c" + number, "c" + number + ".seq"});
  }

  void addTerm(const IndexTerm& term, const std::string& number) {
    if (const auto own = ownColumn(table_, term.column); !own.empty()) {
      own_columns_ = true;
      condition(comparison("r." + std::string(own), term, where_values_));
      return;
    }
    if (term.nested || term.several) {
      joins_.push_back({"(" + selectNumbers(term) + ") c" + number, "c" + number + ".seq"});
      return;
    }
    if (term.column == Column::kAttribute) {
      const std::string alias = "a" + number;
      joins_.push_back(
          {table(table_.attributes) + " " + alias, alias + "." + std::string(table_.owner)});
      if (table_.shared) {
        condition(alias + ".kind = ?");
        where_values_.emplace_back(kind());
      }
      condition(alias + ".attribute = ?");
      where_values_.emplace_back(std::uint64_t{term.attribute});
      condition(comparison(alias + ".value_key", term, where_values_));
      return;
    }
    if (term.column == Column::kNestedMember) {
      const std::string edge = "n" + number;
      const std::string member = "o" + number;
      joins_.push_back({"(" + table("user_groups") + " " + member + " JOIN " +
                            table("group_nesting") + " " + edge + " ON " + edge +
                            ".member_seq = " + member + ".seq)",
                        edge + ".group_seq"});
      condition(member + ".id = ?");
      where_values_.emplace_back(term.key);
      return;
    }
    const bool user = candidates_.kind == ResourceKind::kUser;
    const std::string membership = "m" + number;
    const std::string other = "o" + number;
    joins_.push_back({"(" + table(user ? "user_groups" : "users") + " " + other + " JOIN " +
                          table("memberships") + " " + membership + " ON " + membership +
                          (user ? ".group_seq" : ".user_seq") + " = " + other + ".seq)",
                      membership + (user ? ".user_seq" : ".group_seq")});
    condition(other + ".id = ?");
    where_values_.emplace_back(term.key);
  }

  /// A SELECT of the row numbers that satisfy one term.
  std::string selectNumbers(const IndexTerm& term) {
    std::string select;
    const std::string of_kind = table_.shared ? "kind = ? AND " : "";
    if (table_.shared) from_values_.emplace_back(kind());
    if (const auto own = ownColumn(table_, term.column); !own.empty()) {
      return "SELECT seq FROM " + table(table_.name) + " WHERE " + of_kind +
             comparison(std::string(own), term, from_values_);
    }
    if (term.column == Column::kAttribute) {
      from_values_.emplace_back(std::uint64_t{term.attribute});
      return std::string("SELECT ") + (term.several ? "DISTINCT " : "") +
             std::string(table_.owner) + " AS seq FROM " + table(table_.attributes) + " WHERE " +
             of_kind + "attribute = ? AND " + comparison("value_key", term, from_values_);
    }
    if (term.column == Column::kNestedMember) {
      select = "SELECT n.group_seq AS seq FROM " + table("user_groups") + " o JOIN " +
               table("group_nesting") + " n ON n.member_seq = o.seq WHERE o.id = ?";
    } else {
      const bool user = candidates_.kind == ResourceKind::kUser;
      select = std::string("SELECT m.") + (user ? "user_seq" : "group_seq") + " AS seq FROM " +
               table(user ? "user_groups" : "users") + " o JOIN " + table("memberships") +
               " m ON m." + (user ? "group_seq" : "user_seq") + " = o.seq WHERE o.id = ?";
      if (term.nested) {
        select += " UNION SELECT m.user_seq AS seq FROM " + table("user_groups") + " o JOIN " +
                  table("group_ancestors") + " a ON a.ancestor_seq = o.seq JOIN " +
                  table("memberships") + " m ON m.group_seq = a.descendant_seq WHERE o.id = ?";
        from_values_.emplace_back(term.key);
      }
    }
    from_values_.emplace_back(term.key);
    return select;
  }

  const Candidates& candidates_;
  const ResourceTable& table_;
  std::vector<Join> joins_;
  std::string where_;
  Values from_values_;
  Values where_values_;
  unsigned numbered_ = 0;
  bool own_columns_ = false;  ///< a clause on the resource's own row finds it
};

constexpr std::string_view kColumns = "r.seq, r.id, r.version, r.created, r.modified, r.document";

}  // namespace

std::vector<Parameter> BuiltStatement::parameters() const {
  std::vector<Parameter> parameters;
  parameters.reserve(values.size());
  for (const auto& value : values) {
    if (const auto* number = std::get_if<std::uint64_t>(&value)) {
      parameters.emplace_back(*number);
    } else if (const auto* instant = std::get_if<std::int64_t>(&value)) {
      parameters.emplace_back(*instant);
    } else {
      parameters.emplace_back(Blob{std::get<std::string>(value)});
    }
  }
  return parameters;
}

BuiltStatement selectCandidates(const Candidates& candidates, std::uint64_t skip,
                                std::uint64_t count) {
  const Builder builder(candidates);
  if (skip == 0 && !needSorting(candidates)) {
    // By the column of the table that is read first: MySQL does not see that `r.seq` is the same,
    // and would write down and sort all that was found, documents included.
    auto statement = builder.build(Reading::kResources, kColumns,
                                   " ORDER BY " + builder.rowNumber() + " LIMIT ?");
    statement.values.emplace_back(count);
    return statement;
  }
  const auto number = builder.rowNumber();
  auto numbers =
      builder.build(Reading::kNumbers, number + " AS seq", " ORDER BY " + number + " LIMIT ?, ?");
  numbers.values.emplace_back(skip);
  numbers.values.emplace_back(count);
  BuiltStatement statement;
  // The caller sorts: an ORDER BY out here would cost a temporary table.
  statement.sql.append("SELECT ").append(kColumns).append(" FROM (").append(numbers.sql);
  statement.sql.append(") p JOIN ").append(*candidates.schema).append(".");
  const auto& table = tableOf(candidates.kind);
  statement.sql.append(table.name).append(" r").append(byRowNumber(table));
  statement.sql.append(" ON r.seq = p.seq");
  statement.values = std::move(numbers.values);
  if (table.shared) {
    statement.sql.append(" AND r.kind = ?");
    statement.values.emplace_back(static_cast<std::uint64_t>(candidates.kind));
  }
  return statement;
}

BuiltStatement countCandidates(const Candidates& candidates) {
  return Builder(candidates).build(Reading::kNothing, "COUNT(*)", "");
}

BuiltStatement probeCandidates(const Candidates& candidates, std::uint64_t limit) {
  auto statement = Builder(candidates).build(Reading::kNothing, "1", " LIMIT ?, 1");
  statement.values.emplace_back(limit);
  return statement;
}

}  // namespace vestibule::store
