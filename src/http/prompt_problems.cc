#include "http/prompt_problems.h"

#include <algorithm>

#include "http/prompt_fields.h"

namespace vestibule::http {
namespace {

using Reason = jit::FieldProblem::Reason;
using scim::AttributeType;

std::string invalidText(const LanguageTexts& texts, const FieldPlace& place) {
  const TextValues label = {{"label", place.label}};
  switch (place.type) {
    case AttributeType::kInteger:
    case AttributeType::kDecimal:
      return texts.text("problemInvalidNumber", label);
    case AttributeType::kDateTime:
      return texts.text("problemInvalidDateTime", label);
    default:
      return texts.text("problemInvalid", label);
  }
}

/// The policy's own text, which is the operator's, in whatever language.
std::string policyText(const LanguageTexts& texts, const FieldPlace& place,
                       const jit::FieldProblem& problem) {
  if (!problem.detail.empty()) return problem.detail;
  if (place.field == prompt_field::kUserName) return texts.text("userNameRefused");
  if (place.field == prompt_field::kPassword) return texts.text("passwordRefused");
  return texts.text("problemOther", {{"label", place.label}});
}

std::string textOf(const LanguageTexts& texts, const FieldPlace& place,
                   const jit::FieldProblem& problem) {
  const TextValues label = {{"label", place.label}};
  switch (problem.reason) {
    case Reason::kMissing:
      return texts.text("problemMissing", label);
    case Reason::kTaken:
      return texts.text("problemTaken");
    case Reason::kPolicy:
      return policyText(texts, place, problem);
    case Reason::kMismatch:
      return texts.text("problemMismatch");
    case Reason::kInvalid:
      return invalidText(texts, place);
    case Reason::kMandatory:
      return texts.text("problemMandatory", label);
    case Reason::kOutdated:
      return texts.text("problemOutdated", label);
    case Reason::kNotAskedFor:
      return texts.text("problemNotAskedFor");
  }
  return texts.text("problemOther", label);
}

}  // namespace

ProblemTexts::ProblemTexts(const LanguageTexts& texts, const FieldPlaces& places,
                           const std::vector<jit::FieldProblem>& problems) {
  for (const auto& place : places) {
    for (const auto& problem : problems) {
      if (problem.field != place.field) continue;
      auto text = textOf(texts, place, problem);
      summary_.push_back(json::Object{{"text", text}, {"target", place.id}});
      by_field_.emplace_back(place.field, std::move(text));
    }
  }
  for (const auto& problem : problems) {
    const bool is_there = std::any_of(places.begin(), places.end(), [&](const auto& place) {
      return place.field == problem.field;
    });
    if (is_there) continue;
    const FieldPlace nowhere{problem.field, "", problem.field, AttributeType::kString};
    summary_.push_back(json::Object{{"text", textOf(texts, nowhere, problem)}, {"target", ""}});
  }
}

std::string ProblemTexts::of(std::string_view field) const {
  std::string all;
  for (const auto& [name, text] : by_field_) {
    if (name != field) continue;
    if (!all.empty()) all += ' ';
    all += text;
  }
  return all;
}

}  // namespace vestibule::http
