#include "scim/schema/describe.h"

#include <string>

namespace vestibule::scim {
namespace {

constexpr std::string_view kSchemaUrn = "urn:ietf:params:scim:schemas:core:2.0:Schema";
constexpr std::string_view kResourceTypeUrn = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";

json::Array texts(const std::vector<std::string>& values) {
  return json::Array(values.begin(), values.end());
}

json::Object metaOf(std::string_view resource_type, std::string_view base, std::string_view path) {
  return {{"resourceType", resource_type}, {"location", std::string(base) + std::string(path)}};
}

json::Array describeAttributes(const std::vector<Attribute>& attributes);

json::Object describeAttribute(const Attribute& attribute) {
  const bool complex = attribute.type == AttributeType::kComplex;
  json::Object document;
  document.set("name", attribute.name);
  document.set("type", nameOf(attribute.type));
  document.set("multiValued", attribute.multi_valued);
  document.set("description", attribute.description);
  document.set("required", attribute.required);
  if (complex) document.set("subAttributes", describeAttributes(attribute.sub_attributes));
  if (!attribute.canonical_values.empty()) {
    document.set("canonicalValues", texts(attribute.canonical_values));
  }
  if (!complex) document.set("caseExact", attribute.case_exact);
  document.set("mutability", nameOf(attribute.mutability));
  document.set("returned", nameOf(attribute.returned));
  // A complex attribute has neither case nor uniqueness of its own (erratum 6004 of RFC 7643).
  if (!complex) document.set("uniqueness", nameOf(attribute.uniqueness));
  if (!attribute.reference_types.empty()) {
    document.set("referenceTypes", texts(attribute.reference_types));
  }
  return document;
}

json::Array describeAttributes(const std::vector<Attribute>& attributes) {
  json::Array documents;
  documents.reserve(attributes.size());
  for (const Attribute& attribute : attributes) {
    documents.emplace_back(describeAttribute(attribute));
  }
  return documents;
}

}  // namespace

json::Object describeSchema(const Schema& schema, std::string_view base) {
  return {{"schemas", json::Array{kSchemaUrn}},
          {"id", schema.id},
          {"name", schema.name},
          {"description", schema.description},
          {"attributes", describeAttributes(schema.attributes)},
          {"meta", metaOf("Schema", base, "/Schemas/" + schema.id)}};
}

json::Object describeResourceType(const ResourceType& type, std::string_view base) {
  json::Array extensions;
  for (const SchemaExtension& extension : type.extensions) {
    extensions.emplace_back(
        json::Object{{"schema", extension.schema->id}, {"required", extension.required}});
  }
  return {{"schemas", json::Array{kResourceTypeUrn}},
          {"id", type.id},
          {"name", type.name},
          {"description", type.description},
          {"endpoint", type.endpoint},
          {"schema", type.schema->id},
          {"schemaExtensions", std::move(extensions)},
          {"meta", metaOf("ResourceType", base, "/ResourceTypes/" + type.id)}};
}

json::Object describeServiceProviderConfig(const Registry& registry, std::string_view base,
                                           const AnnouncedLimits& limits) {
  json::Object document = registry.serviceProviderConfig();
  document.find("filter")->object()->set("maxResults", limits.max_results);
  json::Object& bulk = *document.find("bulk")->object();
  bulk.set("maxOperations", limits.bulk_operations);
  bulk.set("maxPayloadSize", limits.bulk_payload_bytes);
  document.set("pagination", json::Object{{"cursor", true},
                                          {"index", true},
                                          {"defaultPaginationMethod", "index"},
                                          {"defaultPageSize", limits.max_results},
                                          {"maxPageSize", limits.max_results},
                                          {"cursorTimeout", limits.cursor_seconds}});
  document.set("meta", metaOf("ServiceProviderConfig", base, "/ServiceProviderConfig"));
  return document;
}

}  // namespace vestibule::scim
