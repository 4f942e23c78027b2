#pragma once
// Fills the domain with the population, as fast as multi-row INSERTs over several connections go,
// and puts it back into its first state between measurements.

#include "base/result.h"
#include "workbench.h"

namespace vestibule::bench {

/// Loads whatever is not there yet: users with their index entries, groups, memberships, grants,
/// and a link of every user with the identity provider. Reports progress on stderr. An interrupted
/// load is begun anew. True when something was loaded, false when all was there. Error kConflict
/// when the domain holds other users.
[[nodiscard]] Result<bool> loadPopulation(const Workbench& bench, unsigned connections);

/// Reads every index once, so that a freshly started database has in memory what it will be asked
/// for.
[[nodiscard]] Result<void> warmDatabase(const Workbench& bench);

/// Takes out the members that measurements have added to the large and the small groups.
[[nodiscard]] Result<void> removeAddedMembers(const Workbench& bench);

/// Waits until the database has written changed pages back and purged what was deleted, at most two
/// minutes: what one measurement left behind should not slow down the next.
[[nodiscard]] Result<void> settleDatabase(const Workbench& bench);

}  // namespace vestibule::bench
