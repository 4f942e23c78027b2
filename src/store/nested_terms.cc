#include "store/nested_terms.h"

#include <set>
#include <string_view>
#include <vector>

#include "store/result_rows.h"
#include "store/statement_batch.h"
#include "store/statement_text.h"

namespace vestibule::store {

Result<void> markNested(Session& session, const DomainTables& domain, ResourceKind kind,
                        FilterPlan& plan) {
  if (kind != ResourceKind::kUser) return {};
  std::vector<IndexTerm*> terms;
  std::set<std::string_view> ids;
  for (auto& clause : plan.clauses) {
    for (auto& term : clause) {
      if (term.column != IndexTerm::Column::kRelated) continue;
      terms.push_back(&term);
      ids.insert(term.key);
    }
  }
  if (terms.empty()) return {};
  std::vector<Parameter> parameters;
  parameters.reserve(ids.size());
  for (const auto id : ids) parameters.emplace_back(Blob{id});
  StatementBatch batch;
  batch.add(withList(forSchemas(sql::kContainers, domain.schema), placeholders(ids.size())),
            parameters);
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::set<std::string> containers;
  for (auto& row : results->front().rows) containers.insert(takeText(row, 0));
  for (auto* term : terms) term->nested = containers.contains(term->key);
  return {};
}

}  // namespace vestibule::store
