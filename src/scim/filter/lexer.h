#pragma once
// The words of a filter. Used by the parser, and by PATCH paths to find where `[…]` ends.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace vestibule::scim {

enum class FilterTokenKind : std::uint8_t {
  kWord,          ///< a path, an operator, a keyword, or a literal without quotes
  kString,        ///< a JSON string
  kOpen,          ///< (
  kClose,         ///< )
  kOpenBracket,   ///< [
  kCloseBracket,  ///< ]
  kEnd
};

/// One token. `text` points into the filter and is what was written there.
struct FilterToken {
  FilterTokenKind kind = FilterTokenKind::kEnd;
  std::size_t position = 0;  ///< byte offset
  std::string_view text;
  std::string content;  ///< kString: the string with its escapes resolved
};

/// Cuts a filter into tokens. Blanks (space, tab, line ends) separate words and mean nothing else.
class FilterLexer {
 public:
  /// `text` must be valid UTF-8 and outlive the lexer.
  explicit FilterLexer(std::string_view text) : text_(text) {}

  /// The next token, kEnd at the end. Error kInvalidFilter for a string that is not a JSON string:
  /// unclosed, a bad escape, a lone surrogate, NUL, and for a control character anywhere.
  [[nodiscard]] Result<FilterToken> next();

 private:
  [[nodiscard]] Result<FilterToken> string();
  [[nodiscard]] FilterToken take(FilterTokenKind kind, std::size_t length);

  std::string_view text_;
  std::size_t position_ = 0;
};

/// The offset of the `]` that closes the `[` at `open`; brackets inside JSON strings do not count.
/// Nothing when there is none.
[[nodiscard]] std::optional<std::size_t> closingBracket(std::string_view text, std::size_t open);

/// kInvalidFilter that says at which character of `text` what is wrong.
[[nodiscard]] tl::unexpected<Error> filterFailure(std::string_view text, std::size_t position,
                                                  std::string_view reason);

/// The token as an error text names it: shortened, in quotes.
[[nodiscard]] std::string describeToken(const FilterToken& token);

}  // namespace vestibule::scim
