#pragma once
// Pieces of statements on groups and memberships. Private to store/.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/group_store.h"
#include "store/statement_batch.h"

namespace vestibule::store {

/// Rows that one INSERT, or numbers that one IN list, holds at most; and how many of them go in one
/// round trip.
inline constexpr std::size_t kMembersPerStatement = 2'000;
inline constexpr std::size_t kMembersPerRun = 20'000;

/// Refuses what the columns cannot hold. Error kInvalidValue (`displayName`), kPayloadTooLarge.
[[nodiscard]] Result<void> checkGroupWrite(const GroupWrite& group);

/// Rows of memberships by SCIM as SQL text: `(group,1,1),(group,2,1)`, kMembersPerStatement of
/// `users` from `from` on.
[[nodiscard]] std::string memberRows(std::string_view group,
                                     const std::vector<std::uint64_t>& users, std::size_t from);

}  // namespace vestibule::store
