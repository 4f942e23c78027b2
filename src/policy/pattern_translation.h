#pragma once
// From the regular expressions of Java and JavaScript to ones that mean the same to PCRE2. For
// policy/pattern.cc.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "policy/pattern.h"

namespace vestibule::policy {

/// A pattern in PCRE2's words, and where each piece of it came from.
struct Translation {
  std::string text;
  /// Pairs of (offset in `text`, offset in the original), both rising.
  std::vector<std::pair<std::size_t, std::size_t>> origins;

  /// The offset in the original of what stands at this offset of `text`. O(log n).
  [[nodiscard]] std::size_t originOf(std::size_t offset) const;
};

/// Error kInvalidValue (POL-1020) for a pattern that is not used, and why.
[[nodiscard]] tl::unexpected<Error> malformedPattern(std::size_t offset, std::string_view reason);

/// Translates the pattern, which must be valid UTF-8. What PCRE2 reads as the dialect does is
/// handed on; `.`, `\s` and the like, whose meaning differs, become explicit sets; what only PCRE2
/// understands, or understands differently, is refused with `malformedPattern`. Whether brackets
/// match and names exist is left to PCRE2. O(size).
[[nodiscard]] Result<Translation> translatePattern(std::string_view pattern, Dialect dialect);

}  // namespace vestibule::policy
