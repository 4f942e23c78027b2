#pragma once
// Rules on the elements of a multi-valued attribute.

#include "base/result.h"
#include "json/value.h"
#include "scim/schema/attribute.h"

namespace vestibule::scim {

/// Removes elements that repeat an earlier one: the same `type` and `value` of a complex attribute
/// that has a `value` (RFC 7643 §2.4), else the same whole. The one that stays becomes primary when
/// a removed one was. Values that are no canonical ones compare as whole values. O(n log n).
void removeRepeated(const Attribute& attribute, json::Array& elements);

/// Error kInvalidValue, naming `path`, when more than one element is `primary: true` (RFC 7643
/// §2.4).
[[nodiscard]] Result<void> checkOnePrimary(const Attribute& attribute, const json::Array& elements,
                                           const std::string& path);

/// The value of a sub-attribute in one element, or null. An absent `primary` is false (RFC 7643
/// §2.4).
[[nodiscard]] const json::Value* partOf(const Attribute& sub, const json::Value& element);

}  // namespace vestibule::scim
