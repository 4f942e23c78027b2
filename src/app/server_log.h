#pragma once
// What a MariaDB says about itself.

#include <cstdint>
#include <filesystem>
#include <string>

namespace vestibule::app {

/// The last three errors that MariaDB programs have written to the file from byte `start` on, as
/// one line that is safe to log; empty when there is none, or no file.
[[nodiscard]] std::string loggedErrors(const std::filesystem::path& log, std::uintmax_t start);

}  // namespace vestibule::app
