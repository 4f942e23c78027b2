#pragma once
// The body of a provision request → what is asked.

#include "base/result.h"
#include "jit/plan.h"
#include "json/value.h"

namespace vestibule::jit {

/// Reads `{"identityProvider","subject","claims","returnUrl"?}`, or with an ID token in place of
/// claims `{"identityProvider","idToken","subject"?,"returnUrl"?}`: nothing of it is verified here.
/// `returnUrl` says where a prompt leads back to, and is looked at where people are asked. Errors:
/// kInvalidRequest (JIT-1000) for anything unknown, missing or of another type; kBadSubject
/// (JIT-1003) for a subject that is missing or no string; kClaimsBesideIdToken (JIT-1603) for both
/// a token and claims: of two words about a user one would have to be dropped.
[[nodiscard]] Result<ProvisionRequest> readProvisionRequest(const json::Value& body);

}  // namespace vestibule::jit
