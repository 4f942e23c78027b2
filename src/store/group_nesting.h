#pragma once
// Groups in groups: the edges, and what follows from them. Private to store/.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/session.h"

namespace vestibule::store {

/// So many groups may contain each other in a row.
inline constexpr std::size_t kMostLevels = 32;
/// How many pairs (a group below the change, a group above it) one change may touch.
inline constexpr std::size_t kMostPairs = 250'000;

/// What is to become of the groups in a group: row numbers, each once. With `replace_all` those
/// that are not in `add` go.
struct NestingChange {
  std::vector<std::uint64_t> add;
  std::vector<std::uint64_t> remove;
  bool replace_all = false;
};

/// What a change of the groups in a group came to.
struct NestingChanged {
  std::size_t added = 0;
  std::size_t removed = 0;
  [[nodiscard]] bool any() const { return added + removed > 0; }
};

/// Changes which groups `group` contains, and puts group_ancestors right. Runs in the transaction
/// of a caller who has the turn (sql/README.md) and has locked the group and those in `add`. What
/// is there already and what is not there to be removed is no change.
/// O((groups below those changed) × (groups above `group`)), in about six round trips. Errors, all
/// with attribute `members` and the transaction rolled back: kInvalidValue for a circle or more
/// than kMostLevels, kTooMany for more work than kMostPairs.
[[nodiscard]] Result<NestingChanged> changeNesting(Session& session, const std::string& schema,
                                                   std::uint64_t group,
                                                   const NestingChange& change);

}  // namespace vestibule::store
