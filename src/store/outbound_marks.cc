// The parts of outbound_store.h that mark resources.

#include "store/outbound_statements.h"
#include "store/outbound_store.h"
#include "store/result_rows.h"
#include "store/session.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

/// Marks the rows of a table behind `from`, at most `piece` of them; the last row's number, or
/// nothing when there was none.
Result<std::optional<std::uint64_t>> markPiece(Session& session, std::string_view find,
                                               std::string_view mark, const DomainTables& domain,
                                               const std::string& control_schema,
                                               OutboundTargetNumber target, std::uint64_t from,
                                               std::uint64_t piece) {
  StatementBatch batch;
  batch.add(outboundText(find, control_schema, domain.schema), {from, piece});
  auto found = batch.run(session);
  if (!found) return propagate(found);
  const auto numbers = numbersOf(found->front().rows);
  if (numbers.empty()) return std::optional<std::uint64_t>();
  batch.add(outboundText(mark, control_schema, domain.schema),
            {std::uint64_t{target}, from, numbers.back()});
  auto marked = batch.run(session);
  if (!marked) return propagate(marked);
  return std::optional(numbers.back());
}

}  // namespace

Result<void> markOutbound(Session& session, const std::string& control_schema,
                          OutboundTargetNumber target, const std::vector<ResourceId>& resources) {
  if (resources.empty()) return {};
  const auto mark = outboundText(sql::kMarkOutbound, control_schema);
  StatementBatch batch;
  batch.begin();
  for (const auto& resource : resources) {
    batch.add(mark, {std::uint64_t{target}, Blob{resource.bytes()}});
  }
  auto marked = batch.commit().run(session);
  if (!marked) return propagate(marked);
  return {};
}

Result<void> markResync(Session& session, const std::string& control_schema,
                        OutboundTargetNumber target) {
  StatementBatch batch;
  batch.add(outboundText(sql::kMarkResync, control_schema),
            {std::uint64_t{target}, Blob{kEverything}});
  auto marked = batch.run(session);
  if (!marked) return propagate(marked);
  return {};
}

Result<void> markScopeOfGroup(Session& session, const std::string& control_schema,
                              const DomainTables& domain, OutboundTargetNumber target,
                              const ResourceId& group,
                              const std::vector<std::string>& display_name_keys) {
  const std::uint64_t number = target;
  std::vector<Parameter> joiners{number, number, Blob{group.bytes()}};
  std::vector<Parameter> leavers{number};
  for (const auto& key : display_name_keys) {
    joiners.emplace_back(Blob{key});
    leavers.emplace_back(Blob{key});
  }
  const auto text = [&](std::string_view sql) {
    return withList(outboundText(sql, control_schema, domain.schema),
                    placeholders(display_name_keys.size()));
  };
  StatementBatch batch;
  batch.begin();
  batch.add(text(sql::kMarkJoiners), joiners);
  batch.add(text(sql::kMarkLeavers), leavers);
  auto marked = batch.commit().run(session);
  if (!marked) return propagate(marked);
  return {};
}

Result<bool> markDomain(Database& database, const DomainTables& domain, OutboundTargetNumber target,
                        std::uint64_t piece, const GoOn& go_on) {
  const auto control = database.controlSchema();
  struct Table {
    std::string_view find;
    std::string_view mark;
  };
  const Table tables[] = {{sql::kUsersFrom, sql::kMarkUsers}, {sql::kGroupsFrom, sql::kMarkGroups}};
  for (const auto& table : tables) {
    for (std::optional<std::uint64_t> from = 0; from;) {
      if (auto goes_on = go_on(); !goes_on || !*goes_on) return goes_on;
      auto last = database.write([&](Session& session) {
        return markPiece(session, table.find, table.mark, domain, control, target, *from, piece);
      });
      if (!last) return propagate(last);
      from = *last;
    }
  }
  return true;
}

Result<bool> markLinked(Database& database, OutboundTargetNumber target, std::uint64_t piece,
                        const GoOn& go_on) {
  const auto control = database.controlSchema();
  std::string from(16, '\0');
  for (;;) {
    if (auto goes_on = go_on(); !goes_on || !*goes_on) return goes_on;
    auto last = database.write([&](Session& session) -> Result<std::string> {
      StatementBatch batch;
      batch.add(outboundText(sql::kLinksFrom, control), {std::uint64_t{target}, Blob{from}, piece});
      auto found = batch.run(session);
      if (!found) return propagate(found);
      auto& rows = found->front().rows;
      if (rows.empty()) return std::string();
      const std::string to = *rows.back()[0];
      batch.add(outboundText(sql::kMarkLinks, control),
                {std::uint64_t{target}, Blob{from}, Blob{to}});
      auto marked = batch.run(session);
      if (!marked) return propagate(marked);
      return to;
    });
    if (!last) return propagate(last);
    if (last->empty()) return true;
    from = *std::move(last);
  }
}

}  // namespace vestibule::store
