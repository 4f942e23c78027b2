#define PCRE2_CODE_UNIT_WIDTH 8
#include "policy/compiled_pattern.h"

#include <array>
#include <cstdint>
#include <string>

#include "base/unicode.h"
#include "policy/pattern_translation.h"

namespace vestibule::policy {
namespace {

// Ordinary patterns stay far below these on a text of kMaxSubject bytes; one that backtracks
// without end meets the first of them.
constexpr std::uint32_t kMatchLimit = 100'000;
constexpr std::uint32_t kDepthLimit = 50'000;
constexpr std::uint32_t kHeapLimitKib = 16 * 1024;
constexpr std::uint32_t kNestLimit = 50;
// A translation is longer than the pattern, because it spells sets out.
constexpr std::size_t kMaxTranslation = std::size_t{64} * 1024;

using CompileContext =
    std::unique_ptr<pcre2_compile_context, Pcre2Freer<&pcre2_compile_context_free>>;

std::string textOf(int code) {
  std::array<PCRE2_UCHAR, 160> buffer{};
  const int length = pcre2_get_error_message(code, buffer.data(), buffer.size());
  if (length < 0) return "error " + std::to_string(code);
  return {reinterpret_cast<const char*>(buffer.data()), static_cast<std::size_t>(length)};
}

std::uint32_t optionsOf(Dialect dialect, Reach reach) {
  constexpr std::uint32_t kBoth = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_NEVER_UCP;
  if (dialect == Dialect::kJava) {
    return reach == Reach::kWhole ? kBoth | PCRE2_ANCHORED | PCRE2_ENDANCHORED : kBoth;
  }
  return kBoth | PCRE2_DOLLAR_ENDONLY | PCRE2_MATCH_UNSET_BACKREF;
}

}  // namespace

Result<CompiledPattern> compilePattern(std::string_view pattern, Dialect dialect, Reach reach) {
  if (pattern.size() > Pattern::kMaxPattern) {
    return malformedPattern(Pattern::kMaxPattern,
                            "longer than " + std::to_string(Pattern::kMaxPattern) + " bytes");
  }
  if (!isValidUtf8(pattern)) return malformedPattern(0, "not valid UTF-8");
  auto translation = translatePattern(pattern, dialect);
  if (!translation) return propagate(translation);

  const CompileContext context(pcre2_compile_context_create(nullptr));
  CompiledPattern compiled;
  compiled.limits.reset(pcre2_match_context_create(nullptr));
  if (!context || !compiled.limits) return internalFailure("PCRE2 has no memory");
  pcre2_set_max_pattern_length(context.get(), kMaxTranslation);
  pcre2_set_parens_nest_limit(context.get(), kNestLimit);
  pcre2_set_bsr(context.get(), PCRE2_BSR_UNICODE);
  // For `$` and `\Z` of Java, which also match before the last end of line, of whatever kind.
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_ANY);
  pcre2_set_match_limit(compiled.limits.get(), kMatchLimit);
  pcre2_set_depth_limit(compiled.limits.get(), kDepthLimit);
  pcre2_set_heap_limit(compiled.limits.get(), kHeapLimitKib);

  int error = 0;
  PCRE2_SIZE offset = 0;
  const std::string& text = translation->text;
  compiled.code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                                    optionsOf(dialect, reach), &error, &offset, context.get()));
  if (!compiled.code) return malformedPattern(translation->originOf(offset), textOf(error));
  return compiled;
}

}  // namespace vestibule::policy
