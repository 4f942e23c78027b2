#pragma once
// Federated identities as an administrator handles them: without a login.

#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/audit_event.h"
#include "store/federated_identity_store.h"

namespace vestibule::store {

/// The links of an identity provider whose subjects come behind `after`, byte by byte; at most
/// `limit`. One query, on the index of subjects.
[[nodiscard]] Result<std::vector<FederatedIdentity>> listIdentities(
    Session& session, const std::string& control_schema, IdentityProviderNumber identity_provider,
    const Subject& after, std::uint64_t limit);

/// Links a pair to a user before its first login, and stores `event` with it; the digest of the new
/// link is that of no claims. False when there is no such user. Error kUniqueness with attribute
/// `subject` when the pair is linked already, kInvalidValue for a subject that cannot be one.
[[nodiscard]] Result<bool> linkIdentity(Session& session, const std::string& control_schema,
                                        const DomainTables& domain,
                                        IdentityProviderNumber identity_provider,
                                        const Subject& subject, const ResourceId& user,
                                        const AuditEvent& event, Timestamp now);

/// Where a link goes: to a user of this domain.
struct LinkTarget {
  DomainTables domain;
  ResourceId user;
};

/// What came of a move or removal of a link.
enum class LinkChange : std::uint8_t { kDone, kNoSuchUser, kChangedMeanwhile };

/// What is stored of a change of a link.
struct LinkEvents {
  AuditEvent left;  ///< about the user it was linked to; gets the grants that are revoked
  std::optional<AuditEvent> joined;  ///< about the one it is linked to now
};

/// Moves `identity` to another user, or removes it without a target, in one transaction. What the
/// identity provider granted the user it was linked to goes with it, unless another subject of the
/// provider is linked to that user. `domain` is that user's, or nothing when it is gone; a user
/// that is gone is no error. The events are stored with it.
[[nodiscard]] Result<LinkChange> changeLink(Session& session, const std::string& control_schema,
                                            const FederatedIdentity& identity,
                                            const std::optional<DomainTables>& domain,
                                            const std::optional<LinkTarget>& target,
                                            LinkEvents events, Timestamp now);

}  // namespace vestibule::store
