#pragma once
// The one place where JSON from outside is read. Strict: what two parsers could read in two ways is
// refused.

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "json/value.h"

namespace vestibule::json {

/// What a document may be at most.
struct Limits {
  std::size_t depth = 24;          ///< arrays and objects inside one another
  std::size_t members = 1'000;     ///< members of one object
  std::size_t elements = 200'000;  ///< values in the whole document
};

/// Parses one document. Error kInvalidSyntax (with the byte offset in the text) for: anything that
/// is not exactly one JSON value in valid UTF-8 (RFC 8259), a byte order mark, bytes after the
/// value, a lone surrogate, U+0000 in any form, two keys of one object that are equal after case
/// folding, a number beyond the range of a double. Error kPayloadTooLarge when a limit is passed.
/// Numbers keep their text. Stack use does not depend on the input. Thread-safe. O(size), and O(m
/// log m) for the keys of an object of m members. `refused_at`, when given, receives the byte
/// offset of an error, for those who tell lines.
[[nodiscard]] Result<Value> parse(std::string_view text, const Limits& limits = {},
                                  std::size_t* refused_at = nullptr);

}  // namespace vestibule::json
