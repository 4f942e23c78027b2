#include "http/jit_prompts.h"

#include <utility>

#include "base/clock.h"
#include "base/encoding.h"
#include "http/error_response.h"
#include "http/jit_answer.h"
#include "http/jit_result.h"
#include "jit/codes.h"
#include "jit/prompts.h"
#include "jit/return_url.h"
#include "json/write.h"

namespace vestibule::http {
namespace {

std::string pathOf(const store::PromptId& id) { return "/jit/v1/prompts/" + toHex(id.value()); }

class PromptState {
 public:
  PromptState(const directory::Context& context, const jit::IdentityProviders& providers,
              PublicOrigin origin)
      : context_(context), providers_(providers), origin_(std::move(origin)) {}

  Response get(const Request& request) const {
    const std::string correlation_id = correlationIdOf(request);
    const auto failed = [&](const Error& error) {
      return jitFailure(error, jit::OnFailure::kRefuse, correlation_id);
    };
    const auto caller = jitCaller(request, context_, correlation_id);
    if (!caller) return caller.error();
    const auto prompt = jit::findPrompt(context_, *caller->principal, request.parameter("id"));
    if (!prompt) return failed(prompt.error());
    auto user =
        showUser(context_, *caller, prompt->domain, prompt->user, publicOriginOf(request, origin_));
    if (!user) return failed(user.error());
    return jitAnswer(200, "application/json", describe(*prompt, *user), correlation_id);
  }

 private:
  std::string describe(const store::Prompt& prompt, const ShownUser& user) const {
    json::Object body{{"prompt", pathOf(prompt.id)},
                      {"state", jit::stateOf(prompt, now())},
                      {"created", formatTimestamp(prompt.created)},
                      {"expires", formatTimestamp(prompt.expires)}};
    if (prompt.finished) body.set("finished", formatTimestamp(*prompt.finished));
    body.set("correlationId", prompt.correlation_id);
    if (!prompt.code.empty()) {
      const jit::CodeInfo* info = jit::findCode(prompt.code);
      const Error error{
          info == nullptr ? ErrorKind::kInternal : info->kind, prompt.detail, {}, {}, prompt.code};
      body.set("problem",
               jitProblem(error, statusOf(error.kind), onFailureOf(prompt), prompt.correlation_id));
    }
    std::string text = json::write(body);
    text.back() = ',';
    const auto catalog = context_.catalog->current();
    const directory::Domain* domain = prompt.domain ? catalog->findDomain(*prompt.domain) : nullptr;
    const std::string_view outcome =
        prompt.outcome ? std::string_view(*prompt.outcome) : nameOf(jit::Outcome::kPrompt);
    return text +
           resultMembers(outcome, domain, user, {prompt.identity_provider, prompt.subject}, {}) +
           "}";
  }

  jit::OnFailure onFailureOf(const store::Prompt& prompt) const {
    const auto provider = providers_.find(*context_.catalog->current(), prompt.identity_provider);
    return provider ? (*provider)->on_failure : jit::OnFailure::kRefuse;
  }

  const directory::Context& context_;
  const jit::IdentityProviders& providers_;
  PublicOrigin origin_;
};

}  // namespace

std::string promptUrl(const jit::IdentityProvider& provider, const std::string& public_origin,
                      const std::string& ticket) {
  const std::string& page = provider.prompt.page_url;
  if (!page.empty()) return jit::withParameter(page, "ticket", ticket);
  return public_origin + "/provision/" + ticket;
}

json::Object describePrompt(const jit::OpenedPrompt& opened, const jit::IdentityProvider& provider,
                            const std::string& public_origin) {
  return {{"url", promptUrl(provider, public_origin, opened.ticket)},
          {"expires", formatTimestamp(opened.expires)},
          {"state", pathOf(opened.id)}};
}

void addPromptStateRoute(Router& router, const directory::Context& context,
                         const jit::IdentityProviders& providers, const PublicOrigin& origin) {
  const auto api = std::make_shared<const PromptState>(context, providers, origin);
  router.add(Method::kGet, "/jit/v1/prompts/{id}",
             [api](const Request& request) { return api->get(request); });
}

}  // namespace vestibule::http
