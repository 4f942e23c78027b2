#pragma once
// The second reader of bound filters (the first is scim::evaluate): what of a filter an index can
// answer. Private to store/.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/resource_id.h"
#include "base/strong.h"
#include "scim/filter/filter.h"
#include "scim/schema/registry.h"

namespace vestibule::store {

/// One comparison that an index answers exactly: an `eq`, or a range of dates.
struct IndexTerm {
  enum class Column : std::uint8_t {
    kId,          ///< `id`
    kName,        ///< the naming attribute
    kExternalId,  ///< `externalId`
    kRelated,  ///< `groups.value` of a user, `members.value` of a group: the id of the group, or of
               ///< the user, at the other end of a membership
    kNestedMember,  ///< `members.value` of a group: the id of a group in it
    kAttribute,     ///< an attribute with an index number
    kCreated,       ///< `meta.created`, from `from` to before `before`
    kModified,      ///< `meta.lastModified`, likewise
  };
  Column column = Column::kId;
  std::uint16_t attribute = 0;  ///< the index number with kAttribute
  std::string key;              ///< what the column holds
  Timestamp from = 0;           ///< with dates
  Timestamp before = 0;
  bool nested = false;  ///< with kRelated of a user: the group contains groups, whose users count
  bool operator==(const IndexTerm&) const = default;
};

/// True for a range of dates; every other term is an equality.
[[nodiscard]] bool isRange(const IndexTerm& term);

/// A filter taken apart: a resource matches when it satisfies one term of every clause, and the
/// rest.
struct FilterPlan {
  bool nothing = false;  ///< no resource of this domain can match
  std::vector<std::vector<IndexTerm>> clauses;
  std::optional<scim::BoundFilter>
      rest;  ///< to be evaluated on each candidate; nothing when the clauses say it all
};

/// Whose filter it is.
struct FilterSubject {
  const scim::ResourceType* type = nullptr;
  ResourceKind kind = ResourceKind::kUser;
  DomainNumber domain;
};

/// Takes the filter apart. Clauses come from `eq`, from an `or` of nothing but such, from value
/// paths, from ranges of dates, and from any `and` of these at the top. A value path of several
/// conditions gives clauses that narrow and stays in `rest` as a whole.
[[nodiscard]] FilterPlan planFilter(const FilterSubject& subject, const scim::BoundFilter& filter);

}  // namespace vestibule::store
