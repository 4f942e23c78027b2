#include "http/authentication.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/unicode.h"
#include "directory/failed_attempts.h"
#include "directory/self_service.h"
#include "store/federated_identity_store.h"

namespace vestibule::http {
namespace {

constexpr std::string_view kScheme = "bearer ";
constexpr std::size_t kMaxTokenBytes = std::size_t{16} * 1024;

tl::unexpected<Error> unauthenticated(std::string detail, std::string_view code = {}) {
  return failure(ErrorKind::kUnauthenticated, std::move(detail), {}, std::string(code));
}

tl::unexpected<Error> insufficientScope(directory::Scope scope) {
  return failure(
      ErrorKind::kForbidden,
      "the token lacks the scope " + directory::scopesText(static_cast<std::uint8_t>(scope)), {},
      std::string(kInsufficientScope));
}

/// To the second: what every request writes, every processor would have to fetch.
void noteUse(directory::TokenActivity& activity, Timestamp at) {
  constexpr Timestamp kSecond = 1'000'000;
  const Timestamp noted = activity.last_used.load(std::memory_order_relaxed);
  if (at - noted >= kSecond) activity.last_used.store(at, std::memory_order_relaxed);
}

/// Unknown, revoked, expired or malformed: all the same to a client.
tl::unexpected<Error> invalidToken() {
  return unauthenticated("the token is not valid", kInvalidToken);
}

/// What follows `Bearer` in the one Authorization header.
Result<std::string_view> bearerTokenOf(const Request& request) {
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
  return value;
}

/// With `may_wait`, an access token of another issuer is verified, else only remembered.
Result<Caller> identifyBy(const Request& request, const directory::Context& context,
                          bool may_wait) {
  auto token = bearerTokenOf(request);
  if (!token) return propagate(token);
  const std::string digest = sha256(*token);
  const Timestamp at = now();
  Caller caller;
  caller.catalog = context.catalog->current();
  // Our own tokens have no dot, and those of others have two.
  const bool is_ours = token->find('.') == std::string_view::npos;
  if (is_ours || context.access_tokens == nullptr) {
    caller.principal = caller.catalog->findPrincipal(digest, at);
    if (caller.principal == nullptr) return invalidToken();
  } else if (may_wait) {
    auto bearer = context.access_tokens->verify(*caller.catalog, *token, digest, at);
    if (!bearer) return propagate(bearer);
    caller.bearer = *std::move(bearer);
  } else {
    caller.bearer = context.access_tokens->remembered(*caller.catalog, digest, at);
    if (caller.bearer == nullptr) return invalidToken();
  }
  if (caller.bearer != nullptr) caller.principal = caller.bearer->principal.get();
  noteUse(*caller.principal->activity, at);
  LogScope::noteCaller(caller.principal->token_id);
  return caller;
}

/// The user of an access token of another issuer. Nothing when it is bound to nobody.
Result<std::optional<ResourceId>> userOf(const directory::Context& context, const Caller& caller) {
  const auto* provider =
      caller.catalog->findIdentityProvider(caller.bearer->issuer->identity_provider);
  if (provider == nullptr) return std::optional<ResourceId>();
  auto identity = context.database->read([&](store::Session& session) {
    return store::findIdentity(session, context.database->controlSchema(), provider->number,
                               caller.bearer->subject);
  });
  if (!identity) return propagate(identity);
  return *identity ? std::optional((*identity)->user) : std::nullopt;
}

}  // namespace

Result<Caller> identify(const Request& request, const directory::Context& context) {
  return identifyBy(request, context, true);
}

Result<Caller> identifyAtOnce(const Request& request, const directory::Context& context) {
  return identifyBy(request, context, false);
}

Result<void> admit(const directory::Principal& principal) {
  if (!principal.requests_per_minute) return {};
  const auto wait =
      principal.activity->rate.admit(*principal.requests_per_minute, RequestRate::Clock::now());
  if (wait == 0) return {};
  return tooManyRequests("the token may send " + std::to_string(*principal.requests_per_minute) +
                             " requests in a minute, and has",
                         wait);
}

Result<Caller> authenticate(const Request& request, const directory::Context& context) {
  auto caller = identify(request, context);
  if (caller) {
    if (auto admitted = admit(*caller->principal); !admitted) return propagate(admitted);
    return caller;
  }
  const bool tried = caller.error().code == kInvalidToken && context.failed_attempts != nullptr;
  const auto wait =
      tried ? context.failed_attempts->count(request.peer, RequestRate::Clock::now()) : 0;
  if (wait == 0) return caller;
  return tooManyRequests("too many tokens that are not valid come from this address", wait);
}

Result<Caller> requireScope(Caller caller, directory::Scope scope) {
  if (!caller.principal->has(scope)) return insufficientScope(scope);
  return caller;
}

Result<Caller> authorize(const Request& request, const directory::Context& context,
                         directory::Scope scope) {
  auto caller = authenticate(request, context);
  return caller ? requireScope(*std::move(caller), scope) : caller;
}

Result<Caller> authorizeForSelf(const Request& request, const directory::Context& context,
                                directory::Scope scope) {
  auto caller = authenticate(request, context);
  if (!caller) return caller;
  if (caller->bearer != nullptr) {
    auto user = userOf(context, *caller);
    if (!user) return propagate(user);
    auto self = std::make_shared<directory::Principal>(*caller->principal);
    self->user = *user;
    caller->self = std::move(self);
    caller->principal = caller->self.get();
  }
  if (!caller->principal->user) {
    return failure(ErrorKind::kNotImplemented, "this server does not offer " + request.path +
                                                   " to a token that is bound to no user");
  }
  const auto own_scope = directory::selfServiceScope(scope);
  const bool may = caller->principal->has(scope) || caller->principal->has(own_scope);
  return may ? caller : insufficientScope(own_scope);
}

}  // namespace vestibule::http
