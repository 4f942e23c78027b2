#pragma once
// A page as a template: Mustache, of which only what cannot open a hole is allowed.

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/value.h"

namespace vestibule::http {

/// Pieces that templates take in by `{{>name}}`, by their names.
using TemplatePieces = std::map<std::string, std::string, std::less<>>;

/// A template that has been checked. Immutable, and safe to use from several threads at once.
class PageTemplate {
 public:
  /// Checks a template: variables `{{name}}` and `{{outer.inner}}`, sections `{{#name}}`, inverted
  /// sections `{{^name}}`, comments, and pieces. Error kInvalidValue, with the line, for: a tag or
  /// section that is not closed; text that would be written without escaping (`{{{name}}}`,
  /// `{{&name}}`); other delimiters (`{{=`); a piece that is not there, or that takes in pieces
  /// itself.
  [[nodiscard]] static Result<PageTemplate> compile(std::string_view text,
                                                    const TemplatePieces& pieces);

  /// The page for these values, with `& < > " '` of every value escaped. A section is left out for
  /// a value that is false, null, an empty text or an empty list, repeated for each element of a
  /// list, and a name that is not found in it is looked for further outside. Numbers are written as
  /// they stand. O(template + page).
  [[nodiscard]] std::string render(const json::Value& values) const;

  /// True when the template, its pieces included, writes the variable of this name anywhere.
  [[nodiscard]] bool mentions(std::string_view variable) const;

 private:
  explicit PageTemplate(std::string text) : text_(std::move(text)) {}
  std::string text_;  ///< with its pieces in place
};

}  // namespace vestibule::http
