#pragma once
// White space around a text.

#include <string_view>

namespace vestibule {

/// `text` without spaces, tabs, CR and LF at its ends. O(length). Thread-safe.
[[nodiscard]] std::string_view trimmed(std::string_view text);

}  // namespace vestibule
