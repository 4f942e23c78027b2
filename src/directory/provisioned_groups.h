#pragma once
// Groups that just-in-time provisioning makes: empty, named as a role says.

#include <string>
#include <vector>

#include "base/result.h"
#include "directory/context.h"
#include "store/audit_event.h"
#include "store/group_store.h"

namespace vestibule::directory {

/// What a group of this bare name would be stored as. Errors kReadOnly; kInvalidValue from
/// validation and the domain's policies on role names. Writes nothing and asks nothing of the
/// database.
[[nodiscard]] Result<store::GroupWrite> checkProvisionedGroup(const Context& context,
                                                              const Domain& domain,
                                                              const std::string& name);

/// Makes the groups, each in a transaction of its own, and returns the names of those that this
/// call made. Each has an event in the audit; `event` says who asked, and the rest is filled in.
/// One that another has made meanwhile is no error. Errors of the database; what was made until
/// then stays.
[[nodiscard]] Result<std::vector<std::string>> createProvisionedGroups(
    const Context& context, const Domain& domain, const std::vector<store::GroupWrite>& groups,
    store::AuditEvent event);

}  // namespace vestibule::directory
