#pragma once
// Documents that people write: TOML or JSON in a file, JSON inside.

#include <filesystem>

#include "base/result.h"
#include "json/value.h"

namespace vestibule::app {

/// Reads a `.toml` file as the JSON document it stands for, and any other file as JSON. Dates
/// become text. Error kInvalidValue for the operator with file, line and
/// column.
[[nodiscard]] Result<json::Value> readDocument(const std::filesystem::path& path);

}  // namespace vestibule::app
