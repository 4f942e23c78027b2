#pragma once
// The gateway's endpoints, on the internal listener: POST /jit/v1/provision and POST
// /jit/v1/explain.

#include <functional>
#include <string>

#include "directory/context.h"
#include "http/router.h"
#include "jit/identity_providers.h"

namespace vestibule::http {

/// What the endpoints need beside the use cases.
struct JitApiOptions {
  /// How SCIM clients reach this server from outside, such as `https://id.example.com`: the user in
  /// an answer has its location there.
  std::string public_url;
  /// Where the public listener is reached while `public_url` is empty, for a client that calls this
  /// machine `host` (without port and brackets); asked at each request. Empty: the Host header's
  /// word is taken.
  std::function<std::string(const std::string& host)> public_origin = {};
};

/// The most bytes of a request.
inline constexpr std::size_t kMaxJitBody = std::size_t{256} * 1024;

/// Adds the routes. Both need the scope `jit`; a token bound to domains provisions into these only.
/// `Idempotency-Key` may be sent: in blocking mode a repeated request comes to the same user
/// without it. `X-Correlation-Id` is taken over into answer and log, or one is made. `context` and
/// `providers` must outlive the router.
void addJitRoutes(Router& router, const directory::Context& context,
                  const jit::IdentityProviders& providers, const JitApiOptions& options);

}  // namespace vestibule::http
