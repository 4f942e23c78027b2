#include "http/prompt_page.h"

#include "http/prompt_headers.h"
#include "http/prompt_values.h"

namespace vestibule::http {
namespace {

/// How the texts of an outcome begin.
std::string_view keyOf(PromptOutcome outcome) {
  switch (outcome) {
    case PromptOutcome::kDone:
      return "done";
    case PromptOutcome::kDeclined:
      return "declined";
    case PromptOutcome::kAnswered:
      return "answered";
    case PromptOutcome::kExpired:
      return "expired";
    case PromptOutcome::kUnknown:
      return "unknown";
    case PromptOutcome::kRefused:
      return "refused";
    case PromptOutcome::kMalformed:
      return "malformed";
    case PromptOutcome::kBusy:
      return "busy";
    case PromptOutcome::kFailed:
      return "failed";
  }
  return "failed";
}

/// True where a new look at the page may help.
bool canBeTriedAgain(PromptOutcome outcome) {
  return outcome == PromptOutcome::kMalformed || outcome == PromptOutcome::kBusy ||
         outcome == PromptOutcome::kFailed;
}

bool isGood(PromptOutcome outcome) {
  return outcome == PromptOutcome::kDone || outcome == PromptOutcome::kAnswered;
}

}  // namespace

std::string PageAddress::path() const { return base + "/provision/" + ticket; }

std::string renderPrompt(const PromptTheme& theme, const LanguageTexts& texts,
                         const jit::PromptForm& form, const PageState& state) {
  return theme.page().render(promptValues(theme, texts, form, state));
}

int statusOf(PromptOutcome outcome) {
  switch (outcome) {
    case PromptOutcome::kDone:
    case PromptOutcome::kDeclined:
      return 200;
    case PromptOutcome::kAnswered:
    case PromptOutcome::kExpired:
      return 410;
    case PromptOutcome::kUnknown:
      return 404;
    case PromptOutcome::kRefused:
      return 403;
    case PromptOutcome::kMalformed:
      return 400;
    case PromptOutcome::kBusy:
      return 503;
    case PromptOutcome::kFailed:
      return 500;
  }
  return 500;
}

std::string renderOutcome(const PromptTheme& theme, const LanguageTexts& texts,
                          const OutcomePage& page) {
  const std::string key(keyOf(page.outcome));
  const bool returns = !returnSource(page.return_url).empty();
  const bool has_return_text =
      returns && (page.outcome == PromptOutcome::kDone || page.outcome == PromptOutcome::kDeclined);
  auto values = commonValues(theme, texts, page.address);
  const auto title = texts.text(key + "Title");
  values.set("text", textValues(texts, {}));
  values.set("title", title);
  values.set("pageTitle", title);
  values.set("lead", texts.text(key + (has_return_text ? "ReturnText" : "Text")));
  values.set("outcome", key);
  values.set("isGood", isGood(page.outcome));
  values.set("isDeclined", page.outcome == PromptOutcome::kDeclined);
  values.set("isBad", !isGood(page.outcome) && page.outcome != PromptOutcome::kDeclined);
  values.set("code", page.code);
  values.set("returnUrl", returns ? page.return_url : std::string());
  values.set("againUrl", canBeTriedAgain(page.outcome) ? page.address.path() : std::string());
  // Another language would ask anew for what is over by then.
  values.set("hasLanguages", false);
  return theme.outcome().render(values);
}

}  // namespace vestibule::http
