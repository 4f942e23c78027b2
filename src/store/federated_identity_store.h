#pragma once
// Federated identities: (identity provider, subject) → exactly one local user, and everything a
// login writes.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/resource_id.h"
#include "base/result.h"
#include "base/strong.h"
#include "store/audit_event.h"
#include "store/database.h"
#include "store/domain_tables.h"
#include "store/group_store.h"
#include "store/user_store.h"

namespace vestibule::store {

using IdentityProviderNumber = std::uint32_t;

/// A link as stored.
struct FederatedIdentity {
  IdentityProviderNumber identity_provider = 0;
  Subject subject;
  ResourceId user;
  std::string
      claims_digest;  ///< 32 bytes: what the last login brought and the settings it was mapped by
  Version user_version;  ///< the user's version after the last login wrote it
  Timestamp created = 0;
  Timestamp last_synced = 0;
};

/// A link with the user it points at, when that user is in the domain that was asked for.
struct LinkedUser {
  FederatedIdentity identity;
  std::optional<StoredUser> user;  ///< nothing: the user is in another domain, or gone
  std::uint64_t group_names = 0;   ///< revision of the group names of the domain asked for
};

/// Looks the pair up and, in the same query, the user (with groups) in `expected`. Subject is
/// compared byte by byte. One query, up to three when the user is in more than eight groups.
[[nodiscard]] Result<std::optional<LinkedUser>> findLinkedUser(
    Session& session, const std::string& control_schema, const DomainTables& expected,
    IdentityProviderNumber identity_provider, const Subject& subject);

/// The link of the pair, whatever domain its user is in. One query.
[[nodiscard]] Result<std::optional<FederatedIdentity>> findIdentity(
    Session& session, const std::string& control_schema, IdentityProviderNumber identity_provider,
    const Subject& subject);

/// The links of a user. One query.
[[nodiscard]] Result<std::vector<FederatedIdentity>> findIdentitiesOfUser(
    Session& session, const std::string& control_schema, const ResourceId& user);

/// Stores a new user, its link, its grants and the record in one transaction. `groups` are row
/// numbers from findGroupsByName. `password_hash` may be empty. Error kUniqueness with attribute
/// `userName` when the name is taken, with attribute `subject` when the pair has been linked
/// meanwhile (a racing first login).
[[nodiscard]] Result<void> insertProvisionedUser(
    Session& session, const std::string& control_schema, const DomainTables& domain,
    const scim::ResourceMeta& meta, const UserWrite& user, const FederatedIdentity& identity,
    const std::vector<std::uint64_t>& groups, const LoginRecord& record = {},
    std::string_view password_hash = {});

/// How a login changes what its identity provider grants. Another source may have put the user
/// into the same groups, or keep it there.
struct GrantsChanged {
  std::vector<std::uint64_t> granted;  ///< row numbers of groups, ascending
  std::vector<std::string> revoked;    ///< display names
};

/// What a login changes on a user that exists.
struct ProvisionUpdate {
  std::optional<UserWrite> user;  ///< nothing: attributes stay
  scim::ResourceMeta meta;        ///< with the new version when `user` is there
  UserKeys before;                ///< keys of the stored user, with `user`
  std::vector<std::uint64_t>
      grant;  ///< groups this IdP grants now (row numbers); already granted ones are no error
  bool revoke_others =
      false;  ///< remove this IdP's grants of groups that are neither in `grant` nor in `keep`
  std::vector<std::uint64_t> keep;  ///< groups whose grants stay as they are
  FederatedIdentity identity;       ///< digest, user_version and last_synced to store
  bool new_link =
      false;  ///< store `identity` as a new link of this user (a local user found by a link rule)
  const GuardRails* rails = nullptr;  ///< count the memberships that go; null: nothing does
  /// Makes what the transaction stores of the login; empty: nothing.
  std::function<LoginRecord(const GrantsChanged&)> record;
};

/// Applies it to a user locked by lockUser and commits; two round trips, one without grants. A
/// membership disappears when its last source does: neither SCIM nor any IdP grants it any more.
/// Versions of groups whose members changed are raised. Error kUniqueness as insertProvisionedUser,
/// `subject` only with `new_link`.
[[nodiscard]] Result<void> updateProvisionedUser(Session& session,
                                                 const std::string& control_schema,
                                                 const DomainTables& domain,
                                                 const LockedUser& locked,
                                                 const ProvisionUpdate& update, Timestamp now);

/// Removes the link of a pair, so that the subject can be provisioned again. With `user`, only if
/// it still points there: what took a link for stale must not remove the one that a racing login
/// has put in its place. False when there was none. One query.
[[nodiscard]] Result<bool> deleteIdentity(Session& session, const std::string& control_schema,
                                          IdentityProviderNumber identity_provider,
                                          const Subject& subject,
                                          const std::optional<ResourceId>& user = std::nullopt);

/// Deletes the federated identities of a domain's users, found by the domain number in their ids, a
/// part after the other: harmless to repeat, and not one transaction. O(federated identities).
[[nodiscard]] Result<void> deleteIdentitiesOfDomain(Session& session,
                                                    const std::string& control_schema,
                                                    DomainNumber number);

}  // namespace vestibule::store
