#pragma once
// Users by an index, one reused statement for each way. Private to store/.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/prepared_query.h"
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

/// The users that have this key, in no order. Nothing when there are more rows (a user times its
/// groups) than `row_limit`: then the caller takes another way. One query.
[[nodiscard]] Result<std::optional<std::vector<NumberedUser>>> lookUpUsers(
    Session& session, const std::string& schema, const UserCriterion& criterion, bool with_groups,
    std::uint64_t row_limit);

/// Fills the groups of these users. One query per 1,000 users; none for no user.
[[nodiscard]] Result<void> fillGroups(Session& session, const std::string& schema,
                                      std::vector<NumberedUser>& users);

/// Columns of a user (and of one of its groups) as a query gives them, in the order of userLookup.
struct UserColumns {
  std::uint64_t seq = 0;
  std::string id;
  std::uint64_t version = 0;
  std::int64_t created = 0;
  std::int64_t modified = 0;
  std::string document;
  bool no_user = false;  ///< a join found none
  std::string group_id;
  std::string group_display;
  bool no_group = true;

  /// Makes them the query's next columns.
  void bind(PreparedQuery& query, bool with_groups);
  /// The user in the row. Takes the document away.
  [[nodiscard]] NumberedUser takeUser();
  [[nodiscard]] scim::GroupMembership takeGroup();
};

}  // namespace vestibule::store
