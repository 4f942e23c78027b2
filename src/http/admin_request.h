#pragma once
// What the admin endpoints share: who may, JSON in, JSON and problems out.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "directory/author.h"
#include "directory/context.h"
#include "http/authentication.h"
#include "http/exchange.h"
#include "http/router.h"
#include "json/value.h"

namespace vestibule::http {

/// A JSON answer; `version` becomes the ETag.
[[nodiscard]] Response adminAnswer(int status, const json::Value& body,
                                   std::optional<Version> version = {});

/// 204: done, with nothing to say.
[[nodiscard]] Response noContent();

/// Runs `handle` for a caller with scope `admin`, else answers 401 or 403.
using AdminHandler = std::function<Response(const Request&, const Caller&)>;
[[nodiscard]] Handler adminOnly(const directory::Context& context, AdminHandler handle);

/// As adminOnly, with a JSON body: 415 or 400 when there is none. `application/merge-patch+json` is
/// taken too.
using AdminBodyHandler = std::function<Response(const Request&, const Caller&, const json::Value&)>;
[[nodiscard]] Handler adminWithBody(const directory::Context& context, AdminBodyHandler handle);

/// As these two, for what all domains share: a token that is bound to domains gets 403 (settings of
/// identity providers decide where users of any domain come from).
[[nodiscard]] Handler sharedOnly(const directory::Context& context, AdminHandler handle);
[[nodiscard]] Handler sharedWithBody(const directory::Context& context, AdminBodyHandler handle);

/// How many rows of a list are asked for: `count`, 1 to 1,000, 100 where it is left out. Error
/// kInvalidValue.
[[nodiscard]] Result<std::uint64_t> pageSizeOf(const Request& request);

/// A path with the name as its last segment, percent-encoded (RFC 3986 §2.1): for Location.
[[nodiscard]] std::string pathOf(std::string_view collection, std::string_view name);

/// The caller as the audit has the author of a change, with the correlation id of the request.
[[nodiscard]] directory::Author authorOf(const Request& request, const Caller& caller);

/// Error kForbidden for a token that is bound to domains: it may not change what all domains share.
[[nodiscard]] Result<void> requireAllDomains(const Caller& caller);

}  // namespace vestibule::http
