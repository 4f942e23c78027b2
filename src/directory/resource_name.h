#pragma once
// Names that operators give to identity providers and tokens.

#include <string_view>

namespace vestibule::directory {

/// Why the name cannot be one, as the end of a sentence that begins with what has it ("is empty");
/// empty when it can. A name has 1 to 255 characters. It is part of URLs and of log lines, so it
/// has no `/` or control character and is neither `.` nor `..`; and `a` must not look like `a `.
[[nodiscard]] std::string_view faultOfName(std::string_view name);

}  // namespace vestibule::directory
