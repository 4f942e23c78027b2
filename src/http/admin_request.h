#pragma once
// What the admin endpoints share: who may, JSON in, JSON and problems out.

#include <functional>
#include <optional>

#include "base/result.h"
#include "directory/context.h"
#include "http/authentication.h"
#include "http/exchange.h"
#include "http/router.h"
#include "json/value.h"

namespace vestibule::http {

/// A JSON answer; `version` becomes the ETag.
[[nodiscard]] Response adminAnswer(int status, const json::Value& body,
                                   std::optional<Version> version = {});

/// Runs `handle` for a caller with scope `admin`, else answers 401 or 403.
using AdminHandler = std::function<Response(const Request&, const Caller&)>;
[[nodiscard]] Handler adminOnly(const directory::Context& context, AdminHandler handle);

/// As adminOnly, with a JSON body: 415 or 400 when there is none. `application/merge-patch+json` is
/// taken too.
using AdminBodyHandler = std::function<Response(const Request&, const Caller&, const json::Value&)>;
[[nodiscard]] Handler adminWithBody(const directory::Context& context, AdminBodyHandler handle);

/// The version that If-Match names: nothing without the header or with `*`. Error kVersionMismatch
/// for a tag that cannot be a version of ours.
[[nodiscard]] Result<std::optional<Version>> expectedVersion(const Request& request);

/// Error kForbidden for a token that is bound to domains: it may not change what all domains share.
[[nodiscard]] Result<void> requireAllDomains(const Caller& caller);

}  // namespace vestibule::http
