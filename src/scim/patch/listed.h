#pragma once
// `remove` with a list of values, which the RFC does not know and Entra sends (F27).

#include "base/result.h"
#include "json/value.h"
#include "scim/patch/element.h"

namespace vestibule::scim {

/// Removes the elements that `values`, one or an array as sent, list, and no others. An element is
/// listed when it has every sub-attribute that an entry states. Entries that no element has are
/// fine. Error kInvalidValue for an entry that states nothing (so that nothing said never means
/// every element) or a wrong type, kTooMany.
[[nodiscard]] Result<void> removeListed(PatchContext& context, const AttributeRef& attribute,
                                        const json::Value& values, json::Array& elements);

}  // namespace vestibule::scim
