#pragma once
// The beginning of a transaction that changes a group: members locked, then the group. Private to
// store/.

#include <cstdint>
#include <optional>
#include <vector>

#include "base/resource_id.h"
#include "base/result.h"
#include "store/domain_tables.h"
#include "store/session.h"
#include "store/user_store.h"

namespace vestibule::store {

/// What changeGroup and insertGroup know once the transaction has begun.
struct LockedMembers {
  std::vector<std::uint64_t>
      add;  ///< row numbers of the users to be added, ascending, share-locked
  std::vector<std::uint64_t> remove;       ///< row numbers of those to be removed that exist
  std::optional<std::uint64_t> group_seq;  ///< nothing: no group was asked for, or there is none
  StoredResource group;
};

/// Begins a transaction and share-locks the users in `add`, so that none can be deleted before it
/// ends; looks up those in `remove`; and locks the group, if one is given: in one round trip, or
/// one per 20 statements of 500 ids for long lists. The transaction is open when it succeeds. `add`
/// of the result is shorter than `add` when some are no users of this domain.
[[nodiscard]] Result<LockedMembers> lockMembers(Session& session, const DomainTables& domain,
                                                const std::vector<ResourceId>& add,
                                                const std::vector<ResourceId>& remove,
                                                const std::optional<ResourceId>& group);

/// The error for members that lockMembers did not find; it does not say whether they exist
/// elsewhere.
[[nodiscard]] tl::unexpected<Error> notAMember();
/// Refuses ids that cannot be users of the domain, without asking the database. Error kInvalidValue
/// (`members`).
[[nodiscard]] Result<void> checkMembers(const DomainTables& domain,
                                        const std::vector<ResourceId>& members);

}  // namespace vestibule::store
