#pragma once
// Groups of one domain and who is in them. As user_store.h.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/resource_id.h"
#include "base/result.h"
#include "scim/resource/validate.h"
#include "scim/schema/registry.h"
#include "store/database.h"
#include "store/domain_tables.h"
#include "store/user_store.h"

namespace vestibule::store {

struct ChangeAudit;

/// What of a group is kept in columns beside the JSON.
struct GroupKeys {
  std::string display_name;      ///< as sent
  std::string display_name_key;  ///< folded; unique in the domain
  std::optional<std::string> external_id;
  /// Sorted; nothing when a change leaves them as they are, which saves reading those that are
  /// stored.
  std::optional<std::vector<scim::IndexEntry>> entries;
};

struct GroupWrite {
  std::string document;
  GroupKeys keys;
};

/// One member as a group shows it: a user or a group, as its id says.
struct StoredMember {
  ResourceId id;
  std::string name;  ///< the user name or the display name, for `display`
};

/// The group with this id, without its members. One query.
[[nodiscard]] Result<std::optional<StoredResource>> findGroup(Session& session,
                                                              const DomainTables& domain,
                                                              const ResourceId& id);

/// A group by its name, with its row's number.
struct NamedGroup {
  std::uint64_t seq = 0;
  ResourceId id;
  std::string display_name;
  std::string display_name_key;
  bool nested = false;  ///< other groups contain it
};

/// Which of some names have groups. `revision` grows whenever a group of the domain gets a name: as
/// long as it stays, no name beyond these has one.
struct NamedGroups {
  std::vector<NamedGroup> groups;
  std::uint64_t revision = 0;
};

/// The groups of these folded names, as far as they exist. One round trip per 500 names.
[[nodiscard]] Result<NamedGroups> findGroupsByName(
    Session& session, const DomainTables& domain,
    const std::vector<std::string>& display_name_keys);

/// A place in the members of a group: all users come before all groups.
struct MemberPlace {
  bool among_groups = false;
  std::uint64_t row = 0;
};

/// Members of a group in a stable order, at most `limit` behind `after`: keyset paging, so that a
/// large group is read in pieces. `last` of the answer goes into the next call; fewer than `limit`
/// means the end. One round trip, two where users end and groups begin behind the first page.
struct MemberPage {
  std::vector<StoredMember> members;
  MemberPlace last;
};
[[nodiscard]] Result<MemberPage> listMembers(Session& session, const DomainTables& domain,
                                             const ResourceId& group, const MemberPlace& after,
                                             std::size_t limit);

/// A change of membership, already reduced to sets of users and groups. With `replace_all` members
/// that are not in `add` are removed.
struct MembershipChange {
  std::vector<ResourceId> add;     ///< each once
  std::vector<ResourceId> remove;  ///< each once, none of `add`
  bool replace_all = false;
  [[nodiscard]] bool empty() const { return add.empty() && remove.empty() && !replace_all; }
};

/// Stores a new group with its index entries, its members and the event in one transaction (two
/// round trips when there are members, some more when there are groups among them). Error
/// kUniqueness with the attribute whose value another group of this domain has; kInvalidValue
/// (`members`) when a member does not exist in this domain, and those of changeNesting: then
/// nothing is written.
[[nodiscard]] Result<void> insertGroup(Session& session, const DomainTables& domain,
                                       const scim::ResourceType& type,
                                       const scim::ResourceMeta& meta, const GroupWrite& group,
                                       const std::vector<ResourceId>& members,
                                       const ChangeAudit& audit);

/// What a change did.
struct GroupChange {
  scim::ResourceMeta meta;
  bool changed = false;  ///< false: nothing differed, version and modified are the old ones
};

/// Says under the lock of a group whether its members may change: asked with the display names of
/// the group and of all groups that contain it, which whoever is in it is in as well. A group that
/// comes to contain one of these meanwhile is not waited for. May be run again. Empty: they may.
using MembershipGuard = std::function<Result<void>(const std::vector<std::string>& names)>;

/// The whole of a group's change under its row lock, in one transaction: `edit` gets the stored
/// JSON and meta and returns the new write, or nothing to keep the JSON as it is; it may fail, and
/// may be run again. Then the membership change is done by row operations: O(changed members),
/// never O(group) (but for replace_all). Version and modified are raised once if anything differed.
/// Of new index entries only those are touched that differ from the stored ones. If anything
/// differed the event is stored as well, as it is behind `edit`, with the versions and, where
/// members came or went, with the name of their attribute. An error of `guard`, which is asked
/// behind `edit`, is returned when any member would come or go, one that is not kForbidden in any
/// case; where it would not, what identity providers granted stays theirs. None when the group does
/// not exist. Errors: those of `edit`, kUniqueness, kInvalidValue and kTooMany as insertGroup.
/// Members that are to be removed and are none are no error. Guard-rails count the members, groups
/// among them, that go. Changes of groups in groups come one
/// after the other in a domain; those of users do not wait for them.
using GroupEdit = std::function<Result<std::optional<GroupWrite>>(const StoredResource&)>;
[[nodiscard]] Result<std::optional<GroupChange>> changeGroup(
    Session& session, const DomainTables& domain, const scim::ResourceType& type,
    const ResourceId& id, const GroupEdit& edit, const MembershipChange& members, Timestamp now,
    const ChangeAudit& audit, const MembershipGuard& guard = {});

/// Deletes the group, its memberships and index entries, and stores the event, as it is
/// behind `check`, with the version; versions of the groups that contain it are
/// raised. `check` may refuse (If-Match), and so may `guard`. Guard-rails count it as one delete.
/// False when it does not exist. Error kTooMany as changeNesting.
[[nodiscard]] Result<bool> deleteGroup(
    Session& session, const DomainTables& domain, const ResourceId& id,
    const std::function<Result<void>(const StoredResource&)>& check, Timestamp now,
    const ChangeAudit& audit, const MembershipGuard& guard = {});

}  // namespace vestibule::store
