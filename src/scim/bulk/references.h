#pragma once
// References of one bulk operation to resources that others of the same request create: `bulkId:…`
// where an id stands (RFC 7644 §3.7.2).

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "scim/bulk/request.h"

namespace vestibule::scim {

struct BulkReference {
  std::string bulk_id;
  std::string place;  ///< the members that lead to it, such as `members.value`, or `path`
  /// True when the operation is a POST that can be run without this value: no required attribute
  /// holds it.
  bool can_wait = false;
};

/// Every reference of the operation: in `path`, in any text of `data` that is `bulkId:` and more,
/// and in a `$ref` whose last segment is. O(size of the data).
[[nodiscard]] std::vector<BulkReference> bulkReferences(const BulkOperation& operation);

/// What stands behind a bulkId; empty when that is not known.
using BulkLookup = std::function<std::string_view(std::string_view bulk_id)>;

/// Puts ids in the place of all references that the lookup knows.
void resolveReferences(BulkOperation& operation, const BulkLookup& id_of);

/// Takes what refers to one of `bulk_ids` out of the data of a POST: whole attributes, and single
/// elements of multi-valued ones. Returns it in the form of a resource, as a path-less PATCH "add"
/// wants it; empty when there was nothing.
[[nodiscard]] json::Object takeReferring(BulkOperation& operation,
                                         const std::set<std::string, std::less<>>& bulk_ids);

}  // namespace vestibule::scim
