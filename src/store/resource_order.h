#pragma once
// Which orders of resources an index gives, and the SQL that walks them. Private to store/.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/resource_id.h"
#include "scim/schema/registry.h"
#include "store/filter_sql.h"
#include "store/ordered_search.h"

namespace vestibule::store {

/// Columns whose index gives an order; the key of a position is made of their values.
struct IndexOrder {
  enum class Key : std::uint8_t {
    kBytes,   ///< the first column as it is; a second one behind a NUL
    kInstant  ///< microseconds, as a comparison key has them
  };
  std::string_view index;
  std::string_view first;
  std::string_view second;  ///< empty: there is none
  Key key = Key::kBytes;
  bool unique = false;  ///< no two resources have the same values; else row numbers tell them apart
  bool nullable = false;  ///< resources without a value are in the index too
  bool cut = false;       ///< long keys are cut (scim::indexKey)
};

/// The order of `by` when an index of the resources' own table has it; nothing for all others.
[[nodiscard]] std::optional<IndexOrder> indexOrderOf(const scim::ResourceType& type,
                                                     ResourceKind kind,
                                                     const scim::AttributeRef& by);

/// One walk along an index.
struct IndexWalk {
  ResourceKind kind = ResourceKind::kUser;
  const std::string* schema = nullptr;
  IndexOrder order;
  bool descending = false;
  bool absent = false;              ///< walk those without a value instead
  const Position* after = nullptr;  ///< only what stands behind it (of the same kind of `absent`)
  std::uint64_t skip = 0;
  std::uint64_t count = 0;
};

/// Rows: seq, first column, second column (NULL where there is none).
[[nodiscard]] BuiltStatement walkIndex(const IndexWalk& walk);
/// One row with the number of resources that have a value.
[[nodiscard]] BuiltStatement countWithValue(const IndexWalk& walk);

/// The key of a position from the columns of a row of walkIndex.
[[nodiscard]] std::string positionKey(const IndexOrder& order, std::string first,
                                      const std::optional<std::string>& second);

}  // namespace vestibule::store
