#pragma once
// Paths of PATCH operations (RFC 7644 §3.5.2, Figure 7): attribute, attribute.sub,
// attribute[filter], attribute[filter].sub, or a schema's URN alone.

#include <optional>
#include <string_view>

#include "base/result.h"
#include "scim/filter/filter.h"
#include "scim/schema/registry.h"
#include "scim/tolerance/tolerances.h"

namespace vestibule::scim {

/// A path with its parts bound. Either `whole` or `attribute` is set.
struct PatchPath {
  const Schema* whole =
      nullptr;  ///< the path is the URN of the type's schema or of an extension, nothing else
  AttributeRef attribute;
  std::optional<BoundFilter> selection;
};

/// Reads a path. Error kInvalidPath for anything that is none, for an unknown attribute, for `[…]`
/// behind an attribute without elements, and for a sub-attribute of all elements at once
/// (`emails.value`), which the RFC gives no meaning; kInvalidFilter for the inside of `[…]`.
[[nodiscard]] Result<PatchPath> parsePatchPath(const Registry& registry, const ResourceType& type,
                                               std::string_view text, Tolerating tolerating = {});

}  // namespace vestibule::scim
