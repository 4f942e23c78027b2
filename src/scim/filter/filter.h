#pragma once
// Filters (RFC 7644 §3.4.2.2): text → parsed and bound to a resource type → evaluated here, or read
// by store/filter_sql. Only bound filters leave this room: paths are resolved, literals typed, and
// attributes that are never returned are refused.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "scim/schema/registry.h"
#include "scim/tolerance/tolerances.h"

namespace vestibule::scim {

enum class CompareOp : std::uint8_t { kEq, kNe, kCo, kSw, kEw, kGt, kGe, kLt, kLe };

/// Nodes refer to each other by their place in `BoundFilter::nodes`, so that neither copying nor
/// destruction recurses.
using NodeIndex = std::uint32_t;

/// `attribute op literal`. Below a `ValuePath`, `attribute.attribute` is the value path's attribute
/// and `attribute.sub` the sub-attribute; `sub` is null for an attribute of simple values, where
/// the client wrote `value`.
///
/// Over several values any one may satisfy the comparison. `ne` also holds when there is no value
/// at all.
struct Comparison {
  AttributeRef attribute;
  CompareOp op = CompareOp::kEq;
  /// The literal's comparison key (scim/schema/comparison_key.h); for `co`, `sw` and `ew` the piece
  /// to look for in keys.
  std::string key;
  json::Value literal;  ///< as the attribute's type takes it: a string also where the client left
                        ///< the quotes out
};
/// `attribute pr`: some value is not empty. `eq null` becomes `not pr`.
struct Present {
  AttributeRef attribute;
};
struct And {
  std::vector<NodeIndex> children;
};
struct Or {
  std::vector<NodeIndex> children;
};
struct Not {
  NodeIndex child = 0;
};
/// `attribute[…]`: some one element satisfies `child`, whose attributes are sub-attributes of
/// `attribute`. A single-valued complex attribute counts as its only element. Value paths are never
/// nested.
struct ValuePath {
  AttributeRef attribute;
  NodeIndex child = 0;
};

using FilterNode = std::variant<Comparison, Present, And, Or, Not, ValuePath>;

/// A filter that is known to make sense for its resource type.
struct BoundFilter {
  std::vector<FilterNode> nodes;
  NodeIndex root = 0;
  AttributeRef
      elements_of;  ///< of a value filter: the attribute whose elements it selects; else empty
};

/// What a filter may be at most; beyond it is kInvalidFilter.
struct FilterLimits {
  std::size_t bytes = 8'192;
  std::size_t depth = 32;
  std::size_t terms = 200;
};

/// Parses and binds. Error kInvalidFilter with the position for: bad grammar, a limit passed, an
/// unknown attribute, an operator that the attribute's type does not have, a literal of the wrong
/// type, an attribute that is never returned. Accepts Entra's `emails[type eq "work"].value eq
/// "x"`. A multi-valued complex attribute named bare means its `value`. The registry must outlive
/// the result.
[[nodiscard]] Result<BoundFilter> parseFilter(const Registry& registry, const ResourceType& type,
                                              std::string_view text,
                                              const FilterLimits& limits = {},
                                              Tolerating tolerating = {});

/// The same for a search over several resource types (RFC 7644 §3.4.2.1): an attribute that `type`
/// does not have counts as having no value, so that `ne` holds and everything else does not. The
/// paths of such attributes are added to `unknown`; that some type knows each is for the caller to
/// see to.
[[nodiscard]] Result<BoundFilter> parseFilterOfSeveral(
    const Registry& registry, const ResourceType& type, std::string_view text,
    std::vector<std::string>& unknown, const FilterLimits& limits = {}, Tolerating tolerating = {});

/// Parses and binds the inside of a value path, such as `type eq "work"` in `emails[…]`: names are
/// sub-attributes of `attribute`.
[[nodiscard]] Result<BoundFilter> parseValueFilter(const AttributeRef& attribute,
                                                   std::string_view text,
                                                   const FilterLimits& limits = {},
                                                   Tolerating tolerating = {});

/// True when `key op literal` holds, both being comparison keys.
[[nodiscard]] bool holds(CompareOp op, std::string_view key, std::string_view literal);

/// True when the resource (canonical form, with `id`, `meta` and relations filled in where the
/// filter asks for them) satisfies the filter. Never fails: values of the wrong type have no key
/// and do not match.
[[nodiscard]] bool evaluate(const BoundFilter& filter, const json::Object& resource);

/// The filter as text, with parentheses wherever `and` and `or` meet (so that it may be a little
/// deeper than what was parsed). `parseFilter` of it has the same meaning, and so has
/// `parseValueFilter` of a bound value filter. The values the client compared with are in it.
[[nodiscard]] std::string printFilter(const BoundFilter& filter);

/// True when the element of a multi-valued attribute satisfies a value filter. Elements that are
/// simple values answer as `value`.
[[nodiscard]] bool evaluateElement(const BoundFilter& value_filter, const json::Value& element);

}  // namespace vestibule::scim
