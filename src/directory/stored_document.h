#pragma once
// Stored JSON and back.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace vestibule::directory {

/// No resource's canonical JSON is larger: many PATCH requests may not grow what one request could
/// not send.
inline constexpr std::size_t kMaxDocumentBytes = 1'000'000;

/// The attributes of a stored resource. Error kInternal when the database holds something else.
[[nodiscard]] Result<json::Object> parseStored(std::string_view document);

/// Tells the log which names of attributes and schemas a client sent to no effect, because a
/// tolerance ignores them.
void logDropped(const std::vector<std::string>& dropped);

}  // namespace vestibule::directory
