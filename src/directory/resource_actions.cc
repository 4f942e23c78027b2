#include "directory/resource_actions.h"

#include "directory/groups.h"
#include "directory/resources.h"
#include "directory/users.h"

namespace vestibule::directory {
namespace {

using scim::Projection;
using scim::ResourceType;

constexpr ResourceActions kUserActions{
    [](const Context& context, const View& view, const ResourceType&, const json::Value& body,
       const Projection& projection) { return createUser(context, view, body, projection); },
    [](const Context& context, const View& view, const ResourceType&, std::string_view id,
       const Projection& projection, const Preconditions& preconditions) {
      return getUser(context, view, id, projection, preconditions);
    },
    [](const Context& context, const View& view, const ResourceType&, std::string_view id,
       const json::Value& body, const Projection& projection, const Preconditions& preconditions) {
      return replaceUser(context, view, id, body, projection, preconditions);
    },
    [](const Context& context, const View& view, const ResourceType&, std::string_view id,
       const json::Value& body, const Projection& projection, const Preconditions& preconditions,
       bool) { return patchUser(context, view, id, body, projection, preconditions); },
    [](const Context& context, const View& view, const ResourceType&, std::string_view id,
       const Preconditions& preconditions) {
      return deleteUser(context, view, id, preconditions);
    }};

constexpr ResourceActions kGroupActions{
    [](const Context& context, const View& view, const ResourceType&, const json::Value& body,
       const Projection& projection) { return createGroup(context, view, body, projection); },
    [](const Context& context, const View& view, const ResourceType&, std::string_view id,
       const Projection& projection, const Preconditions& preconditions) {
      return getGroup(context, view, id, projection, preconditions);
    },
    [](const Context& context, const View& view, const ResourceType&, std::string_view id,
       const json::Value& body, const Projection& projection, const Preconditions& preconditions) {
      return replaceGroup(context, view, id, body, projection, preconditions);
    },
    [](const Context& context, const View& view, const ResourceType&, std::string_view id,
       const json::Value& body, const Projection& projection, const Preconditions& preconditions,
       bool with_body) {
      return patchGroup(context, view, id, body, projection, preconditions, with_body);
    },
    [](const Context& context, const View& view, const ResourceType&, std::string_view id,
       const Preconditions& preconditions) {
      return deleteGroup(context, view, id, preconditions);
    }};

constexpr ResourceActions kOtherActions{
    createResource, getResource, replaceResource,
    [](const Context& context, const View& view, const ResourceType& type, std::string_view id,
       const json::Value& body, const Projection& projection, const Preconditions& preconditions,
       bool) { return patchResource(context, view, type, id, body, projection, preconditions); },
    deleteResource};

}  // namespace

const ResourceActions& actionsOf(const scim::ResourceType& type) {
  switch (type.kind) {
    case ResourceKind::kUser:
      return kUserActions;
    case ResourceKind::kGroup:
      return kGroupActions;
  }
  return kOtherActions;
}

}  // namespace vestibule::directory
