#pragma once
// Members of groups as the lines of an import name them.

#include <string>
#include <vector>

#include "base/resource_id.h"
#include "base/result.h"
#include "directory/context.h"
#include "json/value.h"

namespace vestibule::directory {

/// By what members are named.
enum class MembersBy {
  kId,    ///< `value` is an id of this domain
  kName,  ///< `display` is a user name or, where `type` is Group, a display name
};

/// Members that are there, each once, and names of those that are not.
struct FoundMembers {
  std::vector<ResourceId> ids;
  std::vector<std::string> missing;
};

/// Looks up the elements of a `members` array. One query for each 1,000 users; one for each 500
/// groups by name, and one for each group by id. Errors: kInvalidValue (`members`) when it is no
/// array of objects that name members in this way; those of the database.
[[nodiscard]] Result<FoundMembers> findMembers(const Context& context, const Domain& domain,
                                               const json::Value& members, MembersBy by);

}  // namespace vestibule::directory
