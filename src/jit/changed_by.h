#pragma once
// Who changes settings, as their history shows it.

#include <string_view>

namespace vestibule::jit {

/// The operator at the command line. Others say `token:` and the name of their API token.
inline constexpr std::string_view kByCommandLine = "cli";

}  // namespace vestibule::jit
