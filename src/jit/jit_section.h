#pragma once
// The section `jit` of an identity provider's settings.

#include "jit/identity_provider.h"
#include "json/value.h"
#include "scim/schema/document_reader.h"
#include "scim/schema/registry.h"

namespace vestibule::jit {

/// What the section is read with.
struct JitSectionContext {
  const scim::Registry& registry;
  const scim::ResourceType& user_type;
};

/// Reads the section into `provider`, whose section `claims` has been read, and gives its canonical
/// form, with every default written out. What is wrong is noted in `fields`.
[[nodiscard]] json::Object readJitSection(scim::Fields& fields, const JitSectionContext& context,
                                          IdentityProvider& provider);

}  // namespace vestibule::jit
