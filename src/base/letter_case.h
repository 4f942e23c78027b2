#pragma once
// Upper and lower case as the Unicode Standard has it, for no language in particular.

#include <string>
#include <string_view>

namespace vestibule {

/// The text in lower case. It must be valid UTF-8. O(length). Thread-safe.
[[nodiscard]] std::string lowerCase(std::string_view text);

/// The text in upper case, which may be longer: `ß` becomes `SS`. As above.
[[nodiscard]] std::string upperCase(std::string_view text);

}  // namespace vestibule
