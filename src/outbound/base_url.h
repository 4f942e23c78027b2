#pragma once
// URLs of other systems.

#include <string>
#include <string_view>

#include "base/result.h"

namespace vestibule::outbound {

/// Reads a base URL and takes slashes at its end off. Error kInvalidValue with a reason for: http
/// to another host than this one (unless `allow_http`: who reads it on the way has the secret), a
/// URL without host, with a user, a query, a fragment, white space or anything beyond ASCII, and
/// for more than 2,000 bytes.
[[nodiscard]] Result<std::string> readBaseUrl(std::string_view text, bool allow_http);

/// Reads the URL of one endpoint, which stays as it is. Errors as of readBaseUrl, but that it may
/// have a query.
[[nodiscard]] Result<std::string> readEndpointUrl(std::string_view text, bool allow_http);

/// The text as one segment of a path, or a value of a query (RFC 3986 §2.1).
[[nodiscard]] std::string percentEncoded(std::string_view text);

}  // namespace vestibule::outbound
