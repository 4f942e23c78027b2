#pragma once
// PATCH on multi-valued attributes: with and without a `[filter]`.

#include "base/result.h"
#include "json/value.h"
#include "scim/patch/element.h"
#include "scim/patch/patch.h"

namespace vestibule::scim {

/// Applies one operation to the elements of its attribute, in place; after an error they are in no
/// useful state. `elements` is canonical and stays so. Errors: kNoTarget, kMutability,
/// kInvalidValue, kTooMany, kPayloadTooLarge.
[[nodiscard]] Result<void> patchElements(PatchContext& context, const PatchOperation& operation,
                                         json::Array& elements);

}  // namespace vestibule::scim
