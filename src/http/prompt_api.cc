#include "http/prompt_api.h"

#include <memory>
#include <utility>

#include "base/unicode.h"
#include "http/error_response.h"
#include "http/form_body.h"
#include "http/jit_answer.h"
#include "http/prompt_assets.h"
#include "http/prompt_json.h"
#include "http/prompt_pages.h"
#include "http/scim_request.h"
#include "jit/codes.h"
#include "jit/prompts.h"
#include "json/write.h"

namespace vestibule::http {
namespace {

constexpr std::string_view kPattern = "/provision/{ticket}";

/// Browsers name HTML; programs that take anything get JSON.
bool wantsPage(const Request& request) {
  return lowerAscii(request.headers.joined("Accept")).find("text/html") != std::string::npos;
}

std::string ticketOf(const Request& request) { return std::string(request.parameter("ticket")); }

/// The prompt for programs.
class PromptJson {
 public:
  PromptJson(const directory::Context& context, const jit::IdentityProviders& providers)
      : context_(context), providers_(providers) {}

  Response show(const Request& request) const {
    auto held = jit::showPrompt(context_, providers_, ticketOf(request));
    if (!held) return failed(held.error(), request);
    return shared(answer(200, describePrompt(*held)), request, held->provider.get());
  }

  Response take(const Request& request) const {
    auto body = readJsonBody(request);
    if (!body) return failed(jit::refusal(jit::kInvalidRequest, body.error()).value(), request);
    auto sent = readSentAnswers(*body);
    if (!sent) return failed(sent.error(), request);
    if (sent->declines) return decline(request);
    auto outcome =
        jit::answerPrompt(context_, providers_, ticketOf(request), sent->answers, sent->language);
    const auto& decision = outcome.result.decision;
    if (!decision) return failed(decision.error(), request);
    if (decision->outcome == jit::Outcome::kPrompt) {
      const auto error =
          jit::refusal(jit::kAnswersRefused, "the answers are not complete or not valid").value();
      json::Object problem = jitProblem(error, statusOf(error.kind), outcome.result.on_failure,
                                        correlationIdOf(request));
      problem.set("problems", describeProblems(decision->problems));
      Response response = answer(statusOf(error.kind), std::move(problem));
      response.headers.set("Content-Type", "application/problem+json");
      return shared(std::move(response), request);
    }
    return shared(ended(jit::nameOf(decision->outcome), outcome.row), request);
  }

  Response checkName(const Request& request) const {
    auto body = readJsonBody(request);
    if (!body) return failed(jit::refusal(jit::kInvalidRequest, body.error()).value(), request);
    const auto name = body->stringAt("userName");
    if (!name || body->object()->size() != 1) {
      return failed(
          jit::refusal(jit::kInvalidRequest, "the body must be {\"userName\": \"…\"}").value(),
          request);
    }
    auto check =
        jit::checkPromptedName(context_, providers_, ticketOf(request), std::string(*name));
    if (!check) return failed(check.error(), request);
    json::Object shown{{"available", !check->problem}};
    if (check->problem) {
      shown.set("reason", jit::nameOf(check->problem->reason));
      shown.set("detail", check->problem->detail);
    }
    if (!check->suggestion.empty()) shown.set("suggestion", check->suggestion);
    return shared(answer(200, std::move(shown)), request);
  }

  /// What a browser asks before it lets a page of another origin send JSON (Fetch §3.2.2).
  Response preflight(const Request& request) const {
    Response response;
    response.status = 204;
    response = shared(std::move(response), request);
    if (response.headers.first("Access-Control-Allow-Origin")) {
      response.headers.set("Access-Control-Allow-Methods", "GET, POST");
      response.headers.set("Access-Control-Allow-Headers", "Accept, Content-Type");
      response.headers.set("Access-Control-Max-Age", "600");
    }
    return response;
  }

  Response notJson(const Request& request) const {
    const auto error = jit::refusal(
        jit::kNotJson, "the body must be application/json or application/x-www-form-urlencoded");
    return shared(jitFailure(error.value(), 415, jit::OnFailure::kRefuse, correlationIdOf(request)),
                  request);
  }

 private:
  Response decline(const Request& request) const {
    auto prompt = jit::declinePrompt(context_, ticketOf(request));
    if (!prompt) return failed(prompt.error(), request);
    return shared(ended(jit::nameOf(jit::Outcome::kRefused), *prompt), request);
  }

  static Response answer(int status, json::Object body) {
    Response response;
    response.status = status;
    response.headers.set("Content-Type", "application/json");
    response.headers.set("Cache-Control", "no-store");
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.headers.set("Referrer-Policy", "no-referrer");
    response.body = json::write(std::move(body));
    return response;
  }

  static Response ended(std::string_view outcome, const store::Prompt& prompt) {
    json::Object body{{"outcome", outcome}};
    if (const std::string url = jit::returnTo(prompt); !url.empty()) body.set("returnUrl", url);
    return answer(200, std::move(body));
  }

  Response failed(const Error& error, const Request& request) const {
    return shared(
        jitFailure(error, promptStatusOf(error), jit::OnFailure::kRefuse, correlationIdOf(request)),
        request);
  }

  /// Lets the page that the settings name read the answer.
  Response shared(Response response, const Request& request,
                  const jit::IdentityProvider* provider = nullptr) const {
    response.headers.add("Vary", "Accept, Origin");
    const auto origin = request.headers.first("Origin");
    if (!origin) return response;
    std::shared_ptr<const jit::IdentityProvider> found;
    if (provider == nullptr) {
      found = jit::providerOfTicket(context_, providers_, ticketOf(request));
      provider = found.get();
    }
    if (provider != nullptr && !provider->prompt.page_origin.empty() &&
        provider->prompt.page_origin == *origin) {
      response.headers.set("Access-Control-Allow-Origin", std::string(*origin));
    }
    return response;
  }

  const directory::Context& context_;
  const jit::IdentityProviders& providers_;
};

}  // namespace

void addPromptRoutes(Router& router, const directory::Context& context,
                     const jit::IdentityProviders& providers, PromptThemes& themes,
                     const std::string& public_url) {
  const auto json = std::make_shared<const PromptJson>(context, providers);
  const auto pages = std::make_shared<const PromptPages>(context, providers, themes, public_url);
  const std::string name_check = std::string(kPattern) + "/user-name";
  RouteOptions options;
  options.body_limit = kMostPromptBytes;
  router.add(Method::kGet, kPattern, [json, pages](const Request& request) {
    return wantsPage(request) ? pages->show(request) : json->show(request);
  });
  router.add(
      Method::kPost, kPattern,
      [json, pages](const Request& request) {
        if (isFormBody(request.headers.first("Content-Type").value_or(""))) {
          return pages->take(request);
        }
        return isJsonContent(request) ? json->take(request) : json->notJson(request);
      },
      options);
  router.add(
      Method::kPost, name_check,
      [json](const Request& request) {
        return isJsonContent(request) ? json->checkName(request) : json->notJson(request);
      },
      options);
  for (const std::string& path : {std::string(kPattern), name_check}) {
    router.add(Method::kOptions, path,
               [json](const Request& request) { return json->preflight(request); });
  }
  addPromptAssetRoutes(router, themes);
}

int promptStatusOf(const Error& error) {
  constexpr int kGone = 410;
  constexpr int kTooManyRequests = 429;
  if (error.code == jit::kPromptEnded.code || error.code == jit::kPromptExpired.code) return kGone;
  if (error.code == jit::kTooManyTries.code) return kTooManyRequests;
  return statusOf(error.kind);
}

}  // namespace vestibule::http
