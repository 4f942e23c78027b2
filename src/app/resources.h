#pragma once
// Where the files are that the program needs: schemas, migrations, and the pages of prompts.

#include <filesystem>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scim/schema/registry.h"

namespace vestibule::app {

/// The folder `name` (`scim-schemas`, `sql`, `web`) of this installation: below
/// `../share/vestibule` of the program, wherever that is. In a build tree links to the sources
/// stand there (cmake/Install.cmake). Error kNotFound for the operator.
[[nodiscard]] Result<std::filesystem::path> resourceFolder(std::string_view name);

/// The content of a file. Error kNotFound for the operator.
[[nodiscard]] Result<std::string> readFile(const std::filesystem::path& path);

/// Every `*.json` of the folder and its `resource-types` folder, by name. Error for the operator
/// when there is none.
[[nodiscard]] Result<std::vector<scim::SchemaFile>> readSchemaFiles(
    const std::filesystem::path& folder);

}  // namespace vestibule::app
