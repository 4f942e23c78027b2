#pragma once
// The SQL of guard-rails: one of the parts of statement_text.h. Private to store/.
//
// Windows end by the database's clock, so that servers whose clocks differ agree. A window that is
// over is written over by the next change that counts. A window never ends later than a whole one
// from now would: one that a clock put into the future, or that was made when windows were longer,
// is cut.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/guard_rails.h"
#include "store/statement_batch.h"
#include "store/statement_text.h"

namespace vestibule::store {

/// Every statement below, and that by which an audit row tells of a first refusal.
[[nodiscard]] std::vector<StatementText> guardRailStatements();

/// Adds the counting of `count` things; nothing for none, or where there is no cap. The statement
/// fails where that would be too much: the CHECKs of guard_rails say so. `rails`, which may be
/// null, must live until the batch runs.
void addCount(StatementBatch& batch, const std::string& schema, const GuardRails* rails,
              RailKind kind, std::uint64_t count);
/// The same with as many as the statement in front has changed rows; it changes none where that has
/// changed none.
void addCountOfRows(StatementBatch& batch, const std::string& schema, const GuardRails* rails,
                    RailKind kind);

/// The error of a change that would take away more than the cap by itself, found before the
/// database was asked.
[[nodiscard]] tl::unexpected<Error> railReached(RailKind kind);

/// The kind whose CHECK a message of the server names.
[[nodiscard]] std::optional<RailKind> railOfCheck(std::string_view message);

namespace sql {

// Behind both ways of counting. Columns are assigned from left to right: `ends` last.
inline constexpr std::string_view kCountInWindow =
    " ON DUPLICATE KEY UPDATE used = IF(ends <= VALUES(ends) - ?, 0, used) + VALUES(used), "
    "refused = IF(ends <= VALUES(ends) - ?, 0, refused), cap = VALUES(cap), "
    "ends = IF(ends <= VALUES(ends) - ?, VALUES(ends), LEAST(ends, VALUES(ends)))";
inline constexpr std::string_view kCount =
    "INSERT INTO {domain}.guard_rails (actor_kind, actor, kind, ends, used, cap, refused) VALUES "
    "(?, ?, ?, {now} + ?, ?, ?, 0)";
inline constexpr std::string_view kCountOfRows =
    "INSERT INTO {domain}.guard_rails (actor_kind, actor, kind, ends, used, cap, refused) SELECT "
    "?, ?, ?, {now} + ?, ROW_COUNT(), ?, 0 FROM DUAL WHERE ROW_COUNT() > 0";
/// The cap stays as it was counted by: it may be lower now than what is used.
inline constexpr std::string_view kNoteRailRefusal =
    "INSERT INTO {domain}.guard_rails (actor_kind, actor, kind, ends, used, cap, refused) VALUES "
    "(?, ?, ?, {now} + ?, 0, ?, 1) ON DUPLICATE KEY UPDATE "
    "used = IF(ends <= VALUES(ends) - ?, 0, used), "
    "refused = IF(ends <= VALUES(ends) - ?, 1, refused + 1), "
    "ends = IF(ends <= VALUES(ends) - ?, VALUES(ends), LEAST(ends, VALUES(ends)))";
inline constexpr std::string_view kRailWindow =
    "SELECT ends - {now}, ends, used, refused FROM {domain}.guard_rails WHERE "
    "actor_kind = ? AND actor = ? AND kind = ?";
inline constexpr std::string_view kRailWindows =
    "SELECT actor_kind, actor, kind, ends - {now}, ends, used, refused FROM {domain}.guard_rails "
    "FORCE INDEX (PRIMARY) WHERE actor_kind IN (1, 2) AND ends > {now} ORDER BY actor_kind, actor, "
    "kind LIMIT ?";

}  // namespace sql
}  // namespace vestibule::store
