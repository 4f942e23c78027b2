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

/// What a transaction on a group concerns.
struct LockRequest {
  std::vector<ResourceId> add;     ///< users and groups that become members
  std::vector<ResourceId> remove;  ///< users and groups that are no longer members
  std::optional<ResourceId> group;
  bool replaces_members = false;  ///< members that are not named go too
  bool deletes_group = false;
  bool asks_names = false;  ///< of the group and of those that contain it
};

/// What changeGroup and insertGroup know once the transaction has begun.
struct LockedMembers {
  std::vector<std::uint64_t>
      add;  ///< row numbers of the users to be added, ascending, share-locked
  std::vector<std::uint64_t> remove;         ///< row numbers of those to be removed that exist
  std::vector<std::uint64_t> add_groups;     ///< of the groups to be added, ascending, locked
  std::vector<std::uint64_t> remove_groups;  ///< of those to be removed that exist
  std::vector<std::uint64_t> containers;     ///< with `deletes_group`: of the groups that it is in
  bool has_turn = false;  ///< groups in groups may change; false: none of them can be concerned
  std::optional<std::uint64_t> group_seq;  ///< nothing: no group was asked for, or there is none
  StoredResource group;
  /// With `asks_names`: the display names of the group and of all groups that contain it.
  std::vector<std::string> names;

  /// How many of those to be added were found.
  [[nodiscard]] std::size_t found() const { return add.size() + add_groups.size(); }
};

/// Begins a transaction and share-locks the users to be added, so that none can be deleted before
/// it ends; looks up those to be removed; and locks the group, if one is given: in one round trip,
/// or one per 20 statements of 500 ids for long lists. Where groups in groups are concerned, it
/// takes the turn (sql/README.md) and locks the groups to be added, and those that contain a group
/// to be deleted, with it: two round trips more, and one for finding out. The transaction is open
/// when it succeeds. found() is less than were to be added when some are no members that this
/// domain has.
[[nodiscard]] Result<LockedMembers> lockMembers(Session& session, const DomainTables& domain,
                                                const LockRequest& request);

/// The error for members that lockMembers did not find; it does not say whether they exist
/// elsewhere.
[[nodiscard]] tl::unexpected<Error> notAMember();
/// Refuses ids that cannot be users or groups of the domain, without asking the database. Error
/// kInvalidValue (`members`).
[[nodiscard]] Result<void> checkMembers(const DomainTables& domain,
                                        const std::vector<ResourceId>& members);

}  // namespace vestibule::store
