#pragma once
// JSON Merge Patch (RFC 7396).

#include "json/value.h"

namespace vestibule::json {

/// Applies `patch` to `target`: members that are null in the patch are removed, objects are merged,
/// everything else replaces. Depth is that of the patch, which `parse` has limited.
void mergePatch(Value& target, const Value& patch);

}  // namespace vestibule::json
