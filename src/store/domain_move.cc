#include "store/domain_move.h"

#include <utility>

#include "store/control_change.h"
#include "store/domain_fence.h"
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
  const auto names = fenceNamesOf(*row);
  auto moved =
      moveTables(session, control_schema, *row, names.front, names.behind, "moving", nullptr);
  if (!moved) return propagate(moved);
  row->tables.schema = quoteName(names.behind);
  return row;
}

Result<void> abortMove(Session& session, const std::string& control_schema, const DomainName& name,
                       const AuditEvent& event) {
  auto row = readDomain(session, control_schema, name);
  if (!row) return propagate(row);
  if (row->state == "active") return {};
  if (row->state != "moving") return wrongState(*row, "moving");
  // Also where the row does not say yet that the tables are behind the fence.
  const auto names = fenceNamesOf(*row);
  return moveTables(session, control_schema, *row, names.behind, names.front, "active", &event);
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
