#pragma once
// The version of the protocol that a path asks for (RFC 7644 §3.13).

#include <optional>
#include <string_view>

#include "http/exchange.h"

namespace vestibule::http {

/// 400 `invalidVers` for a path below `/scim/` or `/domains/{domain}/scim/` that asks for another
/// version than v2, such as `/scim/v1/Users`; nothing for every other path. It needs no token: a
/// client with an old base URL learns the same whoever it is.
[[nodiscard]] std::optional<Response> refuseOtherVersion(std::string_view path);

}  // namespace vestibule::http
