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
/// groups, times the groups that contain these) than `row_limit`: then the caller takes another
/// way. One query.
[[nodiscard]] Result<std::optional<std::vector<NumberedUser>>> lookUpUsers(
    Session& session, const std::string& schema, const UserCriterion& criterion, bool with_groups,
    std::uint64_t row_limit);

/// Fills the groups of these users. One query per 1,000 users, and one more when other groups
/// contain some of theirs; none for no user.
[[nodiscard]] Result<void> fillGroups(Session& session, const std::string& schema,
                                      std::vector<NumberedUser>& users);

/// Each group once, direct memberships first and in the order they came in; one that is both is
/// direct. O(n log n).
void eachGroupOnce(std::vector<scim::GroupMembership>& groups);

/// Columns of a user (and of one of its groups, and of one that contains that) as a query gives
/// them, in the order of userLookup.
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
  std::string container_id;
  std::string container_display;
  bool no_container = true;

  /// Makes them the query's next columns.
  void bind(PreparedQuery& query, bool with_groups);
  /// The user in the row. Takes the document away.
  [[nodiscard]] NumberedUser takeUser();
  /// Adds the groups in the row, which other rows may repeat: eachGroupOnce follows the last one.
  void takeGroups(std::vector<scim::GroupMembership>& groups);
};

}  // namespace vestibule::store
