#pragma once
// What a backslash and the letters behind it stand for in the patterns of Java and JavaScript. For
// policy/pattern_translation.cc.

#include <variant>

#include "policy/character_sets.h"
#include "policy/pattern_reader.h"

namespace vestibule::policy {

/// One character, or a set of them.
using EscapeMeaning = std::variant<char32_t, CodeSet, Property>;

/// Reads an escape whose backslash comes next, one that means the same in and outside of a class.
/// False once the reader has a fault.
[[nodiscard]] bool readEscape(PatternReader& in, EscapeMeaning& meaning);

}  // namespace vestibule::policy
