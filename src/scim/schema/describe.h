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

/// The ServiceProviderConfig resource: what its file states, with the limit in force as
/// `filter.maxResults`.
[[nodiscard]] json::Object describeServiceProviderConfig(const Registry& registry,
                                                         std::string_view base,
                                                         std::uint64_t max_results);

}  // namespace vestibule::scim
