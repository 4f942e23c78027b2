#pragma once
// What the SCIM endpoints read from a request besides its body.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "directory/context.h"
#include "http/authentication.h"
#include "http/exchange.h"
#include "json/parse.h"
#include "json/value.h"

namespace vestibule::http {

/// `http://host` of the request, `https://host` when it came by TLS, or `public_url` when that is
/// set. A Host header with anything but name, port and brackets is not repeated.
[[nodiscard]] std::string originOf(const Request& request, const std::string& public_url);

/// How the request looks at the domains: by the base it was sent to, and over `only` one domain
/// where it says so; with the tolerances that are in force there. Errors as View::ofDomain and
/// View::overAllDomains, and kInvalidValue for a query parameter of SCIM in another case than its
/// name has, without the tolerance `param_names_case_insensitive`: to ignore it, as what is unknown
/// is ignored, could mean everything where a filter was meant. The request
/// counts for the domain that it is about: the one that is looked at, or that of the id in its
/// path; error kTooManyRequests when that takes none now.
[[nodiscard]] Result<directory::View> viewOf(const Request& request, const Caller& caller,
                                             const directory::Context& context,
                                             const std::string& public_url,
                                             std::optional<std::string_view> only);

/// The body as JSON. Error kInvalidSyntax for no or bad JSON, kPayloadTooLarge beyond `limits`.
[[nodiscard]] Result<json::Value> readJsonBody(const Request& request,
                                               const json::Limits& limits = {});

/// True when Content-Encoding names a coding but `identity` (RFC 9110 §8.4): no body is decoded.
[[nodiscard]] bool isEncoded(const Request& request);

/// True when the body is not encoded and Content-Type is `application/scim+json` or
/// `application/json`, in any case and with any parameters but another charset than UTF-8 (RFC 7644
/// §3.1, §3.8).
[[nodiscard]] bool isJsonContent(const Request& request);

/// If-Match and If-None-Match. Error kInvalidValue for a header that is no list of entity tags.
[[nodiscard]] Result<directory::Preconditions> readPreconditions(const Request& request);

/// `attributes` and `excludedAttributes`; repeated parameters are joined.
[[nodiscard]] Result<scim::Projection> readProjection(const Request& request,
                                                      const directory::Context& context,
                                                      const scim::ResourceType& type);

}  // namespace vestibule::http
