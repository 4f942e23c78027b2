#pragma once
// From what a client writes in a URL or a name to a resource of a domain.

#include <functional>
#include <string_view>

#include "base/resource_id.h"
#include "base/result.h"
#include "directory/context.h"
#include "json/value.h"
#include "scim/patch/patch.h"
#include "scim/schema/registry.h"

namespace vestibule::directory {

/// A resource that a view shows.
struct Target {
  const Domain* domain = nullptr;
  ResourceId id;
};

/// The resource of `type` with this id. Error kNotFound for text that is no id or not spelt as ids
/// are (they are caseExact), an id of another kind, and one of a domain that the view does not
/// show: a client cannot tell these apart. Whether it exists is for the database to say.
[[nodiscard]] Result<Target> findTarget(const View& view, const scim::ResourceType& type,
                                        ResourceKind kind, std::string_view id);

/// The error of a resource that does not exist.
[[nodiscard]] tl::unexpected<Error> notFound(const scim::ResourceType& type);

/// Puts the bare name in place of what the client wrote in the naming attribute, and returns the
/// domain that it named. Errors as View::resolveName, and kInvalidValue when there is no name.
[[nodiscard]] Result<const Domain*> localiseName(const View& view, const scim::ResourceType& type,
                                                 json::Object& attributes);

/// The same for a resource that exists: error kMutability when the name is of another domain than
/// `domain`.
[[nodiscard]] Result<void> localiseNameWithin(const View& view, const scim::ResourceType& type,
                                              const Domain& domain, json::Object& attributes);

/// Applies `edit` to the attributes as a client of the view sees them, with the domain in front of
/// the name where it shows one, and returns the result with the bare name. Errors: those of `edit`,
/// and of localiseNameWithin when it wrote another name.
[[nodiscard]] Result<json::Object> editAsShown(
    const View& view, const scim::ResourceType& type, const Domain& domain,
    const json::Object& attributes,
    const std::function<Result<json::Object>(const json::Object&)>& edit);

/// True when the naming attribute differs. False for a type that has none.
[[nodiscard]] bool isRenamed(const scim::ResourceType& type, const json::Object& before,
                             const json::Object& after);

/// The projection of an answer to a write, which also shows what of it is returned on request (RFC
/// 7643 §7).
[[nodiscard]] scim::Projection answering(const scim::ResourceType& type,
                                         const scim::Projection& asked, const json::Value& body);
[[nodiscard]] scim::Projection answering(const scim::ResourceType& type,
                                         const scim::Projection& asked,
                                         const std::vector<scim::PatchOperation>& operations);

}  // namespace vestibule::directory
