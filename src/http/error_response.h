#pragma once
// Errors as responses: SCIM messages (RFC 7644 §3.12) on the SCIM side, problem details (RFC 9457)
// on the internal one. The only place where a kind of error meets a status code.

#include <string_view>

#include "base/result.h"
#include "http/exchange.h"

namespace vestibule::http {

/// The status of a kind of error.
[[nodiscard]] int statusOf(ErrorKind kind);

/// The SCIM error message. 401 carries WWW-Authenticate, 503 Retry-After. An internal error shows a
/// correlation id and nothing else; its details go to the log with the same id.
[[nodiscard]] Response scimError(const Error& error);

/// The problem document: type, title, status, detail, and `code` and `attribute` where there are
/// any. Otherwise as scimError.
[[nodiscard]] Response problem(const Error& error);

/// For what the transport itself refuses (a ServerOptions error renderer).
[[nodiscard]] Response scimRefusal(int status, std::string_view detail, std::string_view path);
[[nodiscard]] Response problemRefusal(int status, std::string_view detail, std::string_view path);

}  // namespace vestibule::http
