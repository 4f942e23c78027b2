#pragma once
// Which attribute a unique index stands for. Private to store/.

#include "base/result.h"
#include "store/session.h"

namespace vestibule::store {

/// The error of a write with the attribute that is taken, where it was refused for a duplicate:
/// `userName`, `displayName` or `subject`. Other errors as they are.
[[nodiscard]] Error nameDuplicate(const Session& session, Error error);

}  // namespace vestibule::store
