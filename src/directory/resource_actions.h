#pragma once
// The use cases on resources, the same for each type: what the endpoints and bulk requests call.

#include <string_view>

#include "base/result.h"
#include "directory/context.h"
#include "json/value.h"
#include "scim/resource/project.h"
#include "scim/schema/registry.h"

namespace vestibule::directory {

/// What can be done with resources of a type. Promises and errors are those of the functions in
/// users.h, groups.h and resources.h.
struct ResourceActions {
  Result<Rendered> (*create)(const Context&, const View&, const scim::ResourceType&,
                             const json::Value& body, const scim::Projection&);
  Result<Rendered> (*get)(const Context&, const View&, const scim::ResourceType&,
                          std::string_view id, const scim::Projection&, const Preconditions&);
  Result<Rendered> (*replace)(const Context&, const View&, const scim::ResourceType&,
                              std::string_view id, const json::Value& body, const scim::Projection&,
                              const Preconditions&);
  /// A group is answered without a body unless `with_body`; others always have one.
  Result<Rendered> (*patch)(const Context&, const View&, const scim::ResourceType&,
                            std::string_view id, const json::Value& body, const scim::Projection&,
                            const Preconditions&, bool with_body);
  Result<void> (*remove)(const Context&, const View&, const scim::ResourceType&,
                         std::string_view id, const Preconditions&);
};

/// The actions of the type.
[[nodiscard]] const ResourceActions& actionsOf(const scim::ResourceType& type);

}  // namespace vestibule::directory
