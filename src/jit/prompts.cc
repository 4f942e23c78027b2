#include "jit/prompts.h"

#include <utility>

#include "base/crypto.h"
#include "base/encoding.h"
#include "base/log.h"
#include "jit/codes.h"
#include "jit/decision_event.h"
#include "jit/operations.h"
#include "jit/return_url.h"
#include "jit/waiting_login.h"

namespace vestibule::jit {
namespace {

constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kTicketBytes = 32;
constexpr std::string_view kReturnParameter = "vestibulePrompt";

store::TicketDigest digestOf(std::string_view ticket) {
  return store::TicketDigest(sha256(ticket));
}

Result<store::Prompt> findByTicket(const directory::Context& context, std::string_view ticket) {
  auto& database = *context.database;
  auto found = database.read([&](store::Session& session) {
    return store::findPrompt(session, database.controlSchema(), digestOf(ticket));
  });
  if (!found) return propagate(found);
  if (!*found) return refusal(kNoPrompt, "there is no such prompt");
  return **std::move(found);
}

/// A prompt that can still be answered.
Result<store::Prompt> findOpen(const directory::Context& context, std::string_view ticket) {
  auto prompt = findByTicket(context, ticket);
  if (!prompt) return propagate(prompt);
  if (prompt->state != store::PromptState::kOpen) {
    return refusal(kPromptEnded, "the prompt has been answered");
  }
  if (prompt->expires <= now()) return refusal(kPromptExpired, "the prompt has expired");
  return prompt;
}

Result<void> countTry(const directory::Context& context, const store::Prompt& prompt) {
  auto& database = *context.database;
  auto counted = database.write([&](store::Session& session) {
    return store::countTry(session, database.controlSchema(), prompt.seq, kMostTries);
  });
  if (!counted) return propagate(counted);
  if (!*counted)
    return refusal(kTooManyTries, "too much was tried with this prompt: sign in again");
  return {};
}

Result<bool> end(const directory::Context& context, const store::PromptEnd& how,
                 const store::AuditEvent* event) {
  auto& database = *context.database;
  return database.write([&](store::Session& session) {
    return store::endPrompt(session, database.controlSchema(), how, event, now());
  });
}

ProvisionResult failed(Error error, const store::Prompt& prompt) {
  return {tl::make_unexpected(std::move(error)), OnFailure::kRefuse, Trace(), prompt.subject};
}

/// The end of a login that wrote nothing: the prompt has an end of its own then. Error
/// kPromptEnded.
Result<void> endUnwritten(const directory::Context& context, const store::Prompt& prompt,
                          const Provisioned& done) {
  store::PromptEnd how;
  how.seq = prompt.seq;
  how.outcome = nameOf(done.outcome);
  if (done.domain != nullptr) how.domain = done.domain->tables().number;
  if (done.user) how.user = done.user->resource.meta.id;
  auto ended = end(context, how, nullptr);
  if (!ended) return propagate(ended);
  if (!*ended) return refusal(kPromptEnded, "the prompt has been answered");
  return {};
}

}  // namespace

Result<OpenedPrompt> openPrompt(const directory::Context& context,
                                const directory::Principal& principal,
                                const IdentityProvider& provider, const ProvisionRequest& request,
                                const std::string& return_url,
                                const std::function<store::AuditEvent()>& event) {
  OpenedPrompt opened;
  opened.id = store::PromptId(randomBytes(kIdBytes));
  opened.ticket = toBase64Url(randomBytes(kTicketBytes));
  store::NewPrompt row;
  row.id = opened.id;
  row.ticket = digestOf(opened.ticket);
  row.token_id = principal.token_id;
  row.identity_provider = provider.name;
  row.subject = request.subject;
  row.correlation_id = request.correlation_id;
  row.request = writeWaitingLogin(request, principal);
  row.return_url = return_url;
  row.created = now();
  row.expires = row.created + std::chrono::microseconds(provider.prompt.expires).count();
  opened.expires = row.expires;
  auto& database = *context.database;
  const auto said = event();
  auto stored = database.write([&](store::Session& session) {
    return store::insertPrompt(session, database.controlSchema(), row, said);
  });
  if (!stored) return propagate(stored);
  return opened;
}

Result<HeldPrompt> showPrompt(const directory::Context& context, const IdentityProviders& providers,
                              std::string_view ticket) {
  auto prompt = findByTicket(context, ticket);
  if (!prompt) return propagate(prompt);
  HeldPrompt held;
  held.provider =
      providers.find(*context.catalog->current(), prompt->identity_provider).value_or(nullptr);
  const bool open = prompt->state == store::PromptState::kOpen && prompt->expires > now();
  if (open) {
    auto login = readWaitingLogin(*prompt);
    if (!login) return propagate(login);
    auto result = explain(context, providers, login->principal, login->request);
    if (!result.decision) return propagate(result.decision);
    if (result.decision->form) held.form = *std::move(result.decision->form);
  }
  held.row = *std::move(prompt);
  return held;
}

AnsweredPrompt answerPrompt(const directory::Context& context, const IdentityProviders& providers,
                            std::string_view ticket, const PromptAnswers& answers,
                            const std::string& language) {
  auto prompt = findOpen(context, ticket);
  if (!prompt) return {{}, failed(std::move(prompt.error()), {})};
  AnsweredPrompt outcome{*std::move(prompt), failed({}, {})};
  const store::Prompt& row = outcome.row;
  if (auto counted = countTry(context, row); !counted) {
    outcome.result = failed(std::move(counted.error()), row);
    return outcome;
  }
  auto login = readWaitingLogin(row);
  if (!login) {
    login.error().code = kUnexpected.code;
    outcome.result = failed(std::move(login.error()), row);
    return outcome;
  }
  login->request.answers = &answers;
  login->request.language = language;
  login->request.prompt.emplace().seq = row.seq;
  outcome.result = provision(context, providers, login->principal, login->request);
  auto& decision = outcome.result.decision;
  if (!decision || decision->outcome == Outcome::kPrompt || decision->end_is_stored) return outcome;
  if (auto ended = endUnwritten(context, row, *decision); !ended) decision = propagate(ended);
  return outcome;
}

Result<store::Prompt> declinePrompt(const directory::Context& context, std::string_view ticket) {
  auto prompt = findOpen(context, ticket);
  if (!prompt) return propagate(prompt);
  auto login = readWaitingLogin(*prompt);
  if (!login) return propagate(login);
  store::PromptEnd how;
  how.seq = prompt->seq;
  how.outcome = nameOf(Outcome::kRefused);
  how.code = kDeclined.code;
  how.detail = "the person who was asked has declined";
  Trace trace;
  trace.add("prompt", "answers", "decline", how.detail);
  auto event = decisionEvent(
      {prompt->correlation_id, &login->principal, prompt->identity_provider, prompt->subject},
      how.outcome, trace);
  event.code = how.code;
  auto ended = end(context, how, &event);
  if (!ended) return propagate(ended);
  if (!*ended) return refusal(kPromptEnded, "the prompt has been answered");
  return prompt;
}

Result<NameCheck> checkPromptedName(const directory::Context& context,
                                    const IdentityProviders& providers, std::string_view ticket,
                                    const std::string& name) {
  auto prompt = findOpen(context, ticket);
  if (!prompt) return propagate(prompt);
  if (auto counted = countTry(context, *prompt); !counted) return propagate(counted);
  auto login = readWaitingLogin(*prompt);
  if (!login) return propagate(login);
  PromptAnswers answers;
  answers.user_name = name;
  login->request.answers = &answers;
  auto result = explain(context, providers, login->principal, login->request);
  if (!result.decision) return propagate(result.decision);
  NameCheck check;
  const auto& form = result.decision->form;
  if (!form) return check;
  if (!form->user_name) return refusal(kNoPrompt, "no user name is asked for");
  check.suggestion = form->user_name->suggestion;
  for (auto& problem : result.decision->problems) {
    if (problem.field == "userName") check.problem = std::move(problem);
  }
  return check;
}

std::shared_ptr<const IdentityProvider> providerOfTicket(const directory::Context& context,
                                                         const IdentityProviders& providers,
                                                         std::string_view ticket) {
  auto prompt = findByTicket(context, ticket);
  if (!prompt) return nullptr;
  return providers.find(*context.catalog->current(), prompt->identity_provider).value_or(nullptr);
}

Result<store::Prompt> findPrompt(const directory::Context& context,
                                 const directory::Principal& principal, std::string_view id) {
  const auto bytes = parseOperationId(id);
  if (!bytes) return refusal(kNoPrompt, "there is no such prompt");
  auto& database = *context.database;
  auto found = database.read([&](store::Session& session) {
    return store::findPrompt(session, database.controlSchema(), store::PromptId(bytes->value()));
  });
  if (!found) return propagate(found);
  const bool visible =
      *found && (principal.all_domains || (*found)->token_id == principal.token_id);
  if (!visible) return refusal(kNoPrompt, "there is no such prompt");
  return **std::move(found);
}

std::string_view stateOf(const store::Prompt& prompt, Timestamp now) {
  if (prompt.state == store::PromptState::kOpen) return prompt.expires > now ? "open" : "expired";
  return prompt.code.empty() ? "answered" : "declined";
}

std::string returnTo(const store::Prompt& prompt) {
  if (prompt.return_url.empty()) return {};
  return withParameter(prompt.return_url, kReturnParameter, toHex(prompt.id.value()));
}

}  // namespace vestibule::jit
