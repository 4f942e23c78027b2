#pragma once
// The shipped schemas with the resource type of docs/examples/device, as an operator would add it.

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <vector>

#include "support/scim_schemas.h"

namespace vestibule::scim::test {

/// The files of docs/examples/device.
inline std::vector<SchemaFile> deviceFiles() {
  std::vector<SchemaFile> files;
  const auto folder = std::filesystem::path(VESTIBULE_SOURCE_DIR) / "docs/examples/device";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ostringstream content;
    content << std::ifstream(entry.path()).rdbuf();
    files.push_back({entry.path().filename().string(), content.str()});
  }
  return files;
}

/// Loaded once.
inline const std::shared_ptr<const Registry>& deviceRegistry() {
  static const std::shared_ptr<const Registry> kRegistry = [] {
    auto files = shippedSchemas();
    for (auto& file : deviceFiles()) files.push_back(std::move(file));
    return loaded(files);
  }();
  return kRegistry;
}

inline const ResourceType& deviceType() { return *deviceRegistry()->findResourceType("Device"); }

/// The attributes of a device in canonical form; `schemas` is added.
inline json::Object device(std::string_view text) {
  json::Value body = parsed(text);
  body.object()->set("schemas", json::Array{json::Value(deviceType().schema->id)});
  Result<ValidResource> valid = validateCreate(*deviceRegistry(), deviceType(), body);
  if (!valid) {
    std::cerr << "test device: " << valid.error().detail << '\n' << text << '\n';
    std::abort();
  }
  return std::move(valid->attributes);
}

}  // namespace vestibule::scim::test
