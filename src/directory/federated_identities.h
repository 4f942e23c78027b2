#pragma once
// Federated identities in the hands of an administrator: seen, linked before the first login, moved
// to another user, and unlinked. Changes are noted in the users they concern (provenance.h), in the
// same transaction, also where the domain is read-only.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/resource_id.h"
#include "base/result.h"
#include "base/strong.h"
#include "directory/author.h"
#include "directory/context.h"
#include "directory/identity_name.h"
#include "json/value.h"
#include "store/federated_identity_store.h"

namespace vestibule::directory {

/// The links of an identity provider in the byte order of their subjects, those behind `after`; at
/// most `count`. Error kNotFound for an unknown identity provider.
[[nodiscard]] Result<std::vector<store::FederatedIdentity>> listIdentities(
    const Context& context, std::string_view identity_provider, const Subject& after,
    std::uint64_t count);

/// The links of a user, in no order; none for one that does not exist.
[[nodiscard]] Result<std::vector<store::FederatedIdentity>> identitiesOfUser(
    const Context& context, const ResourceId& user);

/// The link of the pair. Error kNotFound.
[[nodiscard]] Result<store::FederatedIdentity> findIdentity(const Context& context,
                                                            const IdentityName& name);

/// Links a pair that has not signed in yet to a user: its first login finds the user and brings it
/// up to date. The audit event `identity.linked` is in the same transaction. Errors kNotFound for
/// an unknown identity provider, kInvalidValue for a subject that cannot be one or a user that does
/// not exist, kUniqueness when the pair is linked; kPayloadTooLarge when the user is as large as a
/// user may be.
[[nodiscard]] Result<store::FederatedIdentity> linkIdentity(const Context& context,
                                                            const IdentityName& name,
                                                            const ResourceId& user,
                                                            const Author& author);

/// Moves a link to another user, whom the next login brings up to date. The user it was linked to
/// keeps its attributes and loses what this identity provider alone granted, unless another subject
/// of the provider is linked to it. Nothing happens when it is that user already. The audit has
/// `identity.unlinked` about the user that it leaves and `identity.moved` about the other. Errors
/// kNotFound, kInvalidValue for a user that does not exist, kPayloadTooLarge as above, kConflict
/// when others kept changing the link.
[[nodiscard]] Result<store::FederatedIdentity> moveIdentity(const Context& context,
                                                            const IdentityName& name,
                                                            const ResourceId& user,
                                                            const Author& author);

/// Removes a link: the next login of the pair is a first login. Grants go as in moveIdentity.
/// The audit event is `identity.unlinked`. Errors kNotFound, kConflict.
[[nodiscard]] Result<void> unlinkIdentity(const Context& context, const IdentityName& name,
                                          const Author& author);

/// `{"identityProvider","subject","user","domain","created","lastSynced"}`; `lastSynced` is null
/// before the first login, `domain` when that has been deleted.
[[nodiscard]] json::Object describeIdentity(const store::FederatedIdentity& identity,
                                            const Catalog& catalog);

}  // namespace vestibule::directory
