#include "store/outbound_target_store.h"

#include <algorithm>

#include "store/audit_rows.h"
#include "store/control_change.h"
#include "store/number_list.h"
#include "store/outbound_statements.h"
#include "store/result_rows.h"
#include "store/sealed_columns.h"
#include "store/session.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

Parameter numbersOrNull(const std::optional<std::string>& numbers) {
  return numbers ? Parameter(std::string_view(*numbers)) : Parameter(nullptr);
}

std::optional<std::string> numbersOf(const OutboundTargetText& text) {
  if (!text.domains) return std::nullopt;
  return numbersText(*text.domains);
}

Error changedSince() {
  return {ErrorKind::kVersionMismatch, "the outbound target has been changed since", {}, {}, {}};
}

/// Runs the one statement that changes a target that is there, `behind` it, and its event.
Result<void> changeRow(Session& session, const std::string& control_schema, std::string_view sql,
                       const std::vector<Parameter>& parameters, bool resync,
                       OutboundTargetNumber number, const AuditEvent& event) {
  const AuditRow audit(event);
  StatementBatch batch;
  beginChange(batch, control_schema);
  batch.add(inControl(sql, control_schema), parameters);
  audit.addIfChangedTo(batch, control_schema);
  auto results = batch.run(session);
  if (!results) return propagate(results);
  if (results->at(2).affected == 0) {
    rollback(session);
    return tl::make_unexpected(changedSince());
  }
  if (resync) {
    batch.add(outboundText(sql::kMarkResync, control_schema),
              {std::uint64_t{number}, Blob{kEverything}});
  }
  auto committed = batch.commit().run(session);
  if (!committed) return propagate(committed);
  return {};
}

}  // namespace

bool OutboundTargetRow::takes(DomainNumber domain) const {
  if (!text.domains) return true;
  return std::find(text.domains->begin(), text.domains->end(), domain) != text.domains->end();
}

Result<void> insertOutboundTarget(Session& session, const std::string& control_schema,
                                  const std::string& name, const OutboundTargetText& text,
                                  const AuditEvent& event) {
  const auto numbers = numbersOf(text);
  const std::string secret = session.secretKeys().seal(text.secret, kTargetSecret);
  const AuditRow audit(event);
  StatementBatch batch;
  beginChange(batch, control_schema);
  batch.add(inControl("INSERT INTO {control}.outbound_targets (name, settings, secret, "
                      "domain_numbers, enabled, version, created, modified) VALUES (?, ?, ?, ?, ?, "
                      "1, ?, ?)",
                      control_schema),
            {std::string_view(name), std::string_view(text.settings), Blob{secret},
             numbersOrNull(numbers), std::uint64_t{text.enabled ? 1U : 0U},
             std::int64_t{event.occurred}, std::int64_t{event.occurred}});
  batch.add(outboundText(sql::kMarkNewTarget, control_schema), {Blob{kEverything}});
  audit.addTo(batch, control_schema);
  auto results = batch.commit().run(session);
  if (results) return {};
  if (session.failure() != Failure::kDuplicate) return propagate(results);
  return failure(ErrorKind::kUniqueness, "an outbound target of this name exists already", "name");
}

Result<void> updateOutboundTarget(Session& session, const std::string& control_schema,
                                  OutboundTargetNumber number, Version expected,
                                  const OutboundTargetText& text, const AuditEvent& event) {
  const auto numbers = numbersOf(text);
  const std::string secret = session.secretKeys().seal(text.secret, kTargetSecret);
  return changeRow(
      session, control_schema,
      "UPDATE {control}.outbound_targets SET settings = ?, secret = ?, domain_numbers = ?, enabled "
      "= ?, version = version + 1, modified = ? WHERE number = ? AND version = ?",
      {std::string_view(text.settings), Blob{secret}, numbersOrNull(numbers),
       std::uint64_t{text.enabled ? 1U : 0U}, std::int64_t{event.occurred}, std::uint64_t{number},
       expected.value()},
      true, number, event);
}

Result<void> deleteOutboundTarget(Session& session, const std::string& control_schema,
                                  OutboundTargetNumber number, Version expected,
                                  const AuditEvent& event) {
  return changeRow(session, control_schema,
                   "DELETE FROM {control}.outbound_targets WHERE number = ? AND version = ?",
                   {std::uint64_t{number}, expected.value()}, false, number, event);
}

Result<std::vector<OutboundTargetNumber>> forgottenTargets(Session& session,
                                                           const std::string& control_schema) {
  // The numbers of each table are had by jumps through its index, whatever it holds.
  std::string sql;
  for (const std::string table : {"outbound_pending", "outbound_links", "outbound_members"}) {
    sql += std::string(sql.empty() ? "" : " UNION ") + "SELECT d.target FROM (SELECT DISTINCT " +
           "target FROM {control}." + table + ") d LEFT JOIN {control}.outbound_targets t ON " +
           "t.number = d.target WHERE t.number IS NULL";
  }
  StatementBatch batch;
  batch.add(inControl(sql, control_schema));
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::vector<OutboundTargetNumber> numbers;
  for (const auto& row : results->front().rows) {
    numbers.push_back(static_cast<OutboundTargetNumber>(unsignedAt(row, 0)));
  }
  return numbers;
}

Result<std::uint64_t> forgetOutbound(Session& session, const std::string& control_schema,
                                     OutboundTargetNumber number, std::uint64_t limit) {
  StatementBatch batch;
  batch.begin();
  for (const auto sql : {sql::kForgetPending, sql::kForgetLinks, sql::kForgetMembers}) {
    batch.add(outboundText(sql, control_schema), {std::uint64_t{number}, limit});
  }
  auto results = batch.commit().run(session);
  if (!results) return propagate(results);
  return results->at(1).affected + results->at(2).affected + results->at(3).affected;
}

}  // namespace vestibule::store
