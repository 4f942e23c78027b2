#include "store/guard_rails.h"

#include "store/audit_rows.h"
#include "store/guard_rail_statements.h"
#include "store/result_rows.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

/// Columns from `first` on: ends - now, ends, used, refused.
void takeState(const ResultRow& row, std::size_t first, RailWindow& window) {
  window.left = std::chrono::microseconds(signedAt(row, first));
  window.ends = signedAt(row, first + 1);
  window.used = unsignedAt(row, first + 2);
  window.refused = unsignedAt(row, first + 3);
}

}  // namespace

std::string_view nameOf(RailKind kind) {
  switch (kind) {
    case RailKind::kDeletes:
      return "deletes";
    case RailKind::kDeactivations:
      return "deactivations";
    case RailKind::kMembershipRemovals:
      return "membershipRemovals";
  }
  return "";
}

std::optional<RailKind> railKindOf(std::string_view name) {
  for (const RailKind kind : kRailKinds) {
    if (nameOf(kind) == name) return kind;
  }
  return std::nullopt;
}

Result<RailWindow> noteRailRefusal(Session& session, const DomainTables& domain,
                                   const GuardRails& rails, RailKind kind,
                                   const ChangeAudit& event) {
  const std::int64_t window = rails.window.count();
  const std::uint64_t actor_kind = static_cast<std::uint64_t>(rails.actor.kind);
  const std::string_view actor = rails.actor.id;
  const std::uint64_t number = static_cast<std::uint64_t>(kind);
  const AuditRow row(event.event);
  StatementBatch batch;
  batch.begin();
  batch.add(
      forSchemas(sql::kNoteRailRefusal, domain.schema),
      {actor_kind, actor, number, window, rails.cap(kind).value_or(0), window, window, window});
  row.addIfFirstRefusalTo(batch, event.control_schema, domain.schema, {actor_kind, actor, number});
  batch.add(forSchemas(sql::kRailWindow, domain.schema), {actor_kind, actor, number});
  batch.commit();
  auto results = batch.run(session);
  if (!results) return propagate(results);
  RailWindow noted;
  noted.actor = rails.actor;
  noted.kind = kind;
  takeState((*results)[3].rows.at(0), 0, noted);
  return noted;
}

Result<std::vector<RailWindow>> listRailWindows(Session& session, const DomainTables& domain,
                                                std::uint64_t limit) {
  StatementBatch batch;
  batch.add(forSchemas(sql::kRailWindows, domain.schema), {limit});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::vector<RailWindow> windows;
  for (auto& row : results->front().rows) {
    auto& window = windows.emplace_back();
    window.actor.kind = static_cast<RailActor::Kind>(unsignedAt(row, 0));
    window.actor.id = takeText(row, 1);
    window.kind = static_cast<RailKind>(unsignedAt(row, 2));
    takeState(row, 3, window);
  }
  return windows;
}

}  // namespace vestibule::store
