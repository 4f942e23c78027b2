#pragma once
// Whether an identity provider vouches for the e-mail address (OpenID Connect Core §5.1).

#include "json/value.h"

namespace vestibule::jit {

/// True when the claim `email_verified` is true, or the text `true`, which some identity providers
/// send.
[[nodiscard]] bool hasVerifiedEmail(const json::Object& claims);

}  // namespace vestibule::jit
