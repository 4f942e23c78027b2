#pragma once
// How a login changes the groups of a user who exists (idpGroupSyncMethod).

#include "base/result.h"
#include "directory/context.h"
#include "jit/identity_provider.h"
#include "jit/plan.h"
#include "jit/trace.h"

namespace vestibule::jit {

/// Compares what the identity provider grants (`plan.groups`) with what `plan.user` has, and notes
/// in `plan` what is granted and revoked, and which protected groups stay as they are. Nothing
/// without `plan.sync_groups`. One query where grants may be revoked, two where groups are
/// protected.
[[nodiscard]] Result<void> compareGroups(const directory::Context& context,
                                         const IdentityProvider& provider, Plan& plan,
                                         Trace& trace);

}  // namespace vestibule::jit
