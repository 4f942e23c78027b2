// Files of schemas and resource types: beside those that come with the server any other is taken
// in or refused with its name, and what was taken in can be shown.

#include <cstddef>
#include <cstdint>
#include <string>

#include "fuzz/invariant.h"
#include "json/write.h"
#include "scim/schema/describe.h"
#include "support/scim_schemas.h"

namespace vestibule::scim {
namespace {

using fuzz::require;

void tryFile(std::string content) {
  static const std::vector<SchemaFile> kShipped = test::shippedSchemas();
  std::vector<SchemaFile> files = kShipped;
  files.push_back({"other.json", std::move(content)});
  const auto registry = Registry::load(files);
  if (!registry) {
    const Error& error = registry.error();
    require(error.kind == ErrorKind::kInvalidValue, "errors are invalidValue", error.detail);
    require(error.detail.find(".json: ") != std::string::npos, "an error names its file",
            error.detail);
    return;
  }
  for (const auto& schema : (*registry)->schemas()) {
    require((*registry)->findSchema(schema->id) == schema.get(), "a schema is found by its URN");
    const json::Value shown(describeSchema(*schema, "https://h/scim/v2"));
    require(shown.stringAt("id") == schema->id, "a schema can be shown", json::write(shown));
  }
  for (const auto& type : (*registry)->resourceTypes()) {
    require((*registry)->findResourceType(type->name) == type.get(), "a type is found by its name");
    const json::Value shown(describeResourceType(*type, "https://h/scim/v2"));
    require(shown.stringAt("endpoint") == type->endpoint, "a type can be shown",
            json::write(shown));
  }
}

}  // namespace
}  // namespace vestibule::scim

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vestibule::scim::tryFile(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
