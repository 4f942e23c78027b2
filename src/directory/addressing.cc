#include "directory/addressing.h"

#include "base/unicode.h"

namespace vestibule::directory {

Result<Target> findTarget(const View& view, const scim::ResourceType& type, ResourceKind kind,
                          std::string_view id) {
  const auto parsed = ResourceId::parse(id);
  const auto* domain = parsed && parsed->kind() == kind ? view.domainOf(*parsed) : nullptr;
  if (domain == nullptr) return notFound(type);
  return Target{domain, *parsed};
}

tl::unexpected<Error> notFound(const scim::ResourceType& type) {
  return failure(ErrorKind::kNotFound, "there is no such " + lowerAscii(type.name));
}

Result<const Domain*> localiseName(const View& view, const scim::ResourceType& type,
                                   json::Object& attributes) {
  const auto& naming = type.naming_attribute->name;
  auto* name = attributes.find(naming);
  if (name == nullptr || !name->isString()) {
    return failure(ErrorKind::kInvalidValue, naming + " is required", naming);
  }
  auto local = view.resolveName(*name->string(), naming);
  if (!local) return propagate(local);
  *name = json::Value(std::move(local->name));
  return local->domain;
}

Result<void> localiseNameWithin(const View& view, const scim::ResourceType& type,
                                const Domain& domain, json::Object& attributes) {
  auto named = localiseName(view, type, attributes);
  if (!named) return propagate(named);
  if (*named == &domain) return {};
  return failure(ErrorKind::kMutability,
                 "a " + lowerAscii(type.name) + " cannot move to another domain",
                 type.naming_attribute->name);
}

bool isRenamed(const scim::ResourceType& type, const json::Object& before,
               const json::Object& after) {
  const auto* name_before = before.find(type.naming_attribute->name);
  const auto* name_after = after.find(type.naming_attribute->name);
  return name_before == nullptr || name_after == nullptr || !(*name_before == *name_after);
}

}  // namespace vestibule::directory
