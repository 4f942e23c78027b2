#pragma once
// JSON text from values. Output is always valid UTF-8 and compact.

#include <string>
#include <string_view>

#include "json/value.h"

namespace vestibule::json {

/// The compact text of the value.
[[nodiscard]] std::string write(const Value& value);

/// Appends the compact text of the value.
void append(std::string& out, const Value& value);

/// Appends `text` as a JSON string with its quotes. Invalid UTF-8 is replaced by U+FFFD, so that no
/// answer is ever malformed, whatever the database holds.
void appendString(std::string& out, std::string_view text);

/// The text indented by two spaces, for people.
[[nodiscard]] std::string writePretty(const Value& value);

}  // namespace vestibule::json
