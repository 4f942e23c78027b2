#pragma once
// Memberships that hang on one identity provider alone.

#include <vector>

#include "base/resource_id.h"
#include "base/result.h"
#include "store/database.h"
#include "store/domain_tables.h"
#include "store/federated_identity_store.h"

namespace vestibule::store {

/// The groups that the user is in because this identity provider grants them and nobody else does:
/// those it would leave if the grants were revoked. One query.
[[nodiscard]] Result<std::vector<scim::GroupMembership>> findSoleGrants(
    Session& session, const DomainTables& domain, const ResourceId& user,
    IdentityProviderNumber identity_provider);

}  // namespace vestibule::store
