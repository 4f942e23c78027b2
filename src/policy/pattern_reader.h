#pragma once
// A pattern that is being read, from left to right. For policy/pattern_translation.cc and
// policy/pattern_escape.cc.

#include <cstddef>
#include <string>
#include <string_view>

#include "policy/pattern.h"

namespace vestibule::policy {

constexpr bool isDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool isLower(char32_t c) { return c >= 'a' && c <= 'z'; }
constexpr bool isUpper(char32_t c) { return c >= 'A' && c <= 'Z'; }
constexpr bool isLetter(char c) {
  return isLower(static_cast<unsigned char>(c)) || isUpper(static_cast<unsigned char>(c));
}

/// Where a reading stands, and the fault that has ended it.
class PatternReader {
 public:
  /// The pattern must be valid UTF-8 and outlive this.
  PatternReader(std::string_view pattern, Dialect dialect) : pattern_(pattern), dialect_(dialect) {}

  [[nodiscard]] Dialect dialect() const { return dialect_; }
  [[nodiscard]] bool isJava() const { return dialect_ == Dialect::kJava; }

  /// The offset of what comes next.
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] bool atEnd() const { return at_ == pattern_.size(); }
  /// What has not been read yet.
  [[nodiscard]] std::string_view rest() const { return pattern_.substr(at_); }
  /// What has been read from this offset on.
  [[nodiscard]] std::string_view readFrom(std::size_t start) const {
    return pattern_.substr(start, at_ - start);
  }
  /// The byte so far ahead, NUL behind the end.
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < pattern_.size() ? pattern_[at_ + ahead] : '\0';
  }

  /// Passes over bytes that are there.
  void skip(std::size_t bytes = 1) { at_ += bytes; }
  /// Passes over this text; false when something else comes next.
  bool take(std::string_view expected);
  /// Takes the code point that comes next. There must be one.
  char32_t takeCharacter();

  /// Notes why the pattern cannot be used, and where. Returns false, as a step does that fails.
  bool fail(std::size_t at, std::string_view reason);
  /// The same for what the dialect does not know, or PCRE2 cannot be told.
  bool failUnknown(std::size_t at, std::string_view what);
  [[nodiscard]] std::size_t faultAt() const { return fault_at_; }
  [[nodiscard]] const std::string& fault() const { return fault_; }

 private:
  const std::string_view pattern_;
  const Dialect dialect_;
  std::size_t at_ = 0;
  std::size_t fault_at_ = 0;
  std::string fault_;
};

}  // namespace vestibule::policy
