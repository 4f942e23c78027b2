#pragma once
// What an identity provider asserts, as people read it.

#include <vector>

#include "http/prompt_text.h"
#include "jit/prompt_form.h"
#include "json/value.h"

namespace vestibule::http {

/// `{path, label, values: [text…]}` for each claim. Long texts are cut.
[[nodiscard]] json::Array claimValues(const LanguageTexts& texts,
                                      const std::vector<jit::ShownClaim>& claims);

}  // namespace vestibule::http
