#pragma once
// The order in which the operations of a bulk request are run (RFC 7644 §3.7.1, §3.7.2).

#include <cstddef>
#include <vector>

#include "scim/bulk/request.h"

namespace vestibule::scim {

/// Operations, by their place in the request, that succeed or fail together: one alone, or POSTs
/// that refer to each other in a circle.
struct BulkStep {
  /// In the order of their running. In a circle each may refer to later ones (and to itself) only
  /// by values that can wait until those have been created.
  std::vector<std::size_t> operations;
  /// False for a circle in which there is no such order.
  bool possible = true;
};

/// The steps of a request: the order of the request, but that whatever an operation refers to comes
/// before it, wherever it stands. Every operation is in one step. References to bulkIds that no
/// POST has are left to whoever runs the operation. O(operations + references), without recursion.
[[nodiscard]] std::vector<BulkStep> planBulk(const std::vector<BulkOperation>& operations);

}  // namespace vestibule::scim
