#pragma once
// What an operator sees of queued provisions, and does about those that are dead.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "directory/context.h"
#include "json/value.h"
#include "store/operation_store.h"

namespace vestibule::jit {

/// An operation as operators see it: whose it is and what became of it, without claims.
[[nodiscard]] json::Object describe(const store::Operation& operation);

/// `queued`, `running`, `dead` or `done`. Error kInvalidValue for anything else.
[[nodiscard]] Result<store::OperationState> parseOperationState(std::string_view text);

/// Up to `limit` operations of a state, the longest due first, behind the one with the id `after`
/// (empty: from the first). Error kInvalidValue with attribute `after` when there is none of that
/// id any more.
[[nodiscard]] Result<std::vector<store::Operation>> listOperations(
    const directory::Context& context, store::OperationState state, std::string_view after,
    std::uint64_t limit);

/// The operation of this id. Error kNotFound.
[[nodiscard]] Result<store::Operation> getOperation(const directory::Context& context,
                                                    std::string_view id);

/// Queues a dead operation as if it had never been tried, and returns it. Errors kNotFound;
/// kConflict when it is not dead, or when a later one of the same subject is done: it would put
/// back what was before.
[[nodiscard]] Result<store::Operation> retryOperation(const directory::Context& context,
                                                      std::string_view id);

/// Removes an operation that is dead or still queued. Errors kNotFound; kConflict for one that runs
/// or is done.
[[nodiscard]] Result<void> dropOperation(const directory::Context& context, std::string_view id);

}  // namespace vestibule::jit
