#pragma once
// The file with the keys that secrets are sealed with before they are stored.

#include <memory>
#include <optional>
#include <string>

#include "app/config.h"
#include "base/result.h"
#include "base/secret_keys.h"

namespace vestibule::app {

/// The keys of `database.secret_key_file`; none where it is empty. Errors for the operator:
/// kNotFound for a file that cannot be read, kInvalidValue for one that is no file of keys or has
/// more than 64 KiB.
[[nodiscard]] Result<std::shared_ptr<const SecretKeys>> readSecretKeys(const Config& config);

/// What the operator should know of the file, which is used all the same: that everybody may read
/// it.
[[nodiscard]] std::optional<std::string> adviceOnSecretKeys(const Config& config);

}  // namespace vestibule::app
