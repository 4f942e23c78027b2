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

/// A user that a change of a link concerns.
struct LinkUser {
  DomainTables domain;
  ResourceId user;
  UserRewriter rewrite;  ///< asked under the user's lock; its errors end the change
};

/// Links a pair to a user before its first login, and stores `event` with it; the digest of the new
/// link is that of no claims. False when there is no such user. Error kUniqueness with attribute
/// `subject` when the pair is linked already, kInvalidValue for a subject that cannot be one.
[[nodiscard]] Result<bool> linkIdentity(Session& session, const std::string& control_schema,
                                        const LinkUser& user,
                                        IdentityProviderNumber identity_provider,
                                        const Subject& subject, AuditEvent event, Timestamp now);

/// What came of a move or removal of a link.
enum class LinkChange : std::uint8_t { kDone, kNoSuchUser, kChangedMeanwhile };

/// What is stored of a change of a link. The versions of the users are filled in.
struct LinkEvents {
  AuditEvent left;  ///< about the user it was linked to; gets the grants that are revoked
  std::optional<AuditEvent> joined;  ///< about the one it is linked to now
};

/// Moves `identity` to another user, or removes it without a target, in one transaction. What the
/// identity provider granted the user it was linked to goes with it, unless another subject of the
/// provider is linked to that user. `left` is that user, or nothing when its domain is gone; a user
/// that is gone is no error. The events are stored with it. Both users are locked, in the order of
/// their ids. `rails` count the memberships that go; null: nothing does.
[[nodiscard]] Result<LinkChange> changeLink(Session& session, const std::string& control_schema,
                                            const FederatedIdentity& identity,
                                            const std::optional<LinkUser>& left,
                                            const std::optional<LinkUser>& target,
                                            LinkEvents events, Timestamp now,
                                            const GuardRails* rails = nullptr);

}  // namespace vestibule::store
