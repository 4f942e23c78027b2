#include "store/domain_move.h"

#include <utility>

#include "store/control_change.h"
#include "store/domain_rows.h"
#include "store/result_rows.h"
#include "store/session.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

tl::unexpected<Error> wrongState(const DomainRow& row, std::string_view wanted) {
  return failure(ErrorKind::kConflict, "the user store domain " + row.name.value() +
                                           " is in state " + row.state + ", not " +
                                           std::string(wanted));
}

Result<void> setState(Session& session, const std::string& control, const DomainRow& row,
                      std::string_view state, const AuditEvent& event) {
  StatementBatch batch;
  beginChange(batch, control);
  batch.add(
      inControl("UPDATE {control}.domains SET state = ? WHERE number = ? AND state = ?", control),
      {state, std::uint64_t{row.tables.number.value()}, std::string_view(row.state)});
  auto results = commitChange(batch, session, control, &event);
  if (!results) return propagate(results);
  return {};
}

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

/// Puts all tables of one schema into the other by one statement, tells `domains` and `migrations`,
/// and drops the schema that is empty then. `state` is that of the domain at the end.
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

bool isFenced(const DomainRow& row) {
  return unquoteName(row.tables.schema).ends_with(kMovedSuffix);
}

}  // namespace

Result<DomainRow> readDomain(Session& session, const std::string& control_schema,
                             const DomainName& name) {
  StatementBatch batch;
  batch.add(selectDomains(control_schema, " WHERE name = ?"), {std::string_view(name.value())});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  auto& rows = results->front().rows;
  if (rows.empty()) {
    return failure(ErrorKind::kNotFound, "there is no user store domain " + name.value());
  }
  return takeDomain(rows.front());
}

Result<DomainRow> beginMove(Session& session, const std::string& control_schema,
                            const DomainName& name, const AuditEvent& event) {
  auto row = readDomain(session, control_schema, name);
  if (!row || row->state == "moving") return row;
  if (row->state != "active") return wrongState(*row, "active");
  if (auto set = setState(session, control_schema, *row, "moving", event); !set) {
    return propagate(set);
  }
  row->state = "moving";
  return row;
}

Result<DomainRow> raiseFence(Session& session, const std::string& control_schema,
                             const DomainName& name) {
  auto row = readDomain(session, control_schema, name);
  if (!row) return row;
  if (row->state != "moving") return wrongState(*row, "moving");
  if (isFenced(*row)) return row;
  const auto from = unquoteName(row->tables.schema);
  const auto to = from + std::string(kMovedSuffix);
  auto moved = moveTables(session, control_schema, *row, from, to, "moving", nullptr);
  if (!moved) return propagate(moved);
  row->tables.schema = quoteName(to);
  return row;
}

Result<void> abortMove(Session& session, const std::string& control_schema, const DomainName& name,
                       const AuditEvent& event) {
  auto row = readDomain(session, control_schema, name);
  if (!row) return propagate(row);
  if (row->state == "active") return {};
  if (row->state != "moving") return wrongState(*row, "moving");
  auto plain = unquoteName(row->tables.schema);
  if (isFenced(*row)) plain.resize(plain.size() - kMovedSuffix.size());
  // Also where the RENAME was the last thing that was done: then all tables are behind the fence,
  // and the row does not say so.
  return moveTables(session, control_schema, *row, plain + std::string(kMovedSuffix), plain,
                    "active", &event);
}

Result<void> finishMove(Session& session, const std::string& control_schema, const DomainName& name,
                        const AuditEvent& event) {
  auto row = readDomain(session, control_schema, name);
  if (!row) return propagate(row);
  if (row->state == "moved") return {};
  if (row->state != "moving" || !isFenced(*row)) return wrongState(*row, "moving");
  return setState(session, control_schema, *row, "moved", event);
}

}  // namespace vestibule::store
