#pragma once
// What a PUT may not change, and what it leaves as it is.

#include "base/result.h"
#include "json/value.h"
#include "scim/schema/registry.h"
#include "scim/tolerance/tolerances.h"

namespace vestibule::scim {

/// Carries over into `replacement` what a client cannot write or cannot see: readOnly attributes,
/// readOnly sub-attributes of values that stay the same, and absent attributes that are immutable
/// or never returned. Both objects have canonical names. Error kMutability when an immutable
/// attribute that has a value gets another.
[[nodiscard]] Result<void> keepFromCurrent(const ResourceType& type, const json::Object& current,
                                           json::Object& replacement);

/// With the tolerance `put_absent_keep`, carries over into `replacement` every attribute that
/// `body`, as it was sent, does not name at all. Relations are the caller's business.
void keepLeftOut(const ResourceType& type, const json::Object& current, const json::Value& body,
                 Tolerating tolerating, json::Object& replacement);

}  // namespace vestibule::scim
