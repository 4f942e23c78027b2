#pragma once
// The tolerance `legacy_schema_uris`: schema URIs of SCIM drafts, as OneLogin still sends them.

#include <string_view>

#include "scim/schema/registry.h"
#include "scim/tolerance/tolerances.h"

namespace vestibule::scim {

/// The URN that a draft's URI means for the resource type, such as that of its core schema for
/// `urn:scim:schemas:core:1.0`; `uri` itself when it is none of a draft, and without the tolerance.
/// Compared without case.
[[nodiscard]] std::string_view currentSchemaUri(std::string_view uri, const ResourceType& type,
                                                Tolerating tolerating);

}  // namespace vestibule::scim
