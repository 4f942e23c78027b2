#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

#include "base/clock.h"
#include "http/error_response.h"
#include "http/jit_answer.h"
#include "http/jit_api.h"
#include "http/jit_result.h"
#include "jit/codes.h"
#include "json/write.h"

namespace vestibule::http {
namespace {

constexpr unsigned kMostSeconds = 60;

/// For how long the client would wait: `?wait=`, 0 without.
Result<std::chrono::seconds> waitOf(const Request& request) {
  const auto text = request.queryValue("wait");
  if (!text) return std::chrono::seconds(0);
  unsigned seconds = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (error != std::errc() || end != text->data() + text->size() || seconds > kMostSeconds) {
    return jit::refusal(jit::kInvalidRequest,
                        "wait is a number of seconds from 0 to " + std::to_string(kMostSeconds),
                        "wait");
  }
  return std::chrono::seconds(seconds);
}

bool hasEnded(const store::Operation& operation) {
  return operation.state == store::OperationState::kDone ||
         operation.state == store::OperationState::kDead;
}

class OperationApi {
 public:
  OperationApi(const directory::Context& context, const jit::IdentityProviders& providers,
               JitApiOptions options)
      : context_(context), providers_(providers), options_(std::move(options)) {}

  /// Whatever is not to be waited for is answered by `get`, errors too.
  void park(const Request& request, std::unique_ptr<Parked> parked) const {
    const auto wait = waitOf(request);
    if (!wait || wait->count() == 0 || options_.waits == nullptr) return;
    const auto since = OperationWaits::Clock::now();
    const auto caller = jitCaller(request, context_, correlationIdOf(request));
    if (!caller) return;
    const auto operation =
        jit::findOperation(context_, *caller->principal, request.parameter("id"));
    if (!operation || hasEnded(*operation)) return;
    options_.waits->add(operation->id, since + *wait, std::move(parked));
  }

  Response get(const Request& request) const {
    const std::string correlation_id = correlationIdOf(request);
    const auto failed = [&](const Error& error) {
      return jitFailure(error, jit::OnFailure::kRefuse, correlation_id);
    };
    const auto caller = jitCaller(request, context_, correlation_id);
    if (!caller) return caller.error();
    if (const auto wait = waitOf(request); !wait) return failed(wait.error());
    const auto operation =
        jit::findOperation(context_, *caller->principal, request.parameter("id"));
    if (!operation) return failed(operation.error());
    auto user = showUser(context_, *caller, operation->domain, operation->user,
                         publicOriginOf(request, options_.origin));
    if (!user) return failed(user.error());
    return jitAnswer(200, "application/json", describe(*operation, *user), correlation_id);
  }

 private:
  std::string describe(const store::Operation& operation, const ShownUser& user) const {
    const bool done = operation.state == store::OperationState::kDone;
    json::Object body{{"operation", "/jit/v1/operations/" + jit::textOf(operation.id)},
                      {"state", jit::nameOf(operation.state)},
                      {"attempts", unsigned{operation.attempts}},
                      {"created", formatTimestamp(operation.created)}};
    if (operation.finished) body.set("finished", formatTimestamp(*operation.finished));
    if (operation.state == store::OperationState::kQueued && operation.attempts > 0) {
      body.set("nextAttempt", formatTimestamp(operation.due));
    }
    body.set("correlationId", operation.correlation_id);
    const bool has_result = done && operation.code.empty();
    if (!has_result) {
      if (done) body.set("outcome", operation.outcome.value_or(""));
      body.set("identityProvider", operation.identity_provider);
      body.set("subject", operation.subject.value());
    }
    if (!operation.code.empty()) {
      const Error error = errorOf(operation);
      body.set("problem", jitProblem(error, statusOf(error.kind), onFailureOf(operation),
                                     operation.correlation_id));
    }
    std::string text = json::write(body);
    if (!has_result) return text;
    text.back() = ',';
    return text + resultMembers(*context_.catalog->current(), operation, user) + "}";
  }

  /// As in the answer of a blocking login: the setting, `refuse` when the provider is gone.
  jit::OnFailure onFailureOf(const store::Operation& operation) const {
    const auto provider =
        providers_.find(*context_.catalog->current(), operation.identity_provider);
    return provider ? (*provider)->on_failure : jit::OnFailure::kRefuse;
  }

  const directory::Context& context_;
  const jit::IdentityProviders& providers_;
  JitApiOptions options_;
};

}  // namespace

void addOperationRoutes(Router& router, const directory::Context& context,
                        const jit::IdentityProviders& providers, const JitApiOptions& options) {
  const auto api = std::make_shared<const OperationApi>(context, providers, options);
  RouteOptions route;
  route.park = [api](const Request& request, std::unique_ptr<Parked> parked) {
    api->park(request, std::move(parked));
  };
  router.add(
      Method::kGet, "/jit/v1/operations/{id}",
      [api](const Request& request) { return api->get(request); }, route);
}

}  // namespace vestibule::http
