#pragma once
// A schema document (RFC 7643 §7) → Schema.

#include "base/result.h"
#include "json/value.h"
#include "scim/schema/document_reader.h"
#include "scim/schema/registry.h"

namespace vestibule::scim {

/// Reads a schema document and checks what can be checked within it. Characteristics that are left
/// out take the defaults of RFC 7643 §2.2; caseExact of binary and reference attributes is always
/// true (§2.3.6, §2.3.7). Error kInvalidValue with the place.
[[nodiscard]] Result<Schema> readSchema(const json::Object& document, const Place& place);

}  // namespace vestibule::scim
