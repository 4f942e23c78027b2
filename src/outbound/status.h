#pragma once
// How outbound provisioning stands, and what an operator can do about it.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/resource_id.h"
#include "base/result.h"
#include "directory/context.h"
#include "json/value.h"

namespace vestibule::outbound {

/// How a user (or group) stands with the target: `state` (synchronised, waiting, running, failed,
/// left, absent), the id there, when it was sent last, and of what waits or has failed: attempts,
/// the last answer, when it is due. Errors kNotFound for a target that there is not.
[[nodiscard]] Result<json::Object> describeResource(const directory::Context& context,
                                                    std::string_view target, const ResourceId& id);

/// The target as a whole: how many users and groups it has, and how many wait or have failed. Error
/// kNotFound.
[[nodiscard]] Result<json::Object> describeTarget(const directory::Context& context,
                                                  std::string_view target);

/// The resources that have failed, up to `count` behind `after`, with the id behind which the list
/// goes on (`next`) where it does. Error kNotFound.
[[nodiscard]] Result<json::Object> listFailed(const directory::Context& context,
                                              std::string_view target, const ResourceId& after,
                                              std::uint64_t count);

/// What would be sent of the user now, and why or why not; sends and writes nothing. Errors
/// kNotFound, kInvalidValue when the settings cannot be used; a mapping that fails is in the
/// answer.
[[nodiscard]] Result<json::Object> explainUser(const directory::Context& context,
                                               std::string_view target, const ResourceId& id);

/// Has what has failed tried again: the resource, or all. How many. Error kNotFound.
[[nodiscard]] Result<std::uint64_t> retry(const directory::Context& context,
                                          std::string_view target,
                                          const std::optional<ResourceId>& id);

/// Has every resource of the target looked at again. Error kNotFound.
[[nodiscard]] Result<void> syncAll(const directory::Context& context, std::string_view target);

}  // namespace vestibule::outbound
