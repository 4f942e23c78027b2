#pragma once
// Keys that every process on one database has to share.

#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "store/database.h"

namespace vestibule::store {

/// The secret of this name, 32 random bytes: made the first time that any process asks. Of several
/// that ask at once all get the same one. Error kUnavailable when it is sealed under a key that the
/// database was not opened with.
[[nodiscard]] Result<Secret> sharedSecret(Database& database, const std::string& name);

}  // namespace vestibule::store
