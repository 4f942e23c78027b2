#pragma once
// A prompt as JSON: for pages that are not ours.

#include <string>

#include "base/result.h"
#include "jit/prompt_form.h"
#include "jit/prompts.h"
#include "json/value.h"

namespace vestibule::http {

/// Answers as they were sent.
struct SentAnswers {
  jit::PromptAnswers answers;
  bool declines = false;
  std::string language;  ///< that the person was asked in; empty: not said
};

/// What the holder of a ticket is told: the state, and of an open prompt all that is asked.
[[nodiscard]] json::Object describePrompt(const jit::HeldPrompt& held);

/// All that is asked.
[[nodiscard]] json::Object describeForm(const jit::PromptForm& form);

/// `[{"field","reason","detail"}]`.
[[nodiscard]] json::Array describeProblems(const std::vector<jit::FieldProblem>& problems);

/// Reads `{"userName"?, "password"?, "passwordConfirmation"?, "attributes"?: {path: text},
/// "consents"?: [{"purpose", "version", "agreed": [path]}], "language"?}`, or `{"decline": true}`
/// and nothing beside it. Error kInvalidRequest (JIT-1000), naming the member, for anything else.
[[nodiscard]] Result<SentAnswers> readSentAnswers(const json::Value& body);

}  // namespace vestibule::http
