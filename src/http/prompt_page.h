#pragma once
// The pages of a prompt: data into HTML, by a theme. Pure.

#include <cstdint>
#include <string>
#include <vector>

#include "http/prompt_text.h"
#include "http/prompt_theme.h"
#include "jit/prompt_form.h"

namespace vestibule::http {

/// Where a page is, and in which language.
struct PageAddress {
  std::string base;    ///< the path of the public URL: empty, or as in `/vestibule`
  std::string ticket;  ///< of the prompt: plain characters
  /// True when the language was asked for by name (`?lang=`): then answers are asked for in it too.
  bool language_was_asked_for = false;

  /// `{base}/provision/{ticket}`.
  [[nodiscard]] std::string path() const;
};

/// What a page shows beyond the form itself.
struct PageState {
  PageAddress address;
  std::string csrf;  ///< as promptToken makes it
  /// What was answered before, to be corrected; null at first. Passwords in it are not shown.
  const jit::PromptAnswers* previous = nullptr;
  std::vector<jit::FieldProblem> problems;
};

/// The page that asks. O(size of the page). Every text of the form is escaped; those of the
/// domain's policies and of purposes are shown as they are stored.
[[nodiscard]] std::string renderPrompt(const PromptTheme& theme, const LanguageTexts& texts,
                                       const jit::PromptForm& form, const PageState& state);

/// The values that `renderPrompt` gives to `page.html`; docs/prompts.md tells them to the makers of
/// themes.
[[nodiscard]] json::Value promptValues(const PromptTheme& theme, const LanguageTexts& texts,
                                       const jit::PromptForm& form, const PageState& state);

/// Why a page asks nothing.
enum class PromptOutcome : std::uint8_t {
  kDone,       ///< answered, and the user is there
  kDeclined,   ///< the person does not want to
  kAnswered,   ///< was answered before
  kExpired,    ///< nobody answered in time
  kUnknown,    ///< no such ticket
  kRefused,    ///< answered, and the provision was refused all the same
  kMalformed,  ///< what came is no answer of this page, or another site's
  kBusy,       ///< the server or its database has no time
  kFailed,     ///< a defect
};

/// The status of the page: 200 for what the person did, 404, 410, 403, 400, 503 and 500 else.
[[nodiscard]] int statusOf(PromptOutcome outcome);

/// What a page says that asks nothing.
struct OutcomePage {
  PageAddress address;
  PromptOutcome outcome = PromptOutcome::kDone;
  /// Where the person goes on, with all that is added to it; empty: nowhere. The page goes there by
  /// itself, with a link for browsers that do not. A redirect of the form's own answer would be
  /// stopped by `form-action` as soon as the target redirects to yet another origin.
  std::string return_url;
  std::string code;  ///< for those who are asked for help; may be empty
};

[[nodiscard]] std::string renderOutcome(const PromptTheme& theme, const LanguageTexts& texts,
                                        const OutcomePage& page);

}  // namespace vestibule::http
