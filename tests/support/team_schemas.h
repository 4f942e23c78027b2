#pragma once
// The shipped schemas with an extension of groups that has indexed attributes, as an operator would
// add it.

#include <iostream>
#include <memory>
#include <string_view>

#include "support/scim_schemas.h"

namespace vestibule::scim::test {

inline constexpr const char* kTeamUrn = "urn:example:params:scim:schemas:extension:team:1.0:Group";

inline constexpr const char* kTeamSchema = R"({
  "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
  "id": "urn:example:params:scim:schemas:extension:team:1.0:Group", "name": "Team",
  "attributes": [
    {"name": "costCentre", "x-vestibule": {"index": 1101}},
    {"name": "code", "caseExact": true, "uniqueness": "server", "x-vestibule": {"index": 1102}},
    {"name": "contacts", "type": "complex", "multiValued": true, "subAttributes": [
      {"name": "value", "x-vestibule": {"index": 1103}},
      {"name": "type"}]},
    {"name": "rooms", "type": "integer", "multiValued": true, "x-vestibule": {"index": 1104}},
    {"name": "motto"}
  ]})";

/// Takes the place of resource-type-group.json.
inline constexpr const char* kTeamGroupType = R"({
  "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
  "id": "Group", "name": "Group", "endpoint": "/Groups",
  "schema": "urn:ietf:params:scim:schemas:core:2.0:Group",
  "schemaExtensions": [
    {"schema": "urn:example:params:scim:schemas:extension:team:1.0:Group", "required": false}],
  "x-vestibule": {"namingAttribute": "displayName"}})";

/// Loaded once.
inline const std::shared_ptr<const Registry>& teamRegistry() {
  static const std::shared_ptr<const Registry> kRegistry = [] {
    auto files = shippedSchemas();
    for (auto& file : files) {
      if (file.name == "resource-type-group.json") file.content = kTeamGroupType;
    }
    files.push_back({"team.json", kTeamSchema});
    return loaded(files);
  }();
  return kRegistry;
}

inline const ResourceType& teamGroupType() { return *teamRegistry()->findResourceType("Group"); }

/// The attributes of a group in canonical form; `schemas` is added.
inline json::Object teamGroup(std::string_view text) {
  json::Value body = parsed(text);
  json::Array uris{json::Value(teamGroupType().schema->id)};
  if (body.object()->find(kTeamUrn) != nullptr) uris.emplace_back(kTeamUrn);
  body.object()->set("schemas", std::move(uris));
  Result<ValidResource> valid = validateCreate(*teamRegistry(), teamGroupType(), body);
  if (!valid) {
    std::cerr << "test group: " << valid.error().detail << '\n' << text << '\n';
    std::abort();
  }
  return std::move(valid->attributes);
}

}  // namespace vestibule::scim::test
