#include "http/jit_api.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "directory/users.h"
#include "http/authentication.h"
#include "http/error_response.h"
#include "http/jit_answer.h"
#include "http/scim_request.h"
#include "jit/codes.h"
#include "jit/provision.h"
#include "jit/provision_request.h"
#include "json/write.h"

namespace vestibule::http {
namespace {

/// What every answer to one request shares.
struct Exchange {
  std::string correlation_id;
  std::string origin;  ///< of the public listener
};

Response answer(int status, std::string body, const Exchange& exchange) {
  return jitAnswer(status, "application/json", std::move(body), exchange.correlation_id);
}

Response failed(const Error& error, jit::OnFailure on_failure, const Exchange& exchange) {
  return jitFailure(error, on_failure, exchange.correlation_id);
}

void appendMember(std::string& out, std::string_view key, const json::Value& value) {
  out += ',';
  json::appendString(out, key);
  out += ':';
  json::append(out, value);
}

json::Value namesOf(const std::vector<std::string>& names) {
  return json::Value(json::Array(names.begin(), names.end()));
}

json::Object groupsOf(const jit::GroupChanges& changes) {
  return {{"granted", namesOf(changes.granted)},
          {"revoked", namesOf(changes.revoked)},
          {"ignored", namesOf(changes.ignored)},
          {"created", namesOf(changes.created)}};
}

/// A user as the answer shows it: as SCIM does below the base of its domain.
struct ShownUser {
  std::string body;  ///< empty: there is none
  std::string location;
};

Result<ShownUser> showUser(const directory::Context& context, const Caller& caller,
                           const jit::Provisioned& done, const Exchange& exchange) {
  if (done.new_attributes) {
    const auto shown = scim::Projection().apply(*context.user_type, *done.new_attributes);
    return ShownUser{json::write(shown), {}};
  }
  if (!done.user) return ShownUser{};
  const std::string& domain = done.domain->name().value();
  auto view = directory::View::ofDomain(
      done.catalog, *caller.principal, exchange.origin + "/domains/" + domain + "/scim/v2", domain);
  if (!view) return propagate(view);
  auto rendered =
      directory::renderUser(context, *view, *done.domain, *done.user, scim::Projection());
  if (!rendered) return propagate(rendered);
  return ShownUser{std::move(rendered->body), std::move(rendered->location)};
}

/// The members that the answers of both endpoints have.
std::string resultText(const jit::Provisioned& done, const ShownUser& user,
                       const jit::ProvisionRequest& asked, const Subject& subject) {
  std::string body = "{\"outcome\":";
  json::appendString(body, nameOf(done.outcome));
  if (done.domain != nullptr) appendMember(body, "domain", done.domain->name().value());
  if (!user.body.empty()) body += ",\"user\":" + user.body;
  appendMember(body, "identityProvider", asked.identity_provider);
  appendMember(body, "subject", subject.value());
  if (done.domain != nullptr) appendMember(body, "groups", groupsOf(done.groups));
  return body;
}

/// How the client calls this machine: the Host header without port and brackets.
std::string hostNameOf(const Request& request) {
  std::string host = originOf(request, {}).substr(std::string_view("http://").size());
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

/// The two endpoints.
class JitApi {
 public:
  JitApi(const directory::Context& context, const jit::IdentityProviders& providers,
         JitApiOptions options)
      : context_(context), providers_(providers), options_(std::move(options)) {}

  Response provision(const Request& request) const {
    return handle(request, [&](const Caller& caller, const jit::ProvisionRequest& asked,
                               const Exchange& exchange) {
      const auto result = jit::provision(context_, providers_, *caller.principal, asked);
      if (!result.decision) return failed(result.decision.error(), result.on_failure, exchange);
      const jit::Provisioned& done = *result.decision;
      auto user = showUser(context_, caller, done, exchange);
      if (!user) return failed(user.error(), result.on_failure, exchange);
      spdlog::debug("jit {}: {}", exchange.correlation_id, nameOf(done.outcome));
      std::string body = resultText(done, *user, asked, result.subject);
      appendMember(body, "correlationId", exchange.correlation_id);
      body += '}';
      const bool created = done.outcome == jit::Outcome::kCreated;
      Response response = answer(created ? 201 : 200, std::move(body), exchange);
      if (created) response.headers.set("Location", user->location);
      return response;
    });
  }

  Response explain(const Request& request) const {
    return handle(request, [&](const Caller& caller, const jit::ProvisionRequest& asked,
                               const Exchange& exchange) {
      const auto result = jit::explain(context_, providers_, *caller.principal, asked);
      if (!result.decision) return explainFailure(result, asked, exchange);
      auto user = showUser(context_, caller, *result.decision, exchange);
      if (!user) return failed(user.error(), result.on_failure, exchange);
      std::string body = resultText(*result.decision, *user, asked, result.subject);
      appendMember(body, "trace", result.trace.toJson());
      appendMember(body, "correlationId", exchange.correlation_id);
      body += '}';
      return answer(200, std::move(body), exchange);
    });
  }

 private:
  /// A refusal is an answer to "what would happen"; a failure to find out is none.
  static Response explainFailure(const jit::ProvisionResult& result,
                                 const jit::ProvisionRequest& asked, const Exchange& exchange) {
    const Error& error = result.decision.error();
    if (error.kind == ErrorKind::kInternal || error.kind == ErrorKind::kUnavailable) {
      return failed(error, result.on_failure, exchange);
    }
    json::Object body{{"outcome", nameOf(jit::Outcome::kRefused)},
                      {"identityProvider", asked.identity_provider}};
    // Nobody knows whom a refused token is about.
    if (!result.subject.value().empty()) body.set("subject", result.subject.value());
    body.set("problem",
             jitProblem(error, statusOf(error.kind), result.on_failure, exchange.correlation_id));
    body.set("trace", result.trace.toJson());
    body.set("correlationId", exchange.correlation_id);
    return answer(200, json::write(body), exchange);
  }

  /// Who asks, and what. Until the identity provider is known, a failure says `refuse`.
  template <typename Decide>
  Response handle(const Request& request, Decide&& decide) const {
    const Exchange exchange{correlationIdOf(request), originOfPublic(request)};
    const auto refuse = [&](const Error& error) {
      return failed(error, jit::OnFailure::kRefuse, exchange);
    };
    auto caller = authorize(request, context_.catalog->current(), directory::Scope::kJit);
    if (!caller) {
      const bool known = caller.error().kind == ErrorKind::kForbidden;
      const std::string challenge = caller.error().code;
      Response response = refuse(jit::refusal(known ? jit::kMissingScope : jit::kUnauthenticated,
                                              std::move(caller.error()))
                                     .value());
      addStatusHeaders(response, challenge);
      return response;
    }
    if (!isJsonContent(request)) {
      const auto not_json =
          jit::refusal(jit::kNotJson, "the body must be application/json in UTF-8, not encoded");
      return jitFailure(not_json.value(), 415, jit::OnFailure::kRefuse, exchange.correlation_id);
    }
    auto body = readJsonBody(request);
    if (!body) {
      const bool large = body.error().kind == ErrorKind::kPayloadTooLarge;
      return refuse(
          jit::refusal(large ? jit::kTooLarge : jit::kInvalidRequest, std::move(body.error()))
              .value());
    }
    auto asked = jit::readProvisionRequest(*body);
    if (!asked) return refuse(asked.error());
    return decide(*caller, *asked, exchange);
  }

  std::string originOfPublic(const Request& request) const {
    if (options_.public_url.empty() && options_.public_origin) {
      return options_.public_origin(hostNameOf(request));
    }
    return originOf(request, options_.public_url);
  }

  const directory::Context& context_;
  const jit::IdentityProviders& providers_;
  JitApiOptions options_;
};

}  // namespace

void addJitRoutes(Router& router, const directory::Context& context,
                  const jit::IdentityProviders& providers, const JitApiOptions& options) {
  const auto api = std::make_shared<const JitApi>(context, providers, options);
  RouteOptions route;
  route.body_limit = kMaxJitBody;
  router.add(
      Method::kPost, "/jit/v1/provision",
      [api](const Request& request) { return api->provision(request); }, route);
  router.add(
      Method::kPost, "/jit/v1/explain",
      [api](const Request& request) { return api->explain(request); }, route);
}

}  // namespace vestibule::http
