#include "scim/filter/lexer.h"

#include <utility>

#include "base/unicode.h"
#include "json/parse.h"

namespace vestibule::scim {
namespace {

bool isBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool endsWord(char c) {
  return isBlank(c) || c == '(' || c == ')' || c == '[' || c == ']' || c == '"';
}

/// The offset behind the string's closing quote, or npos.
std::size_t stringEnd(std::string_view text, std::size_t open) {
  for (std::size_t at = open + 1; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return std::string_view::npos;
}

}  // namespace

FilterToken FilterLexer::take(FilterTokenKind kind, std::size_t length) {
  FilterToken token{kind, position_, text_.substr(position_, length), {}};
  position_ += length;
  return token;
}

Result<FilterToken> FilterLexer::next() {
  while (position_ < text_.size() && isBlank(text_[position_])) ++position_;
  if (position_ == text_.size()) return take(FilterTokenKind::kEnd, 0);
  switch (text_[position_]) {
    case '(':
      return take(FilterTokenKind::kOpen, 1);
    case ')':
      return take(FilterTokenKind::kClose, 1);
    case '[':
      return take(FilterTokenKind::kOpenBracket, 1);
    case ']':
      return take(FilterTokenKind::kCloseBracket, 1);
    case '"':
      return string();
    default:
      break;
  }
  std::size_t end = position_;
  for (; end < text_.size() && !endsWord(text_[end]); ++end) {
    // A value without quotes must not smuggle in what a JSON string may not hold.
    if (static_cast<unsigned char>(text_[end]) < 0x20) {
      return filterFailure(text_, end, "a control character");
    }
  }
  return take(FilterTokenKind::kWord, end - position_);
}

Result<FilterToken> FilterLexer::string() {
  const std::size_t end = stringEnd(text_, position_);
  if (end == std::string_view::npos) {
    return filterFailure(text_, position_, "this string is not closed");
  }
  FilterToken token = take(FilterTokenKind::kString, end - position_);
  // The strict reader of all JSON decides what a string may hold, so that a filter and a body
  // agree.
  Result<json::Value> value = json::parse(token.text);
  if (!value || value->string() == nullptr) {
    return filterFailure(text_, token.position, "this is not a valid JSON string");
  }
  token.content = std::move(*value->string());
  return token;
}

std::optional<std::size_t> closingBracket(std::string_view text, std::size_t open) {
  for (std::size_t at = open + 1; at < text.size(); ++at) {
    if (text[at] == ']') return at;
    if (text[at] == '"') {
      const std::size_t end = stringEnd(text, at);
      if (end == std::string_view::npos) return std::nullopt;
      at = end - 1;
    }
  }
  return std::nullopt;
}

tl::unexpected<Error> filterFailure(std::string_view text, std::size_t position,
                                    std::string_view reason) {
  std::string detail = "filter, character ";
  detail += std::to_string(codePointCount(text.substr(0, position)) + 1);
  detail += ": ";
  detail += reason;
  return failure(ErrorKind::kInvalidFilter, std::move(detail));
}

std::string describeToken(const FilterToken& token) {
  if (token.kind == FilterTokenKind::kEnd) return "the end";
  constexpr std::size_t kShown = 40;
  std::string_view shown = token.text;
  if (shown.size() > kShown) {
    std::size_t cut = kShown;
    // Never cut inside a UTF-8 sequence.
    while (cut > 0 && (static_cast<unsigned char>(shown[cut]) & 0xC0U) == 0x80U) --cut;
    shown = shown.substr(0, cut);
  }
  std::string out = token.kind == FilterTokenKind::kString ? "" : "'";
  out += shown;
  if (shown.size() < token.text.size()) out += "…";
  if (token.kind != FilterTokenKind::kString) out += "'";
  return out;
}

}  // namespace vestibule::scim
