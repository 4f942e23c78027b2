#pragma once
// Many users of one domain in one transaction: what an import stores. As user_store.h.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/resource_id.h"
#include "base/result.h"
#include "store/audit_event.h"
#include "store/import_store.h"
#include "store/user_store.h"

namespace vestibule::store {

/// By what the users of a batch are found among those that are stored.
enum class UserMatch { kUserName, kExternalId, kId };

/// What a batch asks before it writes.
struct UserBatchQuestion {
  std::vector<std::string> user_name_folds;  ///< whose names are to be looked up
  std::vector<ResourceId> ids;               ///< that new users are to have; empty: new ids
  UserMatch match = UserMatch::kUserName;
  /// Names, keys of external ids or bytes of ids whose users are to be locked; empty: none are.
  std::vector<std::string> keys;
};

/// Whose a user name is.
struct TakenUserName {
  ResourceId id;
  std::string fold;
  std::string kept_case;
};

/// A user that a batch may change.
struct MatchedUser {
  LockedUser locked;
  std::string user_name_fold;
  std::string user_name_case;
  std::string external_id_key;
};

struct UserBatchAnswer {
  std::vector<TakenUserName> names;
  std::vector<ResourceId> ids;  ///< those that are taken
  std::vector<MatchedUser> matched;
};

/// Begins a transaction, reads which names and ids are taken, and locks the users that match. One
/// round trip. The caller ends it by writeUserBatch or rollback.
[[nodiscard]] Result<UserBatchAnswer> beginUserBatch(Session& session, const DomainTables& domain,
                                                     const UserBatchQuestion& question);

/// A user to be made.
struct NewUser {
  scim::ResourceMeta meta;
  UserWrite write;
  std::string password_hash;  ///< empty: none
  AuditEvent event;
};

/// A user to be changed, which beginUserBatch has locked.
struct ChangedUser {
  const LockedUser* locked = nullptr;
  scim::ResourceMeta meta;  ///< with the new version
  UserWrite write;
  UserKeys before;
  std::optional<std::string> password_hash;  ///< nothing: keep
  AuditEvent event;
};

struct UserBatch {
  std::vector<NewUser> created;
  std::vector<ChangedUser> changed;
  const ImportBatchMark* mark = nullptr;  ///< stored with them; null: none is
  bool commits = true;                    ///< false: everything is rolled back
};

/// Stores the users with their index entries and events by statements of many rows, and ends the
/// transaction: two round trips for new users, one where there are none, and one more for each
/// megabyte of documents. Nothing is stored when it fails. Errors: kUniqueness (`userName`) when a
/// name was taken meanwhile; kConflict when the mark is there already, or its import is not; those
/// of insertUser for a user that cannot be stored, without saying which.
[[nodiscard]] Result<void> writeUserBatch(Session& session, const DomainTables& domain,
                                          const std::string& control_schema,
                                          const UserBatch& users);

/// The password hashes of those of these users that have one. One query for each 1,000.
[[nodiscard]] Result<std::vector<std::pair<ResourceId, std::string>>> readPasswordHashes(
    Session& session, const DomainTables& domain, const std::vector<ResourceId>& ids);

/// The users of these folded names: folded name and id. One query for each 1,000 names.
[[nodiscard]] Result<std::vector<std::pair<std::string, ResourceId>>> findUserIdsByName(
    Session& session, const DomainTables& domain, const std::vector<std::string>& folds);

/// Those of these users that exist. One query for each 1,000.
[[nodiscard]] Result<std::vector<ResourceId>> existingUsers(Session& session,
                                                            const DomainTables& domain,
                                                            const std::vector<ResourceId>& ids);

}  // namespace vestibule::store
