#include "http/jit_api.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "base/crypto.h"
#include "base/log.h"
#include "http/error_response.h"
#include "http/jit_answer.h"
#include "http/jit_prompts.h"
#include "http/jit_result.h"
#include "http/outbound_settling.h"
#include "http/prompt_json.h"
#include "http/scim_request.h"
#include "jit/codes.h"
#include "jit/provision.h"
#include "jit/provision_request.h"
#include "json/write.h"

namespace vestibule::http {
namespace {

constexpr std::string_view kKeyHeader = "Idempotency-Key";
constexpr std::size_t kMostKeyBytes = 255;

/// What every answer to one request shares.
struct Exchange {
  const Request& request;
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

/// The key as it was sent, or nothing. Error kInvalidRequest (JIT-1000) for more than one, and for
/// what is no 1 to 255 visible characters.
Result<std::optional<std::string>> keyOf(const Request& request) {
  const auto count = request.headers.count(kKeyHeader);
  if (count == 0) return std::optional<std::string>();
  const auto key = request.headers.first(kKeyHeader).value_or("");
  const bool good = count == 1 && !key.empty() && key.size() <= kMostKeyBytes &&
                    std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (good) return std::optional(std::string(key));
  return jit::refusal(jit::kInvalidRequest,
                      "an Idempotency-Key is 1 to 255 visible ASCII characters, and there is one",
                      std::string(kKeyHeader));
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
      auto key = keyOf(request);
      if (!key) return failed(key.error(), jit::OnFailure::kRefuse, exchange);
      const auto provider = providers_.find(*caller.catalog, asked.identity_provider);
      if (provider && (*provider)->provisioning) {
        const bool waits = (*provider)->mode == jit::Mode::kNonBlocking;
        if (waits || *key) return stored(caller, **provider, asked, *std::move(key), exchange);
      }
      return decidedNow(caller, asked, exchange);
    });
  }

  Response explain(const Request& request) const {
    return handle(request, [&](const Caller& caller, const jit::ProvisionRequest& asked,
                               const Exchange& exchange) {
      const auto result = jit::explain(context_, providers_, *caller.principal, asked);
      if (!result.decision) return explainFailure(result, asked, exchange);
      auto user = showUser(context_, caller, *result.decision, exchange.origin);
      if (!user) return failed(user.error(), result.on_failure, exchange);
      std::string body =
          "{" + resultMembers(*result.decision, *user, {asked.identity_provider, result.subject});
      if (const auto& form = result.decision->form)
        appendMember(body, "prompt", describeForm(*form));
      appendMember(body, "trace", result.trace.toJson());
      appendMember(body, "correlationId", exchange.correlation_id);
      body += '}';
      return answer(200, std::move(body), exchange);
    });
  }

 private:
  Response decidedNow(const Caller& caller, const jit::ProvisionRequest& asked,
                      const Exchange& exchange) const {
    return shown(caller, jit::provision(context_, providers_, *caller.principal, asked), asked,
                 exchange);
  }

  /// A request that is stored before it is decided: it waits for its turn, or has a key.
  Response stored(const Caller& caller, const jit::IdentityProvider& provider,
                  jit::ProvisionRequest asked, std::optional<std::string> key,
                  const Exchange& exchange) const {
    const bool waits = provider.mode == jit::Mode::kNonBlocking;
    asked.can_ask = !waits;
    auto accepted = jit::accept(provider, asked);
    const auto digest = sha256(exchange.request.body);
    if (!accepted) {
      // What was accepted once has its answer, though its ID token may have expired since. Nobody
      // gets in by an identity provider that has been switched off.
      if (key && provider.enabled) {
        auto known = jit::findKnown(context_, *caller.principal, *key, digest);
        if (!known) return failed(known.error(), provider.on_failure, exchange);
        if (*known && waits) return queued(**known, exchange);
        if (*known) return again(caller, **known, provider, exchange);
      }
      // Refused as every login is: with its audit, its trace and its count.
      return decidedNow(caller, asked, exchange);
    }
    const jit::OperationRequest operation{*std::move(accepted), digest, std::move(key)};
    return waits ? queue(caller, provider, operation, exchange)
                 : runOnce(caller, provider, operation, exchange);
  }

  /// The answer to a provision that has been decided.
  Response shown(const Caller& caller, const jit::ProvisionResult& result,
                 const jit::ProvisionRequest& asked, const Exchange& exchange) const {
    if (!result.decision) return failed(result.decision.error(), result.on_failure, exchange);
    const jit::Provisioned& done = *result.decision;
    auto user = showUser(context_, caller, done, exchange.origin);
    if (!user) return failed(user.error(), result.on_failure, exchange);
    logEvent(events::kLoginDecided, {{"outcome", nameOf(done.outcome)}});
    std::string members = resultMembers(done, *user, {asked.identity_provider, result.subject});
    if (done.opened) {
      const auto provider = providers_.find(*done.catalog, asked.identity_provider);
      if (!provider) return failed(provider.error(), result.on_failure, exchange);
      appendMember(members, "prompt", describePrompt(*done.opened, **provider, exchange.origin));
    }
    std::optional<ResourceId> id;
    if (done.user) id = done.user->resource.meta.id;
    return settled(nameOf(done.outcome), id, std::move(members), *user, result.on_failure,
                   exchange);
  }

  /// The answer to a login that is stored. Where it changed its user, how the targets that block
  /// stand is a member, or makes it a failure.
  Response settled(std::string_view outcome, const std::optional<ResourceId>& id,
                   std::string members, const ShownUser& user, jit::OnFailure on_failure,
                   const Exchange& exchange) const {
    const bool changed = outcome == nameOf(jit::Outcome::kCreated) ||
                         outcome == nameOf(jit::Outcome::kUpdated) ||
                         outcome == nameOf(jit::Outcome::kLinked);
    std::vector<outbound::Settled> all;
    if (options_.outbound != nullptr && changed && id) {
      all = options_.outbound->settle(*id, exchange.correlation_id);
    }
    if (auto fault = outboundFault(all)) {
      const auto late = jit::refusal(jit::kOutboundNotSent, *std::move(fault));
      return failed(late.value(), on_failure, exchange);
    }
    if (!all.empty()) {
      json::Object targets;
      for (const auto& one : all) targets.set(one.target, nameOf(one.state));
      appendMember(members, "outbound", std::move(targets));
    }
    return decided(outcome == nameOf(jit::Outcome::kCreated), members, user, exchange);
  }

  static Response decided(bool created, const std::string& members, const ShownUser& user,
                          const Exchange& exchange) {
    std::string body = "{" + members;
    appendMember(body, "correlationId", exchange.correlation_id);
    body += '}';
    Response response = answer(created ? 201 : 200, std::move(body), exchange);
    if (created && !user.location.empty()) response.headers.set("Location", user.location);
    return response;
  }

  /// Non-blocking mode: durable before it is answered.
  Response queue(const Caller& caller, const jit::IdentityProvider& provider,
                 const jit::OperationRequest& asked, const Exchange& exchange) const {
    auto operation = jit::queueOperation(context_, *caller.principal, asked);
    if (!operation) return refusedKey(operation.error(), provider, exchange);
    if (options_.queued) options_.queued();
    return queued(*operation, exchange);
  }

  static Response queued(const store::Operation& operation, const Exchange& exchange) {
    const std::string location = "/jit/v1/operations/" + jit::textOf(operation.id);
    std::string body = R"({"outcome":"queued")";
    appendMember(body, "operation", location);
    appendMember(body, "identityProvider", operation.identity_provider);
    appendMember(body, "subject", operation.subject.value());
    appendMember(body, "correlationId", exchange.correlation_id);
    body += '}';
    Response response = answer(202, std::move(body), exchange);
    response.headers.set("Location", location);
    return response;
  }

  /// Blocking mode with a key: run now, unless it has been.
  Response runOnce(const Caller& caller, const jit::IdentityProvider& provider,
                   const jit::OperationRequest& asked, const Exchange& exchange) const {
    auto begun = jit::beginOperation(context_, *caller.principal, asked, options_.operations);
    if (!begun) return refusedKey(begun.error(), provider, exchange);
    if (!begun->lease) return again(caller, begun->operation, provider, exchange);
    const auto result = jit::runOperation(context_, providers_, begun->operation, *begun->lease,
                                          options_.operations, jit::OnOutage::kForget);
    return shown(caller, result, asked.request, exchange);
  }

  /// The answer that a request under the same key has had.
  Response again(const Caller& caller, const store::Operation& operation,
                 const jit::IdentityProvider& provider, const Exchange& exchange) const {
    if (operation.state == store::OperationState::kDead || !operation.code.empty()) {
      return failed(errorOf(operation), provider.on_failure, exchange);
    }
    if (operation.state != store::OperationState::kDone) {
      const auto running = jit::refusal(
          jit::kKeyInUse, "the request with this Idempotency-Key is still running: ask again");
      Response response = failed(running.value(), provider.on_failure, exchange);
      response.headers.set("Retry-After", "1");
      return response;
    }
    auto user = showUser(context_, caller, operation.domain, operation.user, exchange.origin);
    if (!user) return failed(user.error(), provider.on_failure, exchange);
    // Its targets may have come further since: how they stand now is what counts.
    return settled(operation.outcome.value_or(""), operation.user,
                   resultMembers(*context_.catalog->current(), operation, *user), *user,
                   provider.on_failure, exchange);
  }

  /// A key that stands for another request is answered 422, a status that no kind has.
  static Response refusedKey(const Error& error, const jit::IdentityProvider& provider,
                             const Exchange& exchange) {
    constexpr int kUnprocessable = 422;
    if (error.code != jit::kKeyReused.code) return failed(error, provider.on_failure, exchange);
    return jitFailure(error, kUnprocessable, provider.on_failure, exchange.correlation_id);
  }

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
    const Exchange exchange{request, correlationIdOf(request),
                            publicOriginOf(request, options_.origin)};
    const auto refuse = [&](const Error& error) {
      return failed(error, jit::OnFailure::kRefuse, exchange);
    };
    auto caller = jitCaller(request, context_, exchange.correlation_id);
    if (!caller) return std::move(caller.error());
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
    asked->correlation_id = exchange.correlation_id;
    return decide(*caller, *asked, exchange);
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
