#pragma once
// The named sets of characters of Java and JavaScript patterns. For policy/pattern_translation.cc
// and policy/pattern_escape.cc.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "policy/pattern.h"

namespace vestibule::policy {

/// Code points from `first` to `last`.
struct CodeRange {
  char32_t first;
  char32_t last;
};

/// A set as rising ranges that do not touch.
using CodeSet = std::vector<CodeRange>;

inline constexpr char32_t kLastCodePoint = 0x10FFFF;

/// All code points that are not in the set.
[[nodiscard]] CodeSet complementOf(const CodeSet& set);

/// The set of `\d`, `\s`, `\w`, and of `\h` and `\v` in Java, by its lower-case letter; null for
/// any other letter.
[[nodiscard]] const CodeSet* findEscapeSet(char letter, Dialect dialect);

/// What `.` does not match.
[[nodiscard]] const CodeSet& lineTerminators(Dialect dialect);

/// A property PCRE2 knows under this name, or the opposite of it.
struct Property {
  std::string name;
  bool negated = false;
};

/// What stands between the braces of `\p{…}`; nothing for a name that the dialect or PCRE2 lacks.
[[nodiscard]] std::optional<std::variant<CodeSet, Property>> findProperty(std::string_view name,
                                                                          Dialect dialect);

}  // namespace vestibule::policy
