#pragma once
// Prompts: a login that waits for what its person answers. Whoever holds the ticket is asked; the
// gateway, which gave the ticket to the person's browser, asks for the outcome by the prompt's id.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "directory/context.h"
#include "directory/principal.h"
#include "jit/identity_providers.h"
#include "jit/opened_prompt.h"
#include "jit/prompt_form.h"
#include "jit/provision.h"
#include "store/prompt_store.h"

namespace vestibule::jit {

/// Answers that are not good enough, and names that are looked up, for one ticket.
inline constexpr std::uint32_t kMostTries = 200;

/// A prompt whose ticket somebody has.
struct HeldPrompt {
  store::Prompt row;
  std::shared_ptr<const IdentityProvider> provider;  ///< null when it is gone
  PromptForm form;                                   ///< empty unless it is open
};

/// What came of answers, or of declining.
struct AnsweredPrompt {
  store::Prompt row;       ///< as it was before
  ProvisionResult result;  ///< outcome kPrompt: the answers were not good enough, see `problems`
};

/// Stores a prompt for a login that has to wait, with the event that `event` makes. The ticket is
/// in no row and in no log.
[[nodiscard]] Result<OpenedPrompt> openPrompt(const directory::Context& context,
                                              const directory::Principal& principal,
                                              const IdentityProvider& provider,
                                              const ProvisionRequest& request,
                                              const std::string& return_url,
                                              const std::function<store::AuditEvent()>& event);

/// What the holder of the ticket is asked, as things stand now. A prompt that nothing has to be
/// asked for any more is still open, with an empty form: any answer ends it. Errors: kNoPrompt
/// (JIT-1016); those of the decision, such as a domain that has been disabled meanwhile. A prompt
/// that has ended or expired is no error: `row` says so.
[[nodiscard]] Result<HeldPrompt> showPrompt(const directory::Context& context,
                                            const IdentityProviders& providers,
                                            std::string_view ticket);

/// Goes on with the login. When it is provisioned the prompt has ended in the same transaction;
/// when the answers are not good enough it stays open. `language` is that of the page, for the
/// receipt. Errors in `result`: kNoPrompt, kPromptEnded (JIT-1017), kPromptExpired (JIT-1018),
/// kTooManyTries (JIT-1020), and those of provision; a refusal leaves the prompt open.
[[nodiscard]] AnsweredPrompt answerPrompt(const directory::Context& context,
                                          const IdentityProviders& providers,
                                          std::string_view ticket, const PromptAnswers& answers,
                                          const std::string& language);

/// Ends the prompt: nobody is provisioned, and the gateway learns JIT-1410. Errors kNoPrompt,
/// kPromptEnded, kPromptExpired.
[[nodiscard]] Result<store::Prompt> declinePrompt(const directory::Context& context,
                                                  std::string_view ticket);

/// Whether a name would do, as a problem of the field `userName`; none when it would. Errors as
/// answerPrompt; kNoPrompt also where no name is asked for.
struct NameCheck {
  std::optional<FieldProblem> problem;
  std::string suggestion;  ///< a name like it that is free, when it is taken
};
[[nodiscard]] Result<NameCheck> checkPromptedName(const directory::Context& context,
                                                  const IdentityProviders& providers,
                                                  std::string_view ticket, const std::string& name);

/// The identity provider of this ticket; null when there is no such ticket or it is gone.
[[nodiscard]] std::shared_ptr<const IdentityProvider> providerOfTicket(
    const directory::Context& context, const IdentityProviders& providers, std::string_view ticket);

/// The prompt of this id (32 hexadecimal digits), when the principal may see it: it is its own, or
/// it sees all domains. Error kNoPrompt.
[[nodiscard]] Result<store::Prompt> findPrompt(const directory::Context& context,
                                               const directory::Principal& principal,
                                               std::string_view id);

/// `open`, `expired`, `answered` or `declined` at this time.
[[nodiscard]] std::string_view stateOf(const store::Prompt& prompt, Timestamp now);

/// Where the browser goes when the prompt has ended; empty when the gateway did not say.
[[nodiscard]] std::string returnTo(const store::Prompt& prompt);

}  // namespace vestibule::jit
