#pragma once
// The attributes every resource has (RFC 7643 §3, §3.1). They belong to no schema document, so they
// are code.

#include "scim/schema/registry.h"

namespace vestibule::scim {

/// `schemas`, `id`, `externalId` and `meta`, below a schema without a URN. A constant of the
/// process: every registry gives out these.
[[nodiscard]] const Schema& commonAttributes();

}  // namespace vestibule::scim
