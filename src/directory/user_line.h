#pragma once
// A line of an import as a user, as far as can be told without the database.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/resource_id.h"
#include "base/result.h"
#include "directory/context.h"
#include "directory/import_lines.h"
#include "json/value.h"
#include "store/user_batch_store.h"
#include "store/user_store.h"

namespace vestibule::directory {

/// How lines become users.
struct UserImportRules {
  ImportMode mode = ImportMode::kCreate;
  /// By what a line finds the user that it replaces; new users take no notice of it.
  store::UserMatch match = store::UserMatch::kUserName;
  bool keep_ids = false;         ///< new users get the `id` of their line
  bool password_hashes = false;  ///< a password that is a hash (isPasswordHash) is stored as it is
  bool writes = true;            ///< false: nothing is stored, everything is checked
};

/// A line that may be stored.
struct UserLine {
  json::Value body;  ///< empty with kCreate
  store::UserKeys keys;
  Result<store::UserWrite> as_new;  ///< what a new user is stored as, or why there can be none
  std::vector<std::string> names;   ///< of the attributes of a new user
  std::optional<std::string> password_hash;
  std::optional<ResourceId> id;  ///< that a new user is to have
  std::string match_key;         ///< empty: the line can only be a new user
};

/// Validates the line, checks it against the policies of the view's one domain, and hashes its
/// password, for which it waits: call it outside transactions. Names that tolerances ignore are
/// added to `ignored`. Errors as createUser but for kUniqueness; with other modes than kCreate what
/// forbids a new user alone is in `as_new`.
[[nodiscard]] Result<UserLine> prepareUserLine(const Context& context, const View& view,
                                               const UserImportRules& rules, json::Value body,
                                               std::set<std::string>& ignored);

}  // namespace vestibule::directory
