#pragma once
// The grammar of filters (RFC 7644 §3.4.2.2, Figure 1): text → syntax tree. Nothing is known about
// attributes here.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "scim/filter/filter.h"

namespace vestibule::scim {

/// The right side of a comparison.
struct FilterLiteral {
  std::optional<json::Value> value;  ///< nothing when the text is no JSON value, as in `eq jyoung`
  std::string bare;  ///< the text of a literal that stands without quotes, else empty
  std::size_t position = 0;
};

/// `path op literal`, or `path pr`.
struct SyntaxTerm {
  std::string path;
  std::size_t position = 0;
  std::optional<CompareOp> op;  ///< nothing means `pr`
  FilterLiteral literal;
};
struct SyntaxAnd {
  std::vector<NodeIndex> children;
};
struct SyntaxOr {
  std::vector<NodeIndex> children;
};
struct SyntaxNot {
  NodeIndex child = 0;
};
/// `path[child]`, and with Entra's `path[child].sub op literal` the term behind it, whose path is
/// `sub`.
struct SyntaxValuePath {
  std::string path;
  std::size_t position = 0;
  NodeIndex child = 0;
  std::optional<SyntaxTerm> behind;
};

using SyntaxNode = std::variant<SyntaxTerm, SyntaxAnd, SyntaxOr, SyntaxNot, SyntaxValuePath>;

/// A filter that is grammatical.
struct FilterSyntax {
  std::vector<SyntaxNode> nodes;
  NodeIndex root = 0;
};

/// Parses a filter, or with `inside_value_path` the inside of `attribute[…]`, where no further `[`
/// may stand. Operators and keywords in any case, `not` binds before `and` before `or`. Error
/// kInvalidFilter with the position and what was expected. Stack use is bounded by `limits.depth`.
/// O(size).
[[nodiscard]] Result<FilterSyntax> parseFilterSyntax(std::string_view text, bool inside_value_path,
                                                     const FilterLimits& limits);

}  // namespace vestibule::scim
