#pragma once
// Users by an index, one reused statement for each way. Private to store/.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/session.h"
#include "store/statement_text.h"
#include "store/user_store.h"

namespace vestibule::store {

/// A user and its row's number.
struct NumberedUser {
  std::uint64_t seq = 0;
  StoredUser user;
};

/// What to look for; `attribute` is the index number with FoundBy::kAttribute.
struct UserCriterion {
  FoundBy key = FoundBy::kId;
  std::string_view value;
  std::uint16_t attribute = 0;
};

/// The users that have this key, in no order. Nothing when there are more rows (a user times its groups) than `row_limit`: then the
/// caller takes another way. One query.
[[nodiscard]] Result<std::optional<std::vector<NumberedUser>>> lookUpUsers(Session& session, const std::string& schema,
                                                                           const UserCriterion& criterion, bool with_groups,
                                                                           std::uint64_t row_limit);

/// Fills the groups of these users. One query per 1,000 users; none for no user.
[[nodiscard]] Result<void> fillGroups(Session& session, const std::string& schema, std::vector<NumberedUser>& users);

/// Columns of a user (and of one of its groups) that statements are bound to, in the order of userLookup.
struct UserColumns {
  unsigned long long seq = 0;
  std::string id;
  unsigned long long version = 0;
  long long created = 0;
  long long modified = 0;
  std::string document;
  soci::indicator user = soci::i_null;  ///< null where a join found no user
  std::string group_id;
  std::string group_display;
  soci::indicator group = soci::i_null;  ///< null where the user has no group

  /// Binds the columns to the statement as its next results.
  void bind(soci::statement& statement, bool with_groups);
  /// The user in the row. Takes the document's buffer away.
  [[nodiscard]] NumberedUser takeUser();
  [[nodiscard]] scim::GroupMembership takeGroup();
};

}  // namespace vestibule::store
