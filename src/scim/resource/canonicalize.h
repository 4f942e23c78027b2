#pragma once
// One value → canonical form, with a note of what was left out.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "scim/resource/validate.h"

namespace vestibule::scim {

/// How values are read.
struct ValueRules {
  Tolerating tolerating;
  const ResourceLimits& limits;
  bool bare_value_is_list =
      false;  ///< one value where a list belongs is a list of one (PATCH, claims)
  std::vector<std::string>* dropped =
      nullptr;  ///< names of unknown sub-attributes go here, when set
};

/// As `canonicalValue` (scim/resource/validate.h).
[[nodiscard]] Result<json::Value> canonicalize(const AttributeRef& attribute,
                                               const json::Value& value, const ValueRules& rules);

/// What becomes of a name that no schema knows: noted, or error kInvalidSyntax without the
/// tolerance, and always for a name outside ASCII. `prefix` is the path of the holder.
[[nodiscard]] Result<void> meetUnknownName(const std::string& prefix, std::string_view name,
                                           const ValueRules& rules);

}  // namespace vestibule::scim
