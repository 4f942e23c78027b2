#pragma once
// The second reader of bound filters (the first is scim::evaluate): what of a filter an index can
// answer, as SQL. Private to store/.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/resource_id.h"
#include "base/strong.h"
#include "scim/filter/filter.h"
#include "scim/schema/registry.h"
#include "store/statement_batch.h"

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

/// SQL with its parameters; text values are bytes.
struct BuiltStatement {
  std::string sql;
  std::vector<std::variant<std::uint64_t, std::int64_t, std::string>> values;

  /// The parameters for StatementBatch::add. They point into `values`.
  [[nodiscard]] std::vector<Parameter> parameters() const;
};

/// Which resources a statement reads.
struct Candidates {
  ResourceKind kind = ResourceKind::kUser;
  const std::string* schema = nullptr;
  const std::vector<std::vector<IndexTerm>>* clauses = nullptr;
  std::uint64_t after = 0;  ///< only row numbers behind this one
};

/// Columns seq, id, version, created, modified, document in the order of row numbers: `count` rows
/// behind the first `skip`. Skipped rows are passed over by their numbers alone, before any
/// document is read.
[[nodiscard]] BuiltStatement selectCandidates(const Candidates& candidates, std::uint64_t skip,
                                              std::uint64_t count);
/// One row with the number of candidates.
[[nodiscard]] BuiltStatement countCandidates(const Candidates& candidates);
/// One row if there are more candidates than `limit`, else none. Reads no more than that many index
/// entries.
[[nodiscard]] BuiltStatement probeCandidates(const Candidates& candidates, std::uint64_t limit);

}  // namespace vestibule::store
