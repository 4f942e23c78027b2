#pragma once
// Runs PATCH requests on resources written as JSON.

#include <string>
#include <string_view>

#include "json/write.h"
#include "scim/patch/patch.h"
#include "support/scim_schemas.h"

namespace vestibule::scim::test {

inline constexpr Tolerances kStrict{};

inline constexpr const char* kEnterprise =
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The text with `ENT` for the enterprise URN, `USER` for the core one, and `EXTRA` for the probe's
/// extension.
inline std::string withUrns(std::string_view text) {
  std::string out(text);
  const std::pair<std::string_view, std::string_view> names[] = {
      {"ENT", kEnterprise},
      {"USER", "urn:ietf:params:scim:schemas:core:2.0:User"},
      {"EXTRA", kExtraUrn}};
  for (const auto& [name, urn] : names) {
    for (std::size_t at = out.find(name); at != std::string::npos;
         at = out.find(name, at + urn.size())) {
      out.replace(at, name.size(), urn);
    }
  }
  return out;
}

/// A PatchOp message with these operations (a JSON array).
inline json::Value patchMessage(std::string_view operations) {
  return parsed(R"({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": )" +
                withUrns(operations) + "}");
}

inline Result<json::Object> patched(const ResourceType& type, const json::Object& current,
                                    std::string_view operations, Tolerating tolerating = {},
                                    const ResourceLimits& limits = {}) {
  const Registry& registry = schemas().of(type);
  Result<std::vector<PatchOperation>> read =
      parsePatch(registry, type, patchMessage(operations), tolerating);
  if (!read) return propagate(read);
  return applyPatch(registry, type, current, *read, tolerating, limits);
}

}  // namespace vestibule::scim::test
