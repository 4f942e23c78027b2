#include "http/prompt_claims.h"

namespace vestibule::http {
namespace {

/// Beyond is a picture or a certificate, which says nothing to a reader.
constexpr std::size_t kMaxTextBytes = 300;
constexpr std::size_t kMaxValues = 50;
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

std::string cut(const std::string& text) {
  if (text.size() <= kMaxTextBytes) return text;
  auto end = kMaxTextBytes;
  // Not within a character.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + std::string(kEllipsis);
}

std::string textOf(const LanguageTexts& texts, const json::Value& value);

/// What stands for the whole of a complex value, else its parts: `Street: …, City: …`.
std::string textOfObject(const LanguageTexts& texts, const json::Object& object) {
  for (const std::string_view name : {"formatted", "display", "displayName", "value"}) {
    const auto* member = object.find(name);
    if (member != nullptr && !member->isNull()) return textOf(texts, *member);
  }
  std::string all;
  for (const auto& member : object) {
    if (!all.empty()) all += ", ";
    all += texts.label(member.key) + ": " + textOf(texts, member.value);
  }
  return all;
}

std::string textOf(const LanguageTexts& texts, const json::Value& value) {
  if (const auto* text = value.string()) return cut(*text);
  if (const auto* number = value.number()) return number->text;
  if (const auto* boolean = value.boolean()) return texts.text(*boolean ? "yes" : "no");
  if (const auto* object = value.object()) return cut(textOfObject(texts, *object));
  std::string all;
  if (const auto* array = value.array()) {
    for (const auto& element : *array) {
      if (!all.empty()) all += ", ";
      all += textOf(texts, element);
    }
  }
  return cut(all);
}

}  // namespace

json::Array claimValues(const LanguageTexts& texts, const std::vector<jit::ShownClaim>& claims) {
  json::Array all;
  for (const auto& claim : claims) {
    json::Array values;
    if (const auto* array = claim.value.array()) {
      for (const auto& element : *array) {
        if (values.size() == kMaxValues) {
          values.emplace_back(kEllipsis);
          break;
        }
        values.emplace_back(textOf(texts, element));
      }
    } else {
      values.emplace_back(textOf(texts, claim.value));
    }
    all.push_back(json::Object{
        {"path", claim.path}, {"label", texts.label(claim.path)}, {"values", std::move(values)}});
  }
  return all;
}

}  // namespace vestibule::http
