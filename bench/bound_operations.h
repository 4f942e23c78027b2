#pragma once
// The bounds: each operation as nothing but its SQL, through SOCI with reused statements, one round
// trip a statement.

#include <memory>

#include "operations.h"
#include "store/session.h"
#include "workbench.h"

namespace vestibule::bench {

/// What one connection does over and over.
class BoundOperation {
 public:
  virtual ~BoundOperation() = default;
  /// Runs it once. False when there is nothing left to do. Throws what SOCI throws, and
  /// std::runtime_error when the database did not hold what it should.
  virtual bool run() = 0;
};

/// Prepares the operation on a connection. `thread` decides the random sequence. Errors of the
/// workbench.
[[nodiscard]] Result<std::unique_ptr<BoundOperation>> makeBound(Operation operation,
                                                                const Workbench& bench,
                                                                store::Session& session,
                                                                Choice& choice, unsigned thread);

}  // namespace vestibule::bench
