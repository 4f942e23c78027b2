#pragma once
// Members of groups: from what a client sent to sets of ids.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "directory/context.h"
#include "scim/patch/patch.h"
#include "store/group_store.h"

namespace vestibule::directory {

/// Member values as ids of users and groups of the domain, each once. Error kInvalidValue
/// (`members`) for a value that cannot be one; whether a well-formed id exists is seen by the
/// database only.
[[nodiscard]] Result<std::vector<ResourceId>> memberIds(const Domain& domain,
                                                        const std::vector<std::string>& values);

/// The display names of the groups that the change puts into `group` or takes out of it; null for a
/// group that is not there yet. Reads nothing where no group can be among them, else the groups in
/// it. Groups that do not exist are left out.
[[nodiscard]] Result<std::vector<std::string>> movedGroups(const Context& context,
                                                           const Domain& domain,
                                                           store::Session& session,
                                                           const ResourceId* group,
                                                           const store::MembershipChange& change);

/// True when a step chooses members by a filter other than on `value`: then what it does depends on
/// who is in the group.
[[nodiscard]] bool dependsOnMembers(const std::vector<scim::MemberStep>& steps);

/// The steps of a PATCH as one change with the same effect. Values to be removed that cannot be
/// members are left out. A filter other than on `value` reads the members, and chooses among them
/// and those that earlier steps add, as the view shows them; error kTooMany when these are more
/// than the scan limit.
[[nodiscard]] Result<store::MembershipChange> reduceSteps(
    const Context& context, const View& view, const Domain& domain, store::Session& session,
    const ResourceId& group, const std::vector<scim::MemberStep>& steps);

}  // namespace vestibule::directory
