#pragma once
// That the answer to a prompt comes from its own page: against requests that other sites forge.
//
// A cookie of the page holds a random secret, and the form holds a code of it and the ticket (a
// double submit). Another site can send neither: it cannot read the page, and the cookie is not
// sent along with its requests (SameSite). Nothing is kept on the server. The prefix `__Host-`
// needs the path `/`, where the pages of two prompts in two tabs would overwrite each other's
// cookie, so the cookie belongs to the page's own path, and over HTTPS has the prefix `__Secure-`.
// A neighbour who can set cookies for our host gains nothing without the ticket, which is a secret
// itself.

#include <optional>
#include <string>
#include <string_view>

#include "http/exchange.h"
#include "http/prompt_page.h"

namespace vestibule::http {

/// A new secret: 32 random bytes as plain text. Thread-safe.
[[nodiscard]] std::string newPromptSecret();

/// The secret that the browser sent, when it has the form of one. `secure`: the browser has come
/// by https.
[[nodiscard]] std::optional<std::string> promptSecretOf(const Request& request, bool secure);

/// The value of Set-Cookie that hands the secret to the browser: HttpOnly, SameSite=Lax, for the
/// path of the page alone, until the browser is closed.
[[nodiscard]] std::string promptCookie(std::string_view secret, const PageAddress& address,
                                       bool secure);

/// What the form of this ticket carries in `csrf`: HMAC-SHA256 of the ticket under the secret.
[[nodiscard]] std::string promptToken(std::string_view secret, std::string_view ticket);

/// True when the posted `csrf` fits the cookie and the ticket, and the browser does not say
/// (Sec-Fetch-Site) that the request came from another origin. Compares in constant time.
[[nodiscard]] bool isFromOwnPage(const Request& request, std::string_view ticket,
                                 std::string_view csrf, bool secure);

}  // namespace vestibule::http
