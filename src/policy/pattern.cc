#define PCRE2_CODE_UNIT_WIDTH 8
#include "policy/pattern.h"

#include <pcre2.h>

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

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};

using CompileContext = std::unique_ptr<pcre2_compile_context, Freer<&pcre2_compile_context_free>>;
using MatchContext = std::unique_ptr<pcre2_match_context, Freer<&pcre2_match_context_free>>;
using MatchData = std::unique_ptr<pcre2_match_data, Freer<&pcre2_match_data_free>>;

std::string textOf(int code) {
  std::array<PCRE2_UCHAR, 160> buffer{};
  const int length = pcre2_get_error_message(code, buffer.data(), buffer.size());
  if (length < 0) return "error " + std::to_string(code);
  return {reinterpret_cast<const char*>(buffer.data()), static_cast<std::size_t>(length)};
}

std::uint32_t optionsOf(Dialect dialect) {
  constexpr std::uint32_t kBoth = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_NEVER_UCP;
  if (dialect == Dialect::kJava) return kBoth | PCRE2_ANCHORED | PCRE2_ENDANCHORED;
  return kBoth | PCRE2_DOLLAR_ENDONLY | PCRE2_MATCH_UNSET_BACKREF;
}

}  // namespace

struct Pattern::Code {
  std::unique_ptr<pcre2_code, Freer<&pcre2_code_free>> code;
  MatchContext limits;
};

Result<Pattern> Pattern::compile(std::string_view pattern, Dialect dialect) {
  if (pattern.size() > kMaxPattern) {
    return malformedPattern(kMaxPattern, "longer than " + std::to_string(kMaxPattern) + " bytes");
  }
  if (!isValidUtf8(pattern)) return malformedPattern(0, "not valid UTF-8");
  auto translation = translatePattern(pattern, dialect);
  if (!translation) return propagate(translation);

  const CompileContext context(pcre2_compile_context_create(nullptr));
  auto compiled = std::make_shared<Code>();
  compiled->limits.reset(pcre2_match_context_create(nullptr));
  if (!context || !compiled->limits) return internalFailure("PCRE2 has no memory");
  pcre2_set_max_pattern_length(context.get(), kMaxTranslation);
  pcre2_set_parens_nest_limit(context.get(), kNestLimit);
  pcre2_set_bsr(context.get(), PCRE2_BSR_UNICODE);
  // For `$` and `\Z` of Java, which also match before the last end of line, of whatever kind.
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_ANY);
  pcre2_set_match_limit(compiled->limits.get(), kMatchLimit);
  pcre2_set_depth_limit(compiled->limits.get(), kDepthLimit);
  pcre2_set_heap_limit(compiled->limits.get(), kHeapLimitKib);

  int error = 0;
  PCRE2_SIZE offset = 0;
  const std::string& text = translation->text;
  compiled->code.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(),
                                     optionsOf(dialect), &error, &offset, context.get()));
  if (!compiled->code) return malformedPattern(translation->originOf(offset), textOf(error));
  return Pattern(std::move(compiled));
}

Match Pattern::test(std::string_view text) const {
  if (text.size() > kMaxSubject) return Match::kLimit;
  const MatchData data(pcre2_match_data_create(1, nullptr));
  if (!data) return Match::kLimit;
  const int outcome = pcre2_match(code_->code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()),
                                  text.size(), 0, 0, data.get(), code_->limits.get());
  if (outcome >= 0) return Match::kYes;
  const bool malformed = outcome <= PCRE2_ERROR_UTF8_ERR1 && outcome >= PCRE2_ERROR_UTF8_ERR21;
  return outcome == PCRE2_ERROR_NOMATCH || malformed ? Match::kNo : Match::kLimit;
}

}  // namespace vestibule::policy
