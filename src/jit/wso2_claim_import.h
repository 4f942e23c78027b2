#pragma once
// The sections `claims` and `roles` of WSO2's identity providers. Private to jit/.

#include <string>

#include "jit/wso2_import_notes.h"
#include "json/value.h"
#include "scim/schema/registry.h"

namespace vestibule::jit {

/// What the other sections need to know of the claims.
struct ImportedClaims {
  json::Object section;  ///< our `claims`
  std::string email;     ///< the claim that WSO2 compares when it links without rules; may be empty
  bool has_roles = false;
};

/// Reads the section at `claims`; what has another shape is noted there.
[[nodiscard]] ImportedClaims importWso2Claims(scim::Fields& claims, const json::Object& source,
                                              const scim::Registry& registry,
                                              const scim::ResourceType& user_type,
                                              ImportNotes& notes);

/// Reads the section at `roles` and gives our `roles`.
[[nodiscard]] json::Object importWso2Roles(scim::Fields& roles, const json::Object& source,
                                           bool has_role_claim, ImportNotes& notes);

}  // namespace vestibule::jit
