#pragma once
// Schema files → what the registry holds: each file read by its kind, then linked and checked as a
// whole.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"
#include "scim/schema/document_reader.h"
#include "scim/schema/registry.h"

namespace vestibule::scim {

/// What a registry is made of. Schemas are held by pointer because resource types point to them.
struct RegistryParts {
  std::vector<std::unique_ptr<Schema>> schemas;
  std::vector<std::unique_ptr<ResourceType>> types;
  json::Object service_provider_config;
};

/// Reads all files and links them. Errors as `Registry::load`.
[[nodiscard]] Result<RegistryParts> buildRegistry(const std::vector<SchemaFile>& files);

/// A resource type document before its schemas are known.
struct ResourceTypeDocument {
  Place place;
  json::Object document;
};

/// Reads a resource type document (RFC 7643 §6) and points it to the schemas in `parts`. Error
/// kInvalidValue with the place.
[[nodiscard]] Result<ResourceType> readResourceType(const ResourceTypeDocument& document,
                                                    const RegistryParts& parts);

/// Checks a ServiceProviderConfig document (RFC 7643 §5). Error kInvalidValue with the place.
[[nodiscard]] Result<void> checkServiceProviderConfig(const json::Object& document,
                                                      const Place& place);

}  // namespace vestibule::scim
