#pragma once
// The schemas that ship with Vestibule, and a resource type made for tests that has every kind of
// attribute.

#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "json/parse.h"
#include "json/value.h"
#include "scim/resource/validate.h"
#include "scim/schema/registry.h"

namespace vestibule::scim::test {

inline constexpr const char* kProbeUrn = "urn:vestibule:test:1.0:Probe";
inline constexpr const char* kExtraUrn = "urn:vestibule:test:extra:1.0:Probe";

inline constexpr const char* kProbeSchema = R"({
  "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
  "id": "urn:vestibule:test:1.0:Probe", "name": "Probe", "description": "Every kind of attribute",
  "attributes": [
    {"name": "label", "type": "string", "required": true},
    {"name": "text", "type": "string"},
    {"name": "exact", "type": "string", "caseExact": true},
    {"name": "flag", "type": "boolean"},
    {"name": "count", "type": "integer"},
    {"name": "ratio", "type": "decimal"},
    {"name": "at", "type": "dateTime"},
    {"name": "blob", "type": "binary"},
    {"name": "link", "type": "reference", "referenceTypes": ["external"]},
    {"name": "secret", "type": "string", "mutability": "writeOnly", "returned": "never"},
    {"name": "hidden", "type": "string", "returned": "never"},
    {"name": "fixed", "type": "string", "mutability": "immutable"},
    {"name": "fixedTags", "type": "string", "multiValued": true, "mutability": "immutable"},
    {"name": "computed", "type": "string", "mutability": "readOnly"},
    {"name": "tags", "type": "string", "multiValued": true},
    {"name": "codes", "type": "integer", "multiValued": true},
    {"name": "parts", "type": "string", "multiValued": true, "required": true},
    {"name": "details", "type": "complex", "subAttributes": [
      {"name": "value", "type": "string"},
      {"name": "note", "type": "string"},
      {"name": "size", "type": "integer"},
      {"name": "serial", "type": "string", "mutability": "immutable"},
      {"name": "shown", "type": "string", "mutability": "readOnly"}]},
    {"name": "items", "type": "complex", "multiValued": true, "subAttributes": [
      {"name": "value", "type": "string", "required": true},
      {"name": "type", "type": "string"},
      {"name": "primary", "type": "boolean"},
      {"name": "note", "type": "string"},
      {"name": "size", "type": "integer"},
      {"name": "serial", "type": "string", "mutability": "immutable"},
      {"name": "pin", "type": "string", "mutability": "writeOnly", "returned": "never"},
      {"name": "shown", "type": "string", "mutability": "readOnly"}]},
    {"name": "pairs", "type": "complex", "multiValued": true, "subAttributes": [
      {"name": "left", "type": "string"},
      {"name": "right", "type": "string"}]}
  ]})";

inline constexpr const char* kExtraSchema = R"({
  "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
  "id": "urn:vestibule:test:extra:1.0:Probe", "name": "Extra", "description": "An extension",
  "attributes": [
    {"name": "color", "type": "string"},
    {"name": "serial", "type": "string", "mutability": "immutable"},
    {"name": "badges", "type": "string", "multiValued": true},
    {"name": "owner", "type": "complex", "subAttributes": [
      {"name": "value", "type": "string"},
      {"name": "displayName", "type": "string", "mutability": "readOnly"}]}
  ]})";

/// Takes the place of the User type in a registry of its own.
inline constexpr const char* kProbeType = R"({
  "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
  "id": "User", "name": "User", "description": "Probes", "endpoint": "/Users",
  "schema": "urn:vestibule:test:1.0:Probe",
  "schemaExtensions": [{"schema": "urn:vestibule:test:extra:1.0:Probe", "required": false}],
  "x-vestibule": {"namingAttribute": "label"}})";

/// The files of scim-schemas/.
inline std::vector<SchemaFile> shippedSchemas() {
  std::vector<SchemaFile> files;
  const std::filesystem::path folder = std::filesystem::path(VESTIBULE_SOURCE_DIR) / "scim-schemas";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    std::ostringstream content;
    content << std::ifstream(entry.path()).rdbuf();
    files.push_back({entry.path().filename().string(), content.str()});
  }
  return files;
}

inline std::shared_ptr<const Registry> loaded(const std::vector<SchemaFile>& files) {
  Result<std::shared_ptr<const Registry>> registry = Registry::load(files);
  if (!registry) {
    std::cerr << "test schemas: " << registry.error().detail << '\n';
    std::abort();
  }
  return *registry;
}

/// What the tests work on; loaded once. A registry that does not load ends the test program.
struct Schemas {
  std::shared_ptr<const Registry> registry = loaded(shippedSchemas());
  std::shared_ptr<const Registry> probe_registry = loaded(probeSchemas());
  const ResourceType* user = registry->findResourceType("User");
  const ResourceType* group = registry->findResourceType("Group");
  const ResourceType* probe = probe_registry->findResourceType("User");

  /// The registry that the type is of.
  [[nodiscard]] const Registry& of(const ResourceType& type) const {
    return &type == probe ? *probe_registry : *registry;
  }

 private:
  static std::vector<SchemaFile> probeSchemas() {
    std::vector<SchemaFile> files = shippedSchemas();
    std::erase_if(files, [](const SchemaFile& file) {
      return file.name == "resource-type-user.json" || file.name == "user.json";
    });
    files.push_back({"probe.json", kProbeSchema});
    files.push_back({"extra.json", kExtraSchema});
    files.push_back({"resource-type-probe.json", kProbeType});
    return files;
  }
};

inline const Schemas& schemas() {
  static const Schemas all;
  return all;
}

/// JSON of a test's own source; malformed text ends the test program.
inline json::Value parsed(std::string_view text) {
  Result<json::Value> value = json::parse(text);
  if (!value) {
    std::cerr << "test data: " << value.error().detail << '\n' << text << '\n';
    std::abort();
  }
  return std::move(*value);
}

/// The resource in canonical form; `schemas` and a naming attribute are added where the text has
/// none.
inline json::Object resource(const ResourceType& type, std::string_view text) {
  json::Value body = parsed(text);
  json::Object& object = *body.object();
  if (object.find("schemas") == nullptr) {
    json::Array uris{json::Value(type.schema->id)};
    for (const SchemaExtension& extension : type.extensions) {
      if (object.find(extension.schema->id) != nullptr) uris.emplace_back(extension.schema->id);
    }
    object.set("schemas", std::move(uris));
  }
  if (object.find(type.naming_attribute->name) == nullptr) {
    object.set(type.naming_attribute->name, "bjensen");
  }
  if (&type == schemas().probe && object.find("parts") == nullptr) {
    object.set("parts", json::Array{json::Value("p1")});
  }
  Result<ValidResource> valid = validateCreate(schemas().of(type), type, body);
  if (!valid) {
    std::cerr << "test resource: " << valid.error().detail << '\n' << text << '\n';
    std::abort();
  }
  return std::move(valid->attributes);
}

}  // namespace vestibule::scim::test
