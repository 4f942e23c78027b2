#pragma once
// A pattern as PCRE2 compiled it, with its limits of work. For policy/pattern.cc and
// policy/replacement.cc, which define PCRE2_CODE_UNIT_WIDTH.

#include <pcre2.h>

#include <memory>
#include <string_view>

#include "base/result.h"
#include "policy/pattern.h"

namespace vestibule::policy {

template <auto Free>
struct Pcre2Freer {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};

using MatchData = std::unique_ptr<pcre2_match_data, Pcre2Freer<&pcre2_match_data_free>>;

struct CompiledPattern {
  std::unique_ptr<pcre2_code, Pcre2Freer<&pcre2_code_free>> code;
  std::unique_ptr<pcre2_match_context, Pcre2Freer<&pcre2_match_context_free>> limits;
};

/// Whether a pattern of Java has to match the whole text or is looked for in it. One of JavaScript
/// is always looked for.
enum class Reach { kWhole, kPart };

/// Compiles a pattern. Errors as Pattern::compile.
[[nodiscard]] Result<CompiledPattern> compilePattern(std::string_view pattern, Dialect dialect,
                                                     Reach reach);

}  // namespace vestibule::policy
