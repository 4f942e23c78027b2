#include "store/guard_rail_statements.h"

namespace vestibule::store {
namespace {

struct CheckOfKind {
  std::string_view check;
  RailKind kind;
};

/// The names that sql/domain gives them.
constexpr CheckOfKind kChecks[] = {
    {"guard_deletes", RailKind::kDeletes},
    {"guard_deactivations", RailKind::kDeactivations},
    {"guard_membership_removals", RailKind::kMembershipRemovals},
};

std::string counting(std::string_view insert, std::string_view schema) {
  return forSchemas(std::string(insert) + std::string(sql::kCountInWindow), schema);
}

}  // namespace

std::vector<StatementText> guardRailStatements() {
  std::vector<StatementText> all;
  const auto add = [&](std::string_view name, std::string_view text) {
    all.push_back({std::string(name), std::string(text)});
  };
  add("count", counting(sql::kCount, "{domain}"));
  add("countOfRows", counting(sql::kCountOfRows, "{domain}"));
  add("noteRailRefusal", sql::kNoteRailRefusal);
  add("insertAuditEventIfFirstRefusal", sql::kInsertAuditEventIfFirstRefusal);
  add("railWindow", sql::kRailWindow);
  add("railWindows", sql::kRailWindows);
  return all;
}

void addCount(StatementBatch& batch, const std::string& schema, const GuardRails* rails,
              RailKind kind, std::uint64_t count) {
  if (rails == nullptr || !rails->cap(kind) || count == 0) return;
  const std::int64_t window = rails->window.count();
  batch.add(
      counting(sql::kCount, schema),
      {static_cast<std::uint64_t>(rails->actor.kind), std::string_view(rails->actor.id),
       static_cast<std::uint64_t>(kind), window, count, *rails->cap(kind), window, window, window});
}

void addCountOfRows(StatementBatch& batch, const std::string& schema, const GuardRails* rails,
                    RailKind kind) {
  if (rails == nullptr || !rails->cap(kind)) return;
  const std::int64_t window = rails->window.count();
  batch.add(counting(sql::kCountOfRows, schema),
            {static_cast<std::uint64_t>(rails->actor.kind), std::string_view(rails->actor.id),
             static_cast<std::uint64_t>(kind), window, *rails->cap(kind), window, window, window});
}

tl::unexpected<Error> railReached(RailKind kind) {
  return failure(ErrorKind::kTooManyRequests, "a guard-rail of the user store domain is reached",
                 std::string(nameOf(kind)));
}

std::optional<RailKind> railOfCheck(std::string_view message) {
  for (const auto& [check, kind] : kChecks) {
    if (message.find(check) != std::string_view::npos) return kind;
  }
  return std::nullopt;
}

}  // namespace vestibule::store
