#pragma once
// What an error number of the server or the client library means to us. Private to store/.

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/session.h"

namespace vestibule::store {

/// An error number in our terms.
struct DatabaseError {
  Failure failure = Failure::kOther;
  bool session_unusable =
      false;    ///< the session must be closed: it is lost, or its server takes no more writes
  Error error;  ///< `internal` is the number and the message without values
};

/// Classifies an error. `committing`: losing the session now leaves open whether the change was
/// made.
[[nodiscard]] DatabaseError classifyError(unsigned number, std::string_view message,
                                          bool committing);

/// The server's message without the values it may repeat.
[[nodiscard]] std::string maskValues(unsigned number, std::string_view message);

/// The unique key that a message of error 1062 names, without its table; empty when it names none.
[[nodiscard]] std::string duplicateKeyOf(std::string_view message);

}  // namespace vestibule::store
