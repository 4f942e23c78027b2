#pragma once
// Regular expressions of operators, run on text of strangers: by PCRE2, with the meaning their
// dialect gives them and a bound on the work.

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace vestibule::policy {

/// Whose rules a pattern follows.
enum class Dialect {
  kJava,        ///< java.util.regex with `Matcher.matches`: the whole text has to match
  kJavaScript,  ///< ECMAScript with `RegExp.test`: some part of the text has to match
};

/// What a test came to.
enum class Match {
  kYes,
  kNo,     ///< also for text that is not valid UTF-8
  kLimit,  ///< the text is too long, or the pattern needs too much work on it: to be taken as a
           ///< refusal
};

/// One pattern, compiled once. Copies share the compiled code, so they cost no more than a pointer.
/// Thread-safe.
class Pattern {
 public:
  /// Bytes a pattern may have.
  static constexpr std::size_t kMaxPattern = 1024;
  /// Bytes a text may have to be tested.
  static constexpr std::size_t kMaxSubject = 1024;

  /// Compiles the pattern. Error kInvalidValue (POL-1020) with the byte offset and the reason for a
  /// pattern that is malformed, longer than `kMaxPattern`, nested too deep, or uses what the two
  /// engines understand differently or PCRE2 lacks: class intersection and nesting, inline flags
  /// but `i`, look-behind of variable length, blocks.
  [[nodiscard]] static Result<Pattern> compile(std::string_view pattern, Dialect dialect);

  /// Tests the text. The work is bounded whatever pattern and text are: a tenth of a microsecond
  /// for the usual ones, about a millisecond for one that backtracks without end, a tenth of a
  /// second for the worst that can be made.
  [[nodiscard]] Match test(std::string_view text) const;

 private:
  struct Code;
  explicit Pattern(std::shared_ptr<const Code> code) : code_(std::move(code)) {}

  // Shared: compiled code never changes, and the policies that hold it are copied about.
  std::shared_ptr<const Code> code_;
};

}  // namespace vestibule::policy
