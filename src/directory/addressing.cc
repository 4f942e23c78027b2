#include "directory/addressing.h"

#include "base/unicode.h"

namespace vestibule::directory {

Result<Target> findTarget(const View& view, const scim::ResourceType& type, ResourceKind kind,
                          std::string_view id) {
  const auto parsed = ResourceId::parse(id);
  // In another case it would not be the `id` that a filter finds (RFC 7643 §3.1: caseExact).
  const bool exact = parsed && parsed->kind() == kind && parsed->text() == id;
  const auto* domain = exact ? view.domainOf(*parsed) : nullptr;
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

Result<json::Object> editAsShown(
    const View& view, const scim::ResourceType& type, const Domain& domain,
    const json::Object& attributes,
    const std::function<Result<json::Object>(const json::Object&)>& edit) {
  if (type.naming_attribute == nullptr) return edit(attributes);
  const auto prefix = view.namingPrefix(domain);
  json::Object shown = attributes;
  auto* name = shown.find(type.naming_attribute->name);
  if (name != nullptr && name->isString()) name->string()->insert(0, prefix);
  auto edited = edit(shown);
  if (!edited) return propagate(edited);
  if (isRenamed(type, shown, *edited)) {
    if (auto named = localiseNameWithin(view, type, domain, *edited); !named) {
      return propagate(named);
    }
  } else {
    edited->find(type.naming_attribute->name)->string()->erase(0, prefix.size());
  }
  return edited;
}

bool isRenamed(const scim::ResourceType& type, const json::Object& before,
               const json::Object& after) {
  if (type.naming_attribute == nullptr) return false;
  const auto* name_before = before.find(type.naming_attribute->name);
  const auto* name_after = after.find(type.naming_attribute->name);
  return name_before == nullptr || name_after == nullptr || !(*name_before == *name_after);
}

scim::Projection answering(const scim::ResourceType& type, const scim::Projection& asked,
                           const json::Value& body) {
  if (type.stored_as_returned || !asked.isDefault() || !body.isObject()) return asked;
  return asked.answering(scim::attributesIn(type, *body.object()));
}

scim::Projection answering(const scim::ResourceType& type, const scim::Projection& asked,
                           const std::vector<scim::PatchOperation>& operations) {
  if (type.stored_as_returned || !asked.isDefault()) return asked;
  std::vector<scim::AttributeRef> sent;
  for (const auto& operation : operations) {
    if (operation.attribute.attribute != nullptr) sent.push_back(operation.attribute);
  }
  return asked.answering(sent);
}

}  // namespace vestibule::directory
