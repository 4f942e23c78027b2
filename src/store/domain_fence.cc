#include "store/domain_fence.h"

#include <utility>
#include <vector>

#include "store/control_change.h"
#include "store/result_rows.h"
#include "store/schema_suffixes.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

Result<std::vector<std::string>> tablesOf(Session& session, const std::string& schema) {
  StatementBatch batch;
  batch.add("SELECT table_name FROM information_schema.tables WHERE table_schema = ? ORDER BY 1",
            {std::string_view(schema)});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::vector<std::string> names;
  for (auto& row : results->front().rows) names.push_back(takeText(row, 0));
  return names;
}

}  // namespace

bool isFenced(const DomainRow& row) {
  return unquoteName(row.tables.schema).ends_with(kFencedSuffix);
}

FenceNames fenceNamesOf(const DomainRow& row) {
  auto front = unquoteName(row.tables.schema);
  if (isFenced(row)) front.resize(front.size() - kFencedSuffix.size());
  auto behind = front + std::string(kFencedSuffix);
  return {std::move(front), std::move(behind)};
}

Result<void> moveTables(Session& session, const std::string& control, const DomainRow& row,
                        const std::string& from, const std::string& to, std::string_view state,
                        const AuditEvent* event) {
  if (auto made = createSchema(session, quoteName(to)); !made) return made;
  auto tables = tablesOf(session, from);
  if (!tables) return propagate(tables);
  StatementBatch batch;
  if (!tables->empty()) {
    std::string sql = "RENAME TABLE ";
    for (const auto& table : *tables) {
      sql += (sql.back() == ' ' ? "" : ", ") + quoteName(from) + "." + quoteName(table) + " TO " +
             quoteName(to) + "." + quoteName(table);
    }
    // Readers that come behind the RENAME wait as long.
    batch.add("SET SESSION lock_wait_timeout = 20");
    batch.add(sql);
    auto renamed = batch.run(session);
    if (!renamed) {
      if (session.failure() == Failure::kDeadlock) {
        return failure(ErrorKind::kUnavailable,
                       "transactions on the user store domain " + row.name.value() +
                           " did not end within 20 s: look at the database's process list, and "
                           "run this again");
      }
      return propagate(renamed);
    }
  }
  beginChange(batch, control);
  batch.add(inControl("UPDATE {control}.domains SET schema_name = ?, state = ? WHERE number = ?",
                      control),
            {std::string_view(to), state, std::uint64_t{row.tables.number.value()}});
  batch.add(
      inControl("UPDATE {control}.migrations SET schema_name = ? WHERE schema_name = ?", control),
      {std::string_view(to), std::string_view(from)});
  auto results = commitChange(batch, session, control, event);
  if (!results) return propagate(results);
  tables = tablesOf(session, from);
  if (!tables) return propagate(tables);
  if (!tables->empty()) return {};
  results = batch.add("DROP DATABASE IF EXISTS " + quoteName(from)).repeatable().run(session);
  if (!results) return propagate(results);
  return {};
}

}  // namespace vestibule::store
