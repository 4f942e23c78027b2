#pragma once
// Lists in the order of an attribute (RFC 7644 §3.4.2.3).

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "scim/schema/registry.h"
#include "store/search.h"

namespace vestibule::store {

/// Where a resource stands in the order of an attribute: by its value, those without one behind all
/// others, equal ones as they were created. Descending is the exact reverse.
struct Position {
  bool absent = false;
  std::string key;  ///< the comparison key of the value (scim/schema/comparison_key.h)
  std::uint64_t seq = 0;
  auto operator<=>(const Position&) const = default;
};

/// Row numbers that no row has: before and behind all rows with the same value.
inline constexpr std::uint64_t kBeforeAllRows = 0;
inline constexpr std::uint64_t kBehindAllRows = UINT64_MAX;

/// A page of a sorted list.
struct OrderedRequest {
  /// What to look for. `skip`, `count` and `with_total` are as there; `after` and `with_groups` are
  /// not looked at.
  SearchRequest search;
  scim::AttributeRef by;  ///< without an attribute nobody has a value
  bool descending = false;
  std::optional<Position> after;  ///< only resources behind it
};

/// Where the resources of a page stand, in its order.
struct OrderedPage {
  std::uint64_t total = 0;  ///< of all that match, whatever `after` is; 0 without `with_total`
  std::vector<Position> positions;
};

/// Finds out which resources are on the page. Without a filter, an order by `id`, `externalId`, the
/// naming attribute, `meta.created` or `meta.lastModified` is read from an index: O(skip + count)
/// index entries. For everything else all that match are read: error kTooMany when these, or the
/// rows read to find them, are more than `scan_limit`.
[[nodiscard]] Result<OrderedPage> orderedSearch(Session& session, const DomainTables& domain,
                                                const OrderedRequest& request);

/// The resources of these rows, place by place; nothing for a row that is gone meanwhile. O(rows).
[[nodiscard]] Result<std::vector<std::optional<StoredUser>>> readResources(
    Session& session, const DomainTables& domain, ResourceKind kind,
    const std::vector<std::uint64_t>& rows, bool with_groups);

}  // namespace vestibule::store
