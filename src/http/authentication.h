#pragma once
// From an Authorization header to a principal (RFC 6750).

#include <memory>
#include <string_view>

#include "base/result.h"
#include "directory/access_tokens.h"
#include "directory/context.h"
#include "directory/principal.h"
#include "http/exchange.h"

namespace vestibule::http {

/// An authenticated request: the principal lives as long as what is held beside it.
struct Caller {
  std::shared_ptr<const directory::Catalog> catalog;
  /// Whom an access token of another issuer has made the caller; null for our own tokens.
  std::shared_ptr<const directory::TokenBearer> bearer;
  /// The principal with a user of its own, for `/Me`; null elsewhere.
  std::shared_ptr<const directory::Principal> self;
  const directory::Principal* principal = nullptr;
};

// Codes of RFC 6750 §3.1, in the `code` of an error and in WWW-Authenticate. A request without a
// bearer token has none.
inline constexpr std::string_view kInvalidRequest = "invalid_request";
inline constexpr std::string_view kInvalidToken = "invalid_token";
inline constexpr std::string_view kInsufficientScope = "insufficient_scope";

/// Who sends the request, without counting it. Errors kUnauthenticated for no, several or malformed
/// Authorization headers, for a token that is unknown, revoked or expired, of which the text does
/// not tell one from the other, and for an access token of another issuer as AccessTokens::verify
/// says; kUnavailable when its keys cannot be had.
[[nodiscard]] Result<Caller> identify(const Request& request, const directory::Context& context);

/// The same for a thread that may not wait: an access token that is not remembered is not valid.
[[nodiscard]] Result<Caller> identifyAtOnce(const Request& request,
                                            const directory::Context& context);

/// Counts a request of the principal. Error kTooManyRequests when it may not send one now.
[[nodiscard]] Result<void> admit(const directory::Principal& principal);

/// Who sends the request, which counts as one of theirs. Errors of `identify` and `admit`;
/// kTooManyRequests also for a token that is not valid when too many of them come from one address.
[[nodiscard]] Result<Caller> authenticate(const Request& request,
                                          const directory::Context& context);

/// The caller, with a scope that is needed. Error kForbidden when the principal lacks it.
[[nodiscard]] Result<Caller> requireScope(Caller caller, directory::Scope scope);

/// `authenticate` and `requireScope`.
[[nodiscard]] Result<Caller> authorize(const Request& request, const directory::Context& context,
                                       directory::Scope scope);

/// For `/Me` (RFC 7644 §3.11): the same for a token that is bound to a user, and with `scope` or
/// directory::selfServiceScope of it. An access token of another issuer is bound to the user whom
/// the identity provider of the issuer's settings calls by its `sub`: one query. Error
/// kNotImplemented when the token is bound to nobody.
[[nodiscard]] Result<Caller> authorizeForSelf(const Request& request,
                                              const directory::Context& context,
                                              directory::Scope scope);

}  // namespace vestibule::http
