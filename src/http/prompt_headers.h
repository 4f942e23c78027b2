#pragma once
// What every page of a prompt tells the browser: who may show it, what it may load, and that nobody
// keeps it.

#include <string>
#include <string_view>

#include "http/exchange.h"
#include "http/prompt_text.h"

namespace vestibule::http {

/// A return URL as a source of a content security policy: `https://gateway.example:8443`, or
/// `myapp:` for an app that listens to a scheme of its own. Empty for what cannot be one or must
/// not be gone to: no absolute URL, user information, IPv6 (which the policy's grammar lacks),
/// `javascript:`, `data:` and other schemes that run or read what is on this side.
[[nodiscard]] std::string returnSource(std::string_view return_url);

/// Sets the fields of an HTML page: content type and language, no storing, no framing by anybody, a
/// policy that allows the theme's own files and nothing else, no referrer, a window group of its
/// own. The form may be sent here and to `return_url`: browsers hold `form-action` against the
/// redirect that answers a form. The address of the page is a secret of its reader, so nothing
/// leaves by Referer; for that reason a browser sends `Origin: null` with the form.
void setPageHeaders(Response& response, const LanguageTexts& texts, std::string_view return_url);

}  // namespace vestibule::http
