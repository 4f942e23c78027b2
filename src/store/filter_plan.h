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

/// Keys from `from` to before `before`, by their bytes.
struct KeyRange {
  std::string from;
  std::optional<std::string> before;  ///< nothing: no end
  bool operator==(const KeyRange&) const = default;
};

/// One comparison that an index answers: an `eq`, or a range of keys or dates.
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
  std::string key;              ///< what the column holds; empty with `keys`
  std::optional<KeyRange> keys =
      std::nullopt;    ///< a range of a name, an externalId or an attribute
  Timestamp from = 0;  ///< with dates
  Timestamp before = 0;
  bool nested = false;   ///< with kRelated of a user: the group contains groups, whose users count
  bool several = false;  ///< with `keys` of an attribute: a resource may have more than one of them
  bool operator==(const IndexTerm&) const = default;
};

/// True for a range of keys or dates; every other term is an equality.
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
  std::string_view naming_prefix;  ///< as in SearchRequest
};

/// What stands before a name when it is compared with `naming_prefix` in front, as a key.
[[nodiscard]] std::string namingPrefixKey(const scim::ResourceType& type,
                                          std::string_view naming_prefix);

/// Takes the filter apart. Clauses come from `eq`, `sw`, `gt`, `ge`, `lt` and `le`, from an `or` of
/// nothing but `eq` and `sw`, from value paths, and from any `and` of these at the top. A value
/// path of several conditions, and a range that ends inside what an index cuts off, give clauses
/// that narrow and stay in `rest` as a whole.
[[nodiscard]] FilterPlan planFilter(const FilterSubject& subject, const scim::BoundFilter& filter);

/// How many candidates of a scan to read at once. Few, so that a scan keeps no processor for longer
/// than other requests can wait; many where finding the next ones means finding all again.
[[nodiscard]] std::uint64_t candidatesAtOnce(const std::vector<std::vector<IndexTerm>>& clauses);

}  // namespace vestibule::store
