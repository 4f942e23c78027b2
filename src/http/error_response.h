#pragma once
// Errors as responses: SCIM messages (RFC 7644 §3.12) on the SCIM side, problem details (RFC 9457)
// on the internal one. The only place where a kind of error meets a status code.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "http/exchange.h"

namespace vestibule::http {

/// The status of a kind of error.
[[nodiscard]] int statusOf(ErrorKind kind);

/// Adds what goes with the status: to 401, and to 403 for want of a scope, the challenge of RFC
/// 6750 §3, with the error's code where it has one; Retry-After (RFC 9110 §10.2.3) to 503, a second
/// where nothing else is known, and to 429 where it is known.
void addStatusHeaders(Response& response, std::string_view code,
                      std::optional<std::uint32_t> retry_after = {});

/// The SCIM error message, with its status headers. An internal error shows a correlation id and
/// nothing else; its details go to the log with the same id.
[[nodiscard]] Response scimError(const Error& error);

/// The problem document: type, title, status, detail, and `code` and `attribute` where there are
/// any. Otherwise as scimError.
[[nodiscard]] Response problem(const Error& error);

/// For what the transport itself refuses (a ServerOptions error renderer).
[[nodiscard]] Response scimRefusal(int status, std::string_view detail);
[[nodiscard]] Response problemRefusal(int status, std::string_view detail);

}  // namespace vestibule::http
