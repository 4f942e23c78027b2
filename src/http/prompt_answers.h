#pragma once
// The answer of a prompt's page: form fields into data.

#include <string>

#include "base/result.h"
#include "http/form_body.h"
#include "jit/prompt_form.h"

namespace vestibule::http {

/// What came back from a page.
struct PromptReply {
  jit::PromptAnswers answers;  ///< of a person who declines too, and then of no interest
  bool is_declined = false;
  std::string csrf;  ///< not checked yet; empty when there was none
};

/// Reads the fields of a page's form. A value for an attribute of the form gets the spelling of its
/// type: a date without a time zone is in UTC. Nothing is checked against the form, which is the
/// business of those who act on the answers. Error kInvalidSyntax, without any value, for: a field
/// that no page has, one that comes twice, `consent:…` and `agree:…` that do not go together, no
/// decision.
[[nodiscard]] Result<PromptReply> readAnswers(FormFields fields, const jit::PromptForm& form);

}  // namespace vestibule::http
