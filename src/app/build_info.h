#pragma once
// Of what the program was built.

#include <string_view>

namespace vestibule::app {

/// Lines of `name: value`: commit, compiler, build type, and the libraries it was built against,
/// each with its version. The same for the same sources, tools and libraries: no time is in it.
[[nodiscard]] std::string_view buildInfo();

}  // namespace vestibule::app
