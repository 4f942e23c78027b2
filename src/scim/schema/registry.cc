#include "scim/schema/registry.h"

#include "base/unicode.h"
#include "scim/schema/common_attributes.h"
#include "scim/schema/registry_builder.h"

namespace vestibule::scim {

struct Registry::Content {
  RegistryParts parts;
};

const Attribute* Schema::find(std::string_view attribute_name) const {
  return findAttribute(attributes, attribute_name);
}

const Schema* ResourceType::findExtension(std::string_view urn) const {
  for (const SchemaExtension& extension : extensions) {
    if (equalIgnoringAsciiCase(extension.schema->id, urn)) return extension.schema;
  }
  return nullptr;
}

std::string AttributeRef::text() const {
  std::string text;
  if (in_extension && schema != nullptr) text = schema->id + ":";
  text += attribute->name;
  if (sub != nullptr) text += "." + sub->name;
  return text;
}

Registry::Registry() : content_(std::make_unique<Content>()) {}
Registry::~Registry() = default;

Result<std::shared_ptr<const Registry>> Registry::load(const std::vector<SchemaFile>& files) {
  Result<RegistryParts> parts = buildRegistry(files);
  if (!parts) return propagate(parts);
  const std::shared_ptr<Registry> registry(new Registry());
  registry->content_->parts = std::move(*parts);
  return registry;
}

const std::vector<std::unique_ptr<Schema>>& Registry::schemas() const {
  return content_->parts.schemas;
}

const std::vector<std::unique_ptr<ResourceType>>& Registry::resourceTypes() const {
  return content_->parts.types;
}

const Schema* Registry::findSchema(std::string_view urn) const {
  for (const auto& schema : content_->parts.schemas) {
    if (equalIgnoringAsciiCase(schema->id, urn)) return schema.get();
  }
  return nullptr;
}

const ResourceType* Registry::findResourceType(std::string_view name) const {
  for (const auto& type : content_->parts.types) {
    if (equalIgnoringAsciiCase(type->name, name)) return type.get();
  }
  return nullptr;
}

const Schema& Registry::commonAttributes() const { return scim::commonAttributes(); }

const json::Object& Registry::serviceProviderConfig() const {
  return content_->parts.service_provider_config;
}

}  // namespace vestibule::scim
