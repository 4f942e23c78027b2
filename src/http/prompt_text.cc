#include "http/prompt_text.h"

#include <algorithm>

#include "base/unicode.h"
#include "http/language.h"
#include "jit/language_tag.h"
#include "json/parse.h"

namespace vestibule::http {
namespace {

using Texts = std::map<std::string, std::string, std::less<>>;

constexpr std::string_view kEnglish = "en";

std::string fileName(std::string_view tag) { return "text." + std::string(tag) + ".json"; }

tl::unexpected<Error> wrong(std::string detail) {
  return failure(ErrorKind::kInvalidValue, std::move(detail));
}

Result<void> readTexts(const json::Member& member, Texts& into) {
  const auto* object = member.value.object();
  if (object == nullptr) return wrong(member.key + " is an object of texts");
  for (const auto& [key, value] : *object) {
    const auto* text = value.string();
    if (text == nullptr || text->empty()) return wrong(member.key + "." + key + " is a text");
    into[key] = *text;
  }
  return {};
}

Result<void> readWord(const json::Member& member, std::string& into) {
  const auto* text = member.value.string();
  if (text == nullptr || text->empty()) return wrong(member.key + " is a text");
  into = *text;
  return {};
}

/// `emails[type eq "work"].value` without its schema, filter and `.value`: `emails`, and `work`.
struct ShortPath {
  std::string attribute;
  std::string kind;
};

ShortPath shortened(std::string_view path) {
  if (path.starts_with("urn:")) {
    // The filter of a value may hold a colon.
    path.remove_prefix(path.substr(0, path.find('[')).rfind(':') + 1);
  }
  ShortPath result;
  const auto bracket = path.find('[');
  result.attribute = path.substr(0, bracket);
  if (bracket != std::string_view::npos) {
    const auto end = path.rfind(']');
    const auto filter = path.substr(bracket, end - bracket);
    const auto quote = filter.find('"');
    if (quote != std::string_view::npos && filter.back() == '"' && filter.size() > quote + 1) {
      result.kind = filter.substr(quote + 1, filter.size() - quote - 2);
    }
    if (end != std::string_view::npos) result.attribute += path.substr(end + 1);
  }
  constexpr std::string_view kValue = ".value";
  if (result.attribute.ends_with(kValue)) {
    result.attribute.resize(result.attribute.size() - kValue.size());
  }
  return result;
}

/// `costCenterCode` as "Cost center code", `manager.displayName` as "Manager: display name".
std::string readable(std::string_view name) {
  std::string text;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool upper = c >= 'A' && c <= 'Z';
    if (c == '.') {
      text += ": ";
    } else if (c == '_' || c == '-') {
      text += ' ';
    } else if (upper && i > 0 && name[i - 1] >= 'a' && name[i - 1] <= 'z') {
      // An abbreviation (`employeeID`) keeps its capitals.
      const bool abbreviation = i + 1 == name.size() || (name[i + 1] >= 'A' && name[i + 1] <= 'Z');
      text += ' ';
      text += abbreviation ? std::string(1, c) : lowerAscii(std::string_view(&c, 1));
    } else {
      text += c;
    }
  }
  if (!text.empty()) text[0] = upperAscii(std::string_view(text).substr(0, 1))[0];
  return text;
}

Result<LanguageTexts> readFile(const std::string& tag, std::string_view content) {
  auto texts = LanguageTexts::read(tag, content);
  if (!texts) texts.error().detail = fileName(tag) + ": " + texts.error().detail;
  return texts;
}

Result<void> requireSameKeys(const LanguageTexts& texts, const LanguageTexts& english) {
  for (const auto& [key, text] : texts.texts()) {
    if (!english.texts().contains(key)) {
      return wrong(fileName(texts.tag()) + ": there is no text called " + key);
    }
  }
  for (const auto& [key, text] : english.texts()) {
    if (!texts.texts().contains(key)) {
      return wrong(fileName(texts.tag()) + ": the text " + key + " is missing");
    }
  }
  if (texts.language().empty()) return wrong(fileName(texts.tag()) + ": language is missing");
  return {};
}

}  // namespace

Result<LanguageTexts> LanguageTexts::read(std::string tag, std::string_view file) {
  if (!jit::canonicalLanguage(tag)) return wrong(tag + " is no language tag");
  auto document = json::parse(file);
  if (!document) return propagate(document);
  const auto* object = document->object();
  if (object == nullptr) return wrong("the file is a JSON object");
  LanguageTexts texts;
  texts.tag_ = std::move(tag);
  for (const auto& member : *object) {
    Result<void> read;
    if (member.key == "language") {
      read = readWord(member, texts.language_);
    } else if (member.key == "direction") {
      read = readWord(member, texts.direction_);
      if (read && texts.direction_ != "ltr" && texts.direction_ != "rtl") {
        return wrong("direction is ltr or rtl");
      }
    } else if (member.key == "texts") {
      read = readTexts(member, texts.texts_);
    } else if (member.key == "labels") {
      read = readTexts(member, texts.labels_);
    } else if (member.key == "kinds") {
      read = readTexts(member, texts.kinds_);
    } else {
      return wrong("there is no member " + member.key);
    }
    if (!read) return propagate(read);
  }
  return texts;
}

std::string LanguageTexts::text(std::string_view key, const TextValues& values) const {
  const auto found = texts_.find(key);
  if (found == texts_.end()) return std::string(key);
  const std::string_view pattern = found->second;
  std::string text;
  for (std::size_t i = 0; i < pattern.size();) {
    const auto close = pattern[i] == '{' ? pattern.find('}', i) : std::string_view::npos;
    if (close != std::string_view::npos) {
      const auto name = pattern.substr(i + 1, close - i - 1);
      const auto value = std::find_if(values.begin(), values.end(),
                                      [&](const auto& one) { return one.first == name; });
      if (value != values.end()) {
        text += value->second;
        i = close + 1;
        continue;
      }
    }
    text += pattern[i++];
  }
  return text;
}

std::optional<std::string> LanguageTexts::knownLabel(std::string_view path) const {
  const auto parts = shortened(path);
  const auto label = labels_.find(parts.attribute);
  if (label == labels_.end()) return std::nullopt;
  if (parts.kind.empty()) return label->second;
  const auto kind = kinds_.find(parts.kind);
  return label->second + " (" + (kind == kinds_.end() ? parts.kind : kind->second) + ")";
}

std::string LanguageTexts::label(std::string_view path) const {
  if (auto known = knownLabel(path)) return *std::move(known);
  const auto parts = shortened(path);
  auto name = readable(parts.attribute);
  if (name.empty()) name = std::string(path);
  return parts.kind.empty() ? name : name + " (" + parts.kind + ")";
}

bool LanguageTexts::hasLabel(std::string_view path) const { return knownLabel(path).has_value(); }

void LanguageTexts::overlay(const LanguageTexts& other) {
  if (!other.language_.empty()) language_ = other.language_;
  if (!other.direction_.empty()) direction_ = other.direction_;
  for (const auto& [key, text] : other.texts_) texts_[key] = text;
  for (const auto& [key, text] : other.labels_) labels_[key] = text;
  for (const auto& [key, text] : other.kinds_) kinds_[key] = text;
}

Result<PromptTexts> PromptTexts::combine(const std::map<std::string, std::string>& standard,
                                         const std::map<std::string, std::string>& own) {
  std::map<std::string, LanguageTexts> languages;
  for (const auto* files : {&standard, &own}) {
    for (const auto& [tag, content] : *files) {
      auto texts = readFile(tag, content);
      if (!texts) return propagate(texts);
      const auto [place, is_new] = languages.try_emplace(tag, *texts);
      if (!is_new) place->second.overlay(*texts);
    }
  }
  const auto english = languages.find(std::string(kEnglish));
  if (english == languages.end()) return wrong(fileName(kEnglish) + " is missing");
  // A theme cannot add texts: nothing would ask for them.
  auto known = readFile(std::string(kEnglish), standard.contains(std::string(kEnglish))
                                                   ? standard.at(std::string(kEnglish))
                                                   : own.at(std::string(kEnglish)));
  if (!known) return propagate(known);
  std::vector<LanguageTexts> ordered = {english->second};
  for (auto& [tag, texts] : languages) {
    if (auto same = requireSameKeys(texts, *known); !same) return propagate(same);
    if (tag != kEnglish) ordered.push_back(std::move(texts));
  }
  return PromptTexts(std::move(ordered));
}

const LanguageTexts& PromptTexts::choose(std::optional<std::string_view> asked,
                                         std::string_view accept_language) const {
  const auto find = [&](std::string_view tag) {
    return std::find_if(languages_.begin(), languages_.end(), [&](const auto& texts) {
      return equalIgnoringAsciiCase(texts.tag(), tag);
    });
  };
  if (asked) {
    if (const auto found = find(*asked); found != languages_.end()) return *found;
  }
  std::vector<std::string> tags;
  tags.reserve(languages_.size());
  for (const auto& texts : languages_) tags.push_back(texts.tag());
  return *find(chooseLanguage(accept_language, tags));
}

}  // namespace vestibule::http
