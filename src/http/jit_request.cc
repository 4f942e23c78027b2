#include "http/jit_request.h"

#include <string_view>
#include <utility>

#include "http/error_response.h"
#include "http/jit_answer.h"
#include "http/scim_request.h"
#include "jit/codes.h"

namespace vestibule::http {
namespace {

/// How the client calls this machine: the Host header without port and brackets.
std::string hostNameOf(const Request& request) {
  std::string host = originOf(request, {});
  host.erase(0, host.find("://") + 3);
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

}  // namespace

std::string publicOriginOf(const Request& request, const PublicOrigin& origin) {
  if (origin.url.empty() && origin.of_host) return origin.of_host(hostNameOf(request));
  return originOf(request, origin.url);
}

tl::unexpected<Error> refusalOf(Error error) {
  const jit::CodeInfo& info = error.kind == ErrorKind::kForbidden         ? jit::kMissingScope
                              : error.kind == ErrorKind::kTooManyRequests ? jit::kTooManyRequests
                                                                          : jit::kUnauthenticated;
  return jit::refusal(info, std::move(error));
}

Response jitUnauthorized(Error error, const std::string& correlation_id) {
  const std::string challenge = error.code;
  const auto refused = refusalOf(std::move(error));
  // Until the identity provider is known, a failure says `refuse`.
  Response response = jitFailure(refused.value(), jit::OnFailure::kRefuse, correlation_id);
  addStatusHeaders(response, challenge, refused.value().retry_after);
  return response;
}

tl::expected<Caller, Response> jitCaller(const Request& request, const directory::Context& context,
                                         const std::string& correlation_id) {
  auto caller = authorize(request, context, directory::Scope::kJit);
  if (caller) return *std::move(caller);
  return tl::make_unexpected(jitUnauthorized(std::move(caller.error()), correlation_id));
}

}  // namespace vestibule::http
