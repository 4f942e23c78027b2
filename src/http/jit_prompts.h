#pragma once
// Prompts as gateways see them.

#include <string>

#include "directory/context.h"
#include "http/jit_request.h"
#include "http/router.h"
#include "jit/identity_provider.h"
#include "jit/identity_providers.h"
#include "jit/opened_prompt.h"
#include "json/value.h"

namespace vestibule::http {

/// Where the person is sent to be asked: the identity provider's own page, or ours.
[[nodiscard]] std::string promptUrl(const jit::IdentityProvider& provider,
                                    const std::string& public_origin, const std::string& ticket);

/// A prompt that was just opened: `{"url","expires","state"}`.
[[nodiscard]] json::Object describePrompt(const jit::OpenedPrompt& opened,
                                          const jit::IdentityProvider& provider,
                                          const std::string& public_origin);

/// Adds GET /jit/v1/prompts/{id}: what has become of a prompt, for tokens with the scope `jit`: its
/// own, or every one for a token that sees all domains. `context` and `providers` must outlive the
/// router.
void addPromptStateRoute(Router& router, const directory::Context& context,
                         const jit::IdentityProviders& providers, const PublicOrigin& origin);

}  // namespace vestibule::http
