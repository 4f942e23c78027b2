#pragma once
// What the requests of gateways share: who asks, under which id, and how the server is called.

#include <functional>
#include <string>
#include <tl/expected.hpp>

#include "directory/context.h"
#include "http/authentication.h"
#include "http/exchange.h"

namespace vestibule::http {

/// Where SCIM clients reach this server from outside: a user in an answer has its location there.
struct PublicOrigin {
  std::string url;  ///< such as `https://id.example.com`
  /// While `url` is empty: where the public listener is reached by a client that calls this machine
  /// `host` (without port and brackets); asked at each request. Empty: the Host header's word is
  /// taken.
  std::function<std::string(const std::string& host)> of_host = {};
};

/// The origin as the client of this request would have to call it.
[[nodiscard]] std::string publicOriginOf(const Request& request, const PublicOrigin& origin);

/// Why `authorize` has not let somebody in, under JIT-1006, JIT-1007 or JIT-1021.
[[nodiscard]] tl::unexpected<Error> refusalOf(Error error);

/// The answer to a request whose sender `authorize` has not let in, under these codes.
[[nodiscard]] Response jitUnauthorized(Error error, const std::string& correlation_id);

/// Who sends the request, if it has the scope `jit`; else the answer, under these codes.
[[nodiscard]] tl::expected<Caller, Response> jitCaller(const Request& request,
                                                       const directory::Context& context,
                                                       const std::string& correlation_id);

}  // namespace vestibule::http
