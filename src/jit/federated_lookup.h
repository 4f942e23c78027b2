#pragma once
// Whether a subject is known: the look-up of its federated identity.

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "base/strong.h"
#include "directory/context.h"
#include "directory/principal.h"
#include "jit/identity_provider.h"
#include "jit/trace.h"
#include "store/federated_identity_store.h"
#include "store/user_store.h"

namespace vestibule::jit {

/// Who a subject is linked to.
struct Linked {
  store::FederatedIdentity identity;
  const directory::Domain* domain = nullptr;
  std::optional<store::StoredUser> user;  ///< nothing: the user is gone
  std::uint64_t group_names = 0;  ///< revision of the domain's group names; 0: it was not asked for
};

/// Finds the user that the subject is linked to; nothing when it is new. One query, or two when the
/// user is in another domain than `expected`. Error kNoDomain (JIT-1101) when the caller may not
/// see the user's domain.
[[nodiscard]] Result<std::optional<Linked>> findLinked(
    const directory::Context& context, const directory::Catalog& catalog,
    const directory::Principal& principal, const IdentityProvider& provider, const Subject& subject,
    const directory::Domain& expected, Trace& trace);

}  // namespace vestibule::jit
