#pragma once
// The rows of the outbox that name groups which gained or lost a member: one for up to
// kGroupsInRow of them, so that the transaction of a change writes a few rows, whatever the number
// of groups. Private to store/.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/audit_event.h"
#include "store/group_store.h"
#include "store/statement_batch.h"

namespace vestibule::store {

/// Groups in one row. With the longest external ids such a row has about a megabyte.
inline constexpr std::size_t kGroupsInRow = 1'000;

/// Has the event of a group's change list who comes and goes, where it goes to event streams and
/// they are not too many.
void tellMembers(AuditEvent& event, const MembershipChange& members);

/// Adds the statements that store which of the groups (row numbers) gained or lost the event's
/// resource as a member, with their versions: a statement behind the one that raised the versions,
/// in front of the one that moves the memberships. `statement` is one of sql::kOutboxOf… and says
/// which it was, and `member` the user's row, where that looks at memberships. None for an event
/// whose Announcement does not ask for it. The event must live until the batch runs.
void addTouchedGroups(StatementBatch& batch, const std::string& schema,
                      const std::string& control_schema, const AuditEvent& event,
                      std::string_view statement, const std::vector<std::uint64_t>& groups,
                      std::optional<std::uint64_t> member = std::nullopt);

}  // namespace vestibule::store
