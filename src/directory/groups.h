#pragma once
// The use cases on groups. Membership is changed by row operations: a large group is never read to
// change one member.

#include <string_view>

#include "base/result.h"
#include "directory/context.h"
#include "json/value.h"
#include "scim/resource/project.h"
#include "store/group_store.h"

namespace vestibule::directory {

/// Creates a group with its members in the domain that `displayName` names. Errors: validation,
/// kInvalidValue (policy; a member that does not exist in that domain), kUniqueness, kReadOnly;
/// here and below kForbidden for what is privileged (privileges.h): the group itself, its members
/// where a privileged group contains it, and privileged groups that would come to be in it or leave
/// it. What changes nothing is not refused. `mark`, if any, is stored in the same transaction.
[[nodiscard]] Result<Rendered> createGroup(const Context& context, const View& view,
                                           const json::Value& body,
                                           const scim::Projection& projection,
                                           const store::ImportBatchMark* mark = nullptr);

/// Reads a group; members are read only when the projection shows them. Error kNotFound.
[[nodiscard]] Result<Rendered> getGroup(const Context& context, const View& view,
                                        std::string_view id, const scim::Projection& projection,
                                        const Preconditions& preconditions);

/// Replaces a group: `members` becomes exactly the set sent; left out, the group becomes empty (RFC
/// 7644 §3.5.1).
[[nodiscard]] Result<Rendered> replaceGroup(const Context& context, const View& view,
                                            std::string_view id, const json::Value& body,
                                            const scim::Projection& projection,
                                            const Preconditions& preconditions);

/// Changes a group, all or nothing; `remove` of `members[…]` chooses among those who are members
/// when its turn comes. Adding members that are in and removing members that are not is a success
/// without a new version. The answer has no body (204) unless `with_body`: clients ask for one by
/// `attributes`.
[[nodiscard]] Result<Rendered> patchGroup(const Context& context, const View& view,
                                          std::string_view id, const json::Value& body,
                                          const scim::Projection& projection,
                                          const Preconditions& preconditions, bool with_body);

/// Deletes a group with its memberships.
[[nodiscard]] Result<void> deleteGroup(const Context& context, const View& view,
                                       std::string_view id, const Preconditions& preconditions);

/// A group about to be written. `attributes` holds the bare display name; with `check_name` it is
/// checked against the domain's policies, which what is stored already need not follow.
[[nodiscard]] Result<store::GroupWrite> prepareGroupWrite(const Context& context,
                                                          const Domain& domain,
                                                          const json::Object& attributes,
                                                          bool check_name);

}  // namespace vestibule::directory
