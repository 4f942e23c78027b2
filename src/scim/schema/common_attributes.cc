#include "scim/schema/common_attributes.h"

namespace vestibule::scim {
namespace {

Attribute readOnlyPart(std::string name, AttributeType type, std::string description) {
  Attribute attribute;
  attribute.name = std::move(name);
  attribute.description = std::move(description);
  attribute.type = type;
  attribute.case_exact = true;
  attribute.mutability = Mutability::kReadOnly;
  return attribute;
}

Attribute makeSchemas() {
  Attribute attribute;
  attribute.name = "schemas";
  attribute.description = "The URIs of the schemas of which the resource has attributes.";
  attribute.multi_valued = true;
  attribute.required = true;
  attribute.returned = Returned::kAlways;
  return attribute;
}

Attribute makeId() {
  Attribute attribute =
      readOnlyPart("id", AttributeType::kString, "The identifier this server gave the resource.");
  attribute.returned = Returned::kAlways;
  attribute.uniqueness = Uniqueness::kServer;
  return attribute;
}

Attribute makeExternalId() {
  Attribute attribute;
  attribute.name = "externalId";
  attribute.description = "The identifier the client gave the resource.";
  attribute.case_exact = true;
  return attribute;
}

Attribute makeMeta() {
  Attribute meta =
      readOnlyPart("meta", AttributeType::kComplex, "What the server knows about the resource.");
  meta.case_exact = false;
  meta.sub_attributes = {
      readOnlyPart("resourceType", AttributeType::kString, "The name of the resource type."),
      readOnlyPart("created", AttributeType::kDateTime, "When the resource was created."),
      readOnlyPart("lastModified", AttributeType::kDateTime, "When it was last changed."),
      readOnlyPart("location", AttributeType::kReference, "The address of the resource."),
      readOnlyPart("version", AttributeType::kString, "The version, as in the ETag header.")};
  meta.sub_attributes[3].reference_types = {"uri"};
  return meta;
}

Schema makeCommonAttributes() {
  Schema schema;
  schema.name = "Common attributes";
  schema.description = "The attributes every resource has";
  schema.attributes = {makeSchemas(), makeId(), makeExternalId(), makeMeta()};
  return schema;
}

}  // namespace

const Schema& commonAttributes() {
  static const Schema schema = makeCommonAttributes();
  return schema;
}

}  // namespace vestibule::scim
