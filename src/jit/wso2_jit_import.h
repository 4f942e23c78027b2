#pragma once
// The section `provisioning.jit` of WSO2's identity providers. Private to jit/.

#include <string>

#include "jit/wso2_claim_import.h"
#include "jit/wso2_import_notes.h"
#include "json/value.h"
#include "scim/schema/registry.h"

namespace vestibule::jit {

/// Reads the section at `jit` and gives our `jit`. `scheme`: what it is here; empty: as there.
[[nodiscard]] json::Object importWso2Jit(scim::Fields& jit, const json::Object& source,
                                         const ImportedClaims& claims, const std::string& scheme,
                                         const scim::Registry& registry,
                                         const scim::ResourceType& user_type, ImportNotes& notes);

}  // namespace vestibule::jit
