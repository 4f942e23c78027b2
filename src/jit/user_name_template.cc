#include "jit/user_name_template.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/blanks.h"
#include "base/crypto.h"
#include "base/encoding.h"
#include "base/unicode.h"
#include "jit/codes.h"

namespace vestibule::jit {
namespace {

constexpr std::string_view kSubject = "subject";
constexpr std::string_view kElse = "??";
constexpr std::size_t kMaxFirst = 255;
constexpr std::size_t kMinHash = 4;
constexpr std::size_t kMaxHash = 64;

tl::unexpected<Error> wrong(std::string reason) {
  return failure(ErrorKind::kInvalidValue, std::move(reason));
}

/// The parts of `text` between the separators.
std::vector<std::string_view> split(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  for (std::size_t at = text.find(separator); at != std::string_view::npos;
       at = text.find(separator)) {
    parts.push_back(text.substr(0, at));
    text.remove_prefix(at + separator.size());
  }
  parts.push_back(text);
  return parts;
}

/// The first `count` code points of valid UTF-8.
std::string firstCharacters(const std::string& text, std::size_t count) {
  std::size_t end = 0;
  for (std::size_t seen = 0; end < text.size(); ++end) {
    const bool begins = (static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U;
    if (begins && seen++ == count) break;
  }
  return text.substr(0, end);
}

bool hasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; });
}

}  // namespace

Result<UserNameTemplate::Step> UserNameTemplate::readStep(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  Step step;
  const std::pair<std::string_view, Filter> plain[] = {{"lowercase", Filter::kLowercase},
                                                       {"localPart", Filter::kLocalPart},
                                                       {"emailDomain", Filter::kEmailDomain}};
  for (const auto& [word, filter] : plain) {
    if (text == word) return Step{filter, 0};
  }
  if (name != "first" && name != "hash") {
    return wrong("'" + std::string(text) +
                 "' is none of lowercase, localPart, emailDomain, first:N, hash:N");
  }
  step.filter = name == "first" ? Filter::kFirst : Filter::kHash;
  const std::size_t least = name == "first" ? 1 : kMinHash;
  const std::size_t most = name == "first" ? kMaxFirst : kMaxHash;
  const std::string_view digits =
      colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), step.number);
  if (error != std::errc() || end != digits.data() + digits.size() || step.number < least ||
      step.number > most) {
    return wrong("'" + std::string(text) + "' needs a number from " + std::to_string(least) +
                 " to " + std::to_string(most) + ", as in " + std::string(name) + ":8");
  }
  return step;
}

Result<UserNameTemplate::Source> UserNameTemplate::readSource(std::string_view text) {
  const auto parts = split(text, "|");
  Source source;
  const std::string_view name = trimmed(parts.front());
  if (name.empty()) return wrong("a placeholder names no claim");
  if (name != kSubject) {
    auto claim = ClaimPath::compile(name);
    if (!claim) return propagate(claim);
    source.claim = *std::move(claim);
  }
  for (std::size_t i = 1; i < parts.size(); ++i) {
    auto step = readStep(trimmed(parts[i]));
    if (!step) return propagate(step);
    source.steps.push_back(*step);
  }
  return source;
}

Result<UserNameTemplate::Piece> UserNameTemplate::readPlaceholder(std::string_view text) {
  Piece piece;
  piece.text = text;
  for (const std::string_view part : split(text, kElse)) {
    auto source = readSource(part);
    if (!source) return propagate(source);
    piece.sources.push_back(*std::move(source));
  }
  return piece;
}

Result<UserNameTemplate> UserNameTemplate::compile(std::string_view text) {
  if (text.size() > kMaxTemplate) return wrong("is longer than 512 bytes");
  if (!isValidUtf8(text) || hasControl(text)) return wrong("has a control character");
  UserNameTemplate made;
  made.text_ = text;
  bool has_placeholder = false;
  std::string literal;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const bool doubled = at + 1 < text.size() && text[at + 1] == c;
    if (c != '{' && c != '}') {
      literal += c;
    } else if (doubled) {
      literal += c;
      ++at;
    } else if (c == '}') {
      return wrong("has a '}' without '{': a brace of the name itself is written twice");
    } else {
      const std::size_t end = text.find('}', at);
      if (end == std::string_view::npos) return wrong("has a '{' without '}'");
      auto placeholder = readPlaceholder(text.substr(at + 1, end - at - 1));
      if (!placeholder) return propagate(placeholder);
      if (!literal.empty()) made.pieces_.push_back({std::exchange(literal, {}), {}});
      made.pieces_.push_back(*std::move(placeholder));
      has_placeholder = true;
      at = end;
    }
  }
  if (!literal.empty()) made.pieces_.push_back({std::move(literal), {}});
  if (!has_placeholder) return wrong("has no placeholder, so that everybody would have one name");
  return made;
}

std::string UserNameTemplate::applied(const Step& step, const std::string& value) {
  const std::size_t at = value.rfind('@');
  switch (step.filter) {
    case Filter::kLowercase:
      return foldCase(value);
    case Filter::kLocalPart:
      return value.substr(0, at);
    case Filter::kEmailDomain:
      return at == std::string::npos ? std::string() : value.substr(at + 1);
    case Filter::kFirst:
      return firstCharacters(value, step.number);
    case Filter::kHash:
      break;
  }
  return toHex(sha256(value)).substr(0, step.number);
}

std::string UserNameTemplate::valueOf(const Source& source, const json::Object& claims,
                                      const Subject& subject) {
  std::string value = subject.value();
  if (source.claim) {
    const ClaimValues found = source.claim->find(claims);
    const auto text = found.values.size() == 1 ? claimText(*found.values.front()) : std::nullopt;
    if (!text) return {};
    value = *text;
  }
  value = std::string(trimmed(value));
  for (const Step& step : source.steps) {
    if (value.empty()) break;
    value = applied(step, value);
  }
  return value;
}

Result<std::string> UserNameTemplate::fill(const json::Object& claims,
                                           const Subject& subject) const {
  std::string name;
  for (const Piece& piece : pieces_) {
    if (piece.sources.empty()) {
      name += piece.text;
      continue;
    }
    std::string value;
    for (const Source& source : piece.sources) {
      value = valueOf(source, claims, subject);
      if (!value.empty()) break;
    }
    if (value.empty()) {
      return refusal(kNoUserName, "no claim of {" + piece.text + "} is one text", "userName");
    }
    name += value;
  }
  return name;
}

bool UserNameTemplate::reads(std::string_view member) const {
  const auto all = claims();
  return std::any_of(all.begin(), all.end(),
                     [&](const ClaimPath* claim) { return claim->reads(member); });
}

std::vector<const ClaimPath*> UserNameTemplate::claims() const {
  std::vector<const ClaimPath*> claims;
  for (const Piece& piece : pieces_) {
    for (const Source& source : piece.sources) {
      if (source.claim) claims.push_back(&*source.claim);
    }
  }
  return claims;
}

}  // namespace vestibule::jit
