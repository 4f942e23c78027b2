#define PCRE2_CODE_UNIT_WIDTH 8
#include "policy/pattern.h"

#include "policy/compiled_pattern.h"

namespace vestibule::policy {

struct Pattern::Code : CompiledPattern {};

Result<Pattern> Pattern::compile(std::string_view pattern, Dialect dialect) {
  auto compiled = compilePattern(pattern, dialect, Reach::kWhole);
  if (!compiled) return propagate(compiled);
  return Pattern(std::make_shared<Code>(Code{*std::move(compiled)}));
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
