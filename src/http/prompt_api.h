#pragma once
// The prompt, on the public listener: GET and POST /provision/{ticket}.

#include <string>

#include "base/result.h"
#include "directory/context.h"
#include "http/prompt_theme.h"
#include "http/router.h"
#include "jit/identity_providers.h"

namespace vestibule::http {

/// The most bytes of an answer to a prompt.
inline constexpr std::size_t kMostPromptBytes = std::size_t{64} * 1024;

/// Adds `/provision/{ticket}`: GET shows what is asked, POST answers it or declines, POST
/// `…/user-name` tells whether a name would do. JSON for whoever asks for it (`Accept`,
/// `Content-Type`), and for pages of the origin that the identity provider's `prompt.pageUrl` names
/// (CORS). The ticket is all the authority there is: no other credential is read. `context`,
/// `providers` and `themes` must outlive the router; `public_url` as PromptPages takes it. Adds the
/// files of themes as well (addPromptAssetRoutes).
void addPromptRoutes(Router& router, const directory::Context& context,
                     const jit::IdentityProviders& providers, PromptThemes& themes,
                     const std::string& public_url);

/// The status of an error of a prompt: 410 for one that has ended, 429 after too many tries.
[[nodiscard]] int promptStatusOf(const Error& error);

}  // namespace vestibule::http
