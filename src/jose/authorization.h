#pragma once
// Values of the header field Authorization (RFC 9110 §11.6.2).

#include <string_view>

#include "base/secret.h"

namespace vestibule::jose {

/// `Bearer` and the token (RFC 6750 §2.1), which must have no control characters.
[[nodiscard]] Secret bearerAuthorization(std::string_view token);

/// `Basic` and both in base64 (RFC 7617 §2). The user name must have no colon.
[[nodiscard]] Secret basicAuthorization(std::string_view user_name, std::string_view password);

}  // namespace vestibule::jose
