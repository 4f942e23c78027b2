#pragma once
// Replacing what a pattern of an operator finds in text of strangers, as Java's String.replaceAll
// does.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace vestibule::policy {

/// A pattern and what stands in place of its matches, compiled once. Copies cost no more than a
/// pointer. Thread-safe.
class Replacement {
 public:
  /// Bytes that `with` may have.
  static constexpr std::size_t kMaxWith = 255;
  /// Bytes a text may have afterwards.
  static constexpr std::size_t kMaxResult = 4096;

  /// Compiles a Java pattern, which is looked for anywhere in the text. In `with` stand `$0` for
  /// the match, `$1` for a group, `${name}` for a named one, and `\` before a character that is
  /// meant as it is. Errors: those of Pattern::compile; kInvalidValue for a `with` that is too
  /// long, no UTF-8, ends in `\`, or names a group that the pattern lacks.
  [[nodiscard]] static Result<Replacement> compile(std::string_view pattern, std::string_view with);

  /// The text with every match replaced. Nothing when the text or the result is too long, the text
  /// is no UTF-8, or the pattern needs too much work on it. The work is bounded as that of
  /// Pattern::test.
  [[nodiscard]] std::optional<std::string> apply(std::string_view text) const;

 private:
  struct Code;
  explicit Replacement(std::shared_ptr<const Code> code) : code_(std::move(code)) {}

  std::shared_ptr<const Code> code_;
};

}  // namespace vestibule::policy
