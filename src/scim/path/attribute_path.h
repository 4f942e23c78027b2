#pragma once
// Attribute paths in filters, PATCH, sortBy and attributes (RFC 7644 §3.10): `[URN ":"] name ["."
// sub]`.

#include <string_view>

#include "base/result.h"
#include "scim/schema/registry.h"

namespace vestibule::scim {

/// Finds the attribute that `path` names on `type`. Names and URNs are compared without case. A
/// bare extension URN is not an attribute and is refused here. Error `on_error` (kInvalidPath in
/// PATCH, kInvalidFilter in filters) for a malformed path, an unknown attribute or sub-attribute,
/// or a URN that is not of the type.
[[nodiscard]] Result<AttributeRef> resolveAttribute(const Registry& registry,
                                                    const ResourceType& type, std::string_view path,
                                                    ErrorKind on_error);

}  // namespace vestibule::scim
