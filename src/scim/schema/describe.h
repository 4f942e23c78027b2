#pragma once
// Discovery documents made from the registry (RFC 7644 §4).

#include <cstdint>
#include <string_view>

#include "json/value.h"
#include "scim/schema/registry.h"

namespace vestibule::scim {

/// The Schema resource with every characteristic written out, `meta.location` below `base` (such as
/// `https://h/scim/v2`).
[[nodiscard]] json::Object describeSchema(const Schema& schema, std::string_view base);

/// The ResourceType resource.
[[nodiscard]] json::Object describeResourceType(const ResourceType& type, std::string_view base);

/// Limits in force that clients are told.
struct AnnouncedLimits {
  std::uint64_t max_results = 0;         ///< resources in one page
  std::uint64_t cursor_seconds = 0;      ///< how long a cursor is good
  std::uint64_t bulk_operations = 0;     ///< operations in one bulk request
  std::uint64_t bulk_payload_bytes = 0;  ///< bytes of one bulk request
};

/// The ServiceProviderConfig resource: what its file states, with the limits in force in `filter`,
/// `pagination` (RFC 9865 §4) and `bulk`.
[[nodiscard]] json::Object describeServiceProviderConfig(const Registry& registry,
                                                         std::string_view base,
                                                         const AnnouncedLimits& limits);

}  // namespace vestibule::scim
