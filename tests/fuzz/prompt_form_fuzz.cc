// Answers to a prompt: any body of a form or of JSON is read, or refused without any of its values;
// and any page of a form with any texts is safe to open.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/unicode.h"
#include "fuzz/invariant.h"
#include "http/form_body.h"
#include "http/prompt_answers.h"
#include "http/prompt_json.h"
#include "http/prompt_page.h"
#include "http/prompt_theme.h"
#include "json/parse.h"
#include "support/prompt_forms.h"

namespace vestibule::http {
namespace {

using fuzz::require;

void tryForm(const std::string& text) {
  static const jit::PromptForm kForm = vestibule::test::fullForm();
  auto fields = parseFormBody(text);
  if (!fields) {
    require(fields.error().detail.size() < 300, "a refusal repeats no value", text);
    return;
  }
  const auto reply = readAnswers(*std::move(fields), kForm);
  if (!reply) require(reply.error().detail.size() < 300, "a refusal repeats no value", text);
}

void tryJson(const std::string& text) {
  const auto body = json::parse(text);
  if (!body) return;
  const auto sent = readSentAnswers(*body);
  if (!sent) require(!sent.error().code.empty(), "a refusal has a code", text);
}

/// The text stands wherever somebody else's text does.
void tryPage(const std::string& text) {
  static PromptThemes themes(VESTIBULE_SOURCE_DIR "/web/prompt", "");
  static const auto kTheme = themes.theme(jit::kDefaultTheme);
  require(kTheme.has_value(), "the theme can be used");
  if (!isValidUtf8(text)) return;
  jit::PromptForm form = vestibule::test::fullForm();
  form.description = text;
  form.user_name->proposed = text;
  form.user_name->hint = text;
  form.user_name->pattern = text;
  form.claims.push_back({"title", text});
  form.attributes.front().description = text;
  PageState state;
  state.address.ticket = "ticket";
  state.csrf = "csrf";
  state.problems.push_back({"userName", jit::FieldProblem::Reason::kPolicy, text});
  const auto& texts = (*kTheme)->texts().choose("en", "");
  const std::string page = renderPrompt(**kTheme, texts, form, state);
  static const std::size_t kTags = [&] {
    jit::PromptForm plain = vestibule::test::fullForm();
    plain.claims.push_back({"title", "x"});
    plain.user_name->pattern = "x";
    PageState other;
    other.problems.push_back({"userName", jit::FieldProblem::Reason::kPolicy, "x"});
    const std::string calm = renderPrompt(**kTheme, texts, plain, other);
    return static_cast<std::size_t>(std::count(calm.begin(), calm.end(), '<'));
  }();
  const auto tags = static_cast<std::size_t>(std::count(page.begin(), page.end(), '<'));
  require(tags <= kTags, "no text opens a tag", text);
}

void tryText(const std::string& text) {
  tryForm(text);
  tryJson(text);
  tryPage(text);
}

}  // namespace
}  // namespace vestibule::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vestibule::http::tryText(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
