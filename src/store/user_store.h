#pragma once
// Users of one domain. Functions run on a leased session (Database::read, Database::write); the
// tables named by `DomainTables` are the only ones they can see. None is thread-safe on one
// session.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/resource_id.h"
#include "base/result.h"
#include "base/strong.h"
#include "scim/resource/render.h"
#include "scim/resource/validate.h"
#include "store/database.h"
#include "store/domain_tables.h"

namespace vestibule::store {

struct ChangeAudit;

/// A stored resource: its meta and its canonical JSON.
struct StoredResource {
  scim::ResourceMeta meta;
  std::string document;
};

/// A user with the groups it is in, directly or through others, each once (empty when they were not
/// asked for).
struct StoredUser {
  StoredResource resource;
  std::vector<scim::GroupMembership> groups;
};

/// What of a user is kept in columns beside the JSON.
struct UserKeys {
  std::string user_name_fold;              ///< UsernameCaseMapped: finds the user by name
  std::string user_name_case;              ///< empty, or the case-preserving key in a domain with
                                           ///< CaseInsensitiveUsername=false
  std::optional<std::string> external_id;  ///< as sent; the store keeps scim::indexKey of it
  std::vector<scim::IndexEntry> entries;   ///< sorted
};

/// A user to be written.
struct UserWrite {
  std::string document;
  UserKeys keys;
};

/// What a user that is stored already is to be written as.
struct UserRewrite {
  scim::ResourceMeta meta;  ///< with the new version
  UserWrite user;
  UserKeys before;  ///< of the user as it is stored
};

/// The user with this id. One query; none when it does not exist.
[[nodiscard]] Result<std::optional<StoredUser>> findUser(Session& session,
                                                         const DomainTables& domain,
                                                         const ResourceId& id, bool with_groups);

/// The users of this name, whatever their case. At most one in a case-insensitive domain. One
/// query.
[[nodiscard]] Result<std::vector<StoredUser>> findUsersByName(Session& session,
                                                              const DomainTables& domain,
                                                              std::string_view user_name_fold,
                                                              bool with_groups);

/// Only the version, for conditional requests. One query.
[[nodiscard]] Result<std::optional<Version>> findUserVersion(Session& session,
                                                             const DomainTables& domain,
                                                             const ResourceId& id);

/// Stores a new user, its index entries and the event: one round trip, one transaction.
/// `password_hash` may be empty. Error kUniqueness (attribute `userName`) when the name is taken.
/// Run it by Database::write.
[[nodiscard]] Result<void> insertUser(Session& session, const DomainTables& domain,
                                      const scim::ResourceMeta& meta, const UserWrite& user,
                                      std::string_view password_hash, const ChangeAudit& audit);

/// A user locked for change: everything the change may need.
struct LockedUser {
  std::uint64_t seq = 0;
  StoredUser user;
  bool has_password = false;
};

/// Says what a locked user is to be written as; nothing: it stays as it is.
using UserRewriter = std::function<Result<std::optional<UserRewrite>>(const StoredUser& user)>;

/// Begins a transaction and locks the user's row; none (and nothing open) when it does not exist.
/// One round trip. The caller ends it by updateLockedUser, deleteLockedUser or rollback
/// (store/transaction.h).
[[nodiscard]] Result<std::optional<LockedUser>> lockUser(Session& session,
                                                         const DomainTables& domain,
                                                         const ResourceId& id, bool with_groups);

/// Writes the changed user with `meta` (version and modified are the caller's) and the event, and
/// commits: one round trip. `audit` has guard-rails only where the change deactivates the user.
/// Only index entries that differ between `before` and the new ones are touched. `password_hash`:
/// nothing keeps the old one. Error kUniqueness as insertUser.
[[nodiscard]] Result<void> updateLockedUser(Session& session, const DomainTables& domain,
                                            const LockedUser& locked,
                                            const scim::ResourceMeta& meta, const UserWrite& user,
                                            const UserKeys& before,
                                            const std::optional<std::string>& password_hash,
                                            const ChangeAudit& audit);

/// Deletes the user, its memberships, index entries and federated identities, stores the event, and
/// commits. Versions of the groups it was in are raised (their representation changed). Guard-rails
/// count it as one delete.
[[nodiscard]] Result<void> deleteLockedUser(Session& session, const DomainTables& domain,
                                            const LockedUser& locked, Timestamp now,
                                            const ChangeAudit& audit);

}  // namespace vestibule::store
