#pragma once
// Problems of answers as a page tells them: beside the field, and in the list at the top.

#include <string>
#include <string_view>
#include <vector>

#include "http/prompt_text.h"
#include "jit/prompt_form.h"
#include "json/value.h"
#include "scim/schema/attribute.h"

namespace vestibule::http {

/// Where the field of a problem is on the page.
struct FieldPlace {
  std::string field;  ///< as FieldProblem names it
  std::string id;     ///< of the input
  std::string label;
  scim::AttributeType type = scim::AttributeType::kString;
};
using FieldPlaces = std::vector<FieldPlace>;

/// The problems in the words of one language.
class ProblemTexts {
 public:
  ProblemTexts(const LanguageTexts& texts, const FieldPlaces& places,
               const std::vector<jit::FieldProblem>& problems);

  /// What is wrong with this field; empty when nothing is.
  [[nodiscard]] std::string of(std::string_view field) const;

  /// `{text, target}` for each, in the order of the page; those of fields that the page does not
  /// have come last, without a target.
  [[nodiscard]] const json::Array& summary() const { return summary_; }

 private:
  std::vector<std::pair<std::string, std::string>> by_field_;
  json::Array summary_;
};

}  // namespace vestibule::http
