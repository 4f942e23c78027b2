#pragma once
// From an Authorization header to a principal (RFC 6750).

#include <memory>
#include <string_view>

#include "base/result.h"
#include "directory/catalog.h"
#include "directory/principal.h"
#include "http/exchange.h"

namespace vestibule::http {

/// An authenticated request: the principal lives as long as the catalog that is held beside it.
struct Caller {
  std::shared_ptr<const directory::Catalog> catalog;
  const directory::Principal* principal = nullptr;
};

// Codes of RFC 6750 §3.1, in the `code` of an error and in WWW-Authenticate. A request without a
// bearer token has none.
inline constexpr std::string_view kInvalidRequest = "invalid_request";
inline constexpr std::string_view kInvalidToken = "invalid_token";
inline constexpr std::string_view kInsufficientScope = "insufficient_scope";

/// Who sends the request. Error kUnauthenticated for no, several or malformed Authorization
/// headers, and for a token that is unknown, revoked or expired: the texts do not tell these last
/// apart.
[[nodiscard]] Result<Caller> authenticate(const Request& request,
                                          std::shared_ptr<const directory::Catalog> catalog);

/// The same, with a scope that is needed. Error kForbidden when the principal lacks it.
[[nodiscard]] Result<Caller> authorize(const Request& request,
                                       std::shared_ptr<const directory::Catalog> catalog,
                                       directory::Scope scope);

/// For `/Me` (RFC 7644 §3.11): the same for a token that is bound to a user, and with `scope` or
/// directory::selfServiceScope of it. Error kNotImplemented when the token is bound to nobody.
[[nodiscard]] Result<Caller> authorizeForSelf(const Request& request,
                                              std::shared_ptr<const directory::Catalog> catalog,
                                              directory::Scope scope);

}  // namespace vestibule::http
