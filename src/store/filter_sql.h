#pragma once
// The terms of a filter that indexes answer, as SQL. Private to store/.

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/resource_id.h"
#include "store/filter_plan.h"
#include "store/statement_batch.h"

namespace vestibule::store {

/// SQL with its parameters; text values are bytes.
struct BuiltStatement {
  std::string sql;
  std::vector<std::variant<std::uint64_t, std::int64_t, std::string>> values;

  /// The parameters for StatementBatch::add. They point into `values`.
  [[nodiscard]] std::vector<Parameter> parameters() const;
};

/// Which resources a statement reads.
struct Candidates {
  ResourceKind kind = ResourceKind::kUser;
  const std::string* schema = nullptr;
  const std::vector<std::vector<IndexTerm>>* clauses = nullptr;
  std::uint64_t after = 0;  ///< only row numbers behind this one
};

/// Columns seq, id, version, created, modified, document: `count` rows behind the first `skip` in
/// the order of row numbers. They come in any order. Rows that are skipped, or have to be sorted
/// first, are passed over by their numbers alone, before any document is read.
[[nodiscard]] BuiltStatement selectCandidates(const Candidates& candidates, std::uint64_t skip,
                                              std::uint64_t count);
/// One row with the number of candidates.
[[nodiscard]] BuiltStatement countCandidates(const Candidates& candidates);
/// One row if there are more candidates than `limit`, else none. Reads no more than that many index
/// entries.
[[nodiscard]] BuiltStatement probeCandidates(const Candidates& candidates, std::uint64_t limit);

}  // namespace vestibule::store
