#pragma once
// The step of a provision that takes who the user is from an ID token instead of the gateway's
// word.

#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "jit/codes.h"
#include "jit/identity_provider.h"
#include "jit/plan.h"
#include "jit/trace.h"
#include "jose/faults.h"

namespace vestibule::jit {

/// What is asked, with subject and claims from the verified token; nothing when no token was sent,
/// and what is asked stands as it is. Nothing else of the token is kept, and nothing but names of
/// claims and of the key goes into trace or error. Errors:
///   - kIdTokenRequired (JIT-1601): none was sent, the settings ask for one, and users are
///     provisioned at all;
///   - kIdTokenNotTaken (JIT-1602): one was sent, and the settings do not say how to verify it;
///   - kSubjectIsAnother (JIT-1604): `subject` was sent as well and is not the token's `sub`;
///   - JIT-1611 to JIT-1621 by what is wrong with the token, or with getting keys.
/// Costs one verification; see jose::verifyToken.
[[nodiscard]] Result<std::optional<ProvisionRequest>> takeIdToken(const IdentityProvider& provider,
                                                                  const ProvisionRequest& asked,
                                                                  Timestamp now, Trace& trace);

/// The code that tells people of a fault of a token.
[[nodiscard]] const CodeInfo& codeOf(jose::Fault fault);

}  // namespace vestibule::jit
