#include "http/prompt_pages.h"

#include <utility>

#include "base/log.h"
#include "http/form_body.h"
#include "http/jit_answer.h"
#include "http/prompt_answers.h"
#include "http/prompt_guard.h"
#include "http/prompt_headers.h"
#include "jit/codes.h"

namespace vestibule::http {
namespace {

/// What an error means to the person before the page.
PromptOutcome outcomeOf(const Error& error) {
  if (error.code == jit::kNoPrompt.code) return PromptOutcome::kUnknown;
  if (error.code == jit::kPromptEnded.code) return PromptOutcome::kAnswered;
  if (error.code == jit::kPromptExpired.code) return PromptOutcome::kExpired;
  switch (error.kind) {
    case ErrorKind::kUnavailable:
      return PromptOutcome::kBusy;
    case ErrorKind::kInternal:
      return PromptOutcome::kFailed;
    default:
      return PromptOutcome::kRefused;
  }
}

/// What has become of a prompt that nobody can answer any more.
PromptOutcome outcomeOf(std::string_view state) {
  if (state == "expired") return PromptOutcome::kExpired;
  return state == "declined" ? PromptOutcome::kDeclined : PromptOutcome::kAnswered;
}

/// The path of an absolute URL without its last slash; empty for none.
std::string pathOfUrl(const std::string& url) {
  const std::size_t authority = url.find("://");
  if (authority == std::string::npos) return {};
  const std::size_t path = url.find('/', authority + 3);
  if (path == std::string::npos) return {};
  std::string text = url.substr(path);
  while (text.ends_with('/')) text.pop_back();
  return text;
}

}  // namespace

PromptPages::PromptPages(const directory::Context& context, const jit::IdentityProviders& providers,
                         PromptThemes& themes, const std::string& public_url)
    : context_(context),
      providers_(providers),
      themes_(themes),
      base_(pathOfUrl(public_url)),
      secure_(public_url.empty() ? std::nullopt
                                 : std::optional(public_url.starts_with("https://"))) {}

Response PromptPages::show(const Request& request) const {
  auto held = jit::showPrompt(context_, providers_, request.parameter("ticket"));
  if (!held) {
    const auto provider = jit::providerOfTicket(context_, providers_, request.parameter("ticket"));
    return failed(request, held.error(), provider.get(), {});
  }
  auto look = lookOf(request, held->provider.get());
  if (!look) return failed(request, look.error(), nullptr, {});
  const std::string_view state = jit::stateOf(held->row, now());
  if (state != "open") return outcome(*look, outcomeOf(state), jit::returnTo(held->row));
  return form(request, *look, held->form, {}, held->row.return_url);
}

Response PromptPages::take(const Request& request) const {
  const std::string ticket(request.parameter("ticket"));
  auto held = jit::showPrompt(context_, providers_, ticket);
  if (!held) {
    const auto provider = jit::providerOfTicket(context_, providers_, ticket);
    return failed(request, held.error(), provider.get(), {});
  }
  const auto* provider = held->provider.get();
  auto look = lookOf(request, provider);
  if (!look) return failed(request, look.error(), nullptr, {});
  const std::string return_url = jit::returnTo(held->row);
  const std::string_view state = jit::stateOf(held->row, now());
  if (state != "open") return outcome(*look, outcomeOf(state), return_url);

  auto fields = parseFormBody(request.body);
  if (!fields) return outcome(*look, PromptOutcome::kMalformed);
  auto reply = readAnswers(*std::move(fields), held->form);
  if (!reply || !isFromOwnPage(request, ticket, reply->csrf, isSecure(request))) {
    const LogScope scope = LogScope::within(held->row.correlation_id);
    logEvent(events::kFormForged);
    return outcome(*look, PromptOutcome::kMalformed);
  }
  if (reply->is_declined) {
    auto declined = jit::declinePrompt(context_, ticket);
    if (!declined) return failed(request, declined.error(), provider, return_url);
    return outcome(*look, PromptOutcome::kDeclined, return_url, std::string(jit::kDeclined.code));
  }
  const auto answered =
      jit::answerPrompt(context_, providers_, ticket, reply->answers, look->texts->tag());
  const auto& decision = answered.result.decision;
  if (!decision) return failed(request, decision.error(), provider, return_url);
  if (decision->outcome != jit::Outcome::kPrompt) {
    return outcome(*look, PromptOutcome::kDone, return_url);
  }
  PageState again;
  again.previous = &reply->answers;
  again.problems = decision->problems;
  constexpr int kUnprocessable = 422;
  Response response = form(request, *look, *decision->form, std::move(again), held->row.return_url);
  response.status = kUnprocessable;
  return response;
}

Result<PromptPages::Look> PromptPages::lookOf(const Request& request,
                                              const jit::IdentityProvider* provider) const {
  auto theme = themes_.theme(provider == nullptr ? jit::kDefaultTheme
                                                 : std::string_view(provider->prompt.theme));
  if (!theme) return propagate(theme);
  const auto asked = request.queryValue("lang");
  const auto* texts =
      &(*theme)->texts().choose(asked, request.headers.first("Accept-Language").value_or(""));
  PageAddress address{base_, std::string(request.parameter("ticket")), asked.has_value()};
  return Look{*std::move(theme), texts, std::move(address)};
}

Response PromptPages::form(const Request& request, const Look& look, const jit::PromptForm& form,
                           PageState state, const std::string& return_url) const {
  auto secret = promptSecretOf(request, isSecure(request));
  const bool is_new = !secret;
  if (is_new) secret = newPromptSecret();
  state.address = look.address;
  state.csrf = promptToken(*secret, look.address.ticket);
  Response response;
  setPageHeaders(response, *look.texts, return_url);
  if (is_new) {
    response.headers.add("Set-Cookie", promptCookie(*secret, look.address, isSecure(request)));
  }
  response.body = renderPrompt(*look.theme, *look.texts, form, state);
  return response;
}

Response PromptPages::outcome(const Look& look, PromptOutcome what, const std::string& return_url,
                              std::string code) {
  Response response;
  response.status = statusOf(what);
  setPageHeaders(response, *look.texts, return_url);
  response.body =
      renderOutcome(*look.theme, *look.texts, {look.address, what, return_url, std::move(code)});
  return response;
}

Response PromptPages::failed(const Request& request, const Error& error,
                             const jit::IdentityProvider* provider,
                             const std::string& return_url) const {
  auto look = lookOf(request, provider);
  if (!look && provider != nullptr) look = lookOf(request, nullptr);
  if (!look) return jitFailure(look.error(), jit::OnFailure::kRefuse, correlationIdOf(request));
  if (error.kind == ErrorKind::kInternal) {
    logEvent(events::kPromptFailed, {{"reason", error.internal}});
  }
  return outcome(*look, outcomeOf(error), return_url, error.code);
}

}  // namespace vestibule::http
