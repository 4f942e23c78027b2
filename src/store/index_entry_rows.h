#pragma once
// The rows that hold index entries, of every kind of resource. Private to store/.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/resource_id.h"
#include "scim/resource/validate.h"
#include "store/statement_batch.h"

namespace vestibule::store {

/// The entries of `some` that are not in `others`; both are sorted. Pointers into `some`, because a
/// batch reads its parameters when it is run.
[[nodiscard]] std::vector<const scim::IndexEntry*> entriesWithout(
    const std::vector<scim::IndexEntry>& some, const std::vector<scim::IndexEntry>& others);

/// Adds the INSERT of entries of a resource of this kind: the one of this row number or, without
/// one, the one that the same batch inserts. None for no entries. They must live until the batch
/// runs.
void addIndexEntries(StatementBatch& batch, const std::string& schema, ResourceKind kind,
                     const std::vector<const scim::IndexEntry*>& entries,
                     std::optional<std::uint64_t> owner);

}  // namespace vestibule::store
