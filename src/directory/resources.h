#pragma once
// The use cases on resources of the types that schema files add. What those files say is all that
// is known of them.

#include <string_view>

#include "base/result.h"
#include "directory/context.h"
#include "json/value.h"
#include "scim/resource/project.h"
#include "scim/schema/registry.h"
#include "store/user_store.h"

namespace vestibule::directory {

/// Creates a resource (RFC 7644 §3.3) in the domain that its name says or, where the type names no
/// attribute, in the one domain that the view narrows to, else in PRIMARY. Errors: those of
/// validation, kInvalidValue (a name that is too long or of no domain), kUniqueness, kReadOnly,
/// kUnavailable.
[[nodiscard]] Result<Rendered> createResource(const Context& context, const View& view,
                                              const scim::ResourceType& type,
                                              const json::Value& body,
                                              const scim::Projection& projection);

/// Reads a resource (§3.4.1). One query. Error kNotFound.
[[nodiscard]] Result<Rendered> getResource(const Context& context, const View& view,
                                           const scim::ResourceType& type, std::string_view id,
                                           const scim::Projection& projection,
                                           const Preconditions& preconditions);

/// Replaces a resource (§3.5.1). An unchanged one keeps version and date. Errors as create,
/// kNotFound, kVersionMismatch, kMutability.
[[nodiscard]] Result<Rendered> replaceResource(const Context& context, const View& view,
                                               const scim::ResourceType& type, std::string_view id,
                                               const json::Value& body,
                                               const scim::Projection& projection,
                                               const Preconditions& preconditions);

/// Changes a resource (§3.5.2), all or nothing. Errors as replace, and those of PATCH.
[[nodiscard]] Result<Rendered> patchResource(const Context& context, const View& view,
                                             const scim::ResourceType& type, std::string_view id,
                                             const json::Value& body,
                                             const scim::Projection& projection,
                                             const Preconditions& preconditions);

/// Deletes a resource (§3.6). Errors kNotFound, kVersionMismatch, kReadOnly.
[[nodiscard]] Result<void> deleteResource(const Context& context, const View& view,
                                          const scim::ResourceType& type, std::string_view id,
                                          const Preconditions& preconditions);

/// A stored resource as a response in this view. Error kInternal when the database holds something
/// else than a resource, which only a projection has to notice.
[[nodiscard]] Result<Rendered> renderResource(const View& view, const scim::ResourceType& type,
                                              const Domain& domain,
                                              const store::StoredResource& resource,
                                              const scim::Projection& projection);

}  // namespace vestibule::directory
