#include "http/authentication.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/unicode.h"
#include "directory/self_service.h"

namespace vestibule::http {
namespace {

constexpr std::string_view kScheme = "bearer ";
constexpr std::size_t kMaxTokenBytes = 4'096;

tl::unexpected<Error> unauthenticated(std::string detail, std::string_view code = {}) {
  return failure(ErrorKind::kUnauthenticated, std::move(detail), {}, std::string(code));
}

tl::unexpected<Error> insufficientScope(directory::Scope scope) {
  return failure(
      ErrorKind::kForbidden,
      "the token lacks the scope " + directory::scopesText(static_cast<std::uint8_t>(scope)), {},
      std::string(kInsufficientScope));
}

/// Unknown, revoked, expired or malformed: all the same to a client.
tl::unexpected<Error> invalidToken() {
  return unauthenticated("the token is not valid", kInvalidToken);
}

}  // namespace

Result<Caller> authenticate(const Request& request,
                            std::shared_ptr<const directory::Catalog> catalog) {
  const auto fields = request.headers.count("Authorization");
  if (fields == 0) return unauthenticated("a bearer token is needed");
  if (fields > 1) {
    return unauthenticated("there is more than one Authorization header", kInvalidRequest);
  }
  std::string_view value = *request.headers.first("Authorization");
  if (value.size() <= kScheme.size() ||
      !equalIgnoringAsciiCase(value.substr(0, kScheme.size()), kScheme)) {
    return unauthenticated("the Authorization header holds no bearer token");
  }
  value.remove_prefix(kScheme.size());
  if (value.size() > kMaxTokenBytes) return invalidToken();
  Caller caller;
  caller.principal = catalog->findPrincipal(sha256(value), now());
  if (caller.principal == nullptr) return invalidToken();
  caller.catalog = std::move(catalog);
  return caller;
}

Result<Caller> authorize(const Request& request, std::shared_ptr<const directory::Catalog> catalog,
                         directory::Scope scope) {
  auto caller = authenticate(request, std::move(catalog));
  if (!caller) return caller;
  if (!caller->principal->has(scope)) return insufficientScope(scope);
  return caller;
}

Result<Caller> authorizeForSelf(const Request& request,
                                std::shared_ptr<const directory::Catalog> catalog,
                                directory::Scope scope) {
  auto caller = authenticate(request, std::move(catalog));
  if (!caller) return caller;
  if (!caller->principal->user) {
    return failure(ErrorKind::kNotImplemented, "this server does not offer " + request.path +
                                                   " to a token that is bound to no user");
  }
  const auto own_scope = directory::selfServiceScope(scope);
  const bool may = caller->principal->has(scope) || caller->principal->has(own_scope);
  return may ? caller : insufficientScope(own_scope);
}

}  // namespace vestibule::http
