#pragma once
// The bounds: each operation as nothing but its SQL, through SOCI with reused statements, one round
// trip a statement.

#include <memory>
#include <string>

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

/// Prepares the operation on a connection. `thread` decides the random sequence; `signing_key`
/// is the file of the key for logins by ID token. Errors of the workbench; throws
/// std::runtime_error when the key cannot be read.
[[nodiscard]] Result<std::unique_ptr<BoundOperation>> makeBound(Operation operation,
                                                                const Workbench& bench,
                                                                store::Session& session,
                                                                Choice& choice, unsigned thread,
                                                                const std::string& signing_key);

}  // namespace vestibule::bench
