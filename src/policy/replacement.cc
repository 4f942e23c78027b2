#define PCRE2_CODE_UNIT_WIDTH 8
#include "policy/replacement.h"

#include <cstdint>
#include <vector>

#include "base/unicode.h"
#include "policy/compiled_pattern.h"
#include "policy/pattern.h"

namespace vestibule::policy {
namespace {

/// A piece of the replacement: text, or a group of the match.
struct Piece {
  std::string text;
  std::optional<std::uint32_t> group;
};

tl::unexpected<Error> malformedWith(const std::string& reason) {
  return failure(ErrorKind::kInvalidValue, "the replacement " + reason);
}

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// Reads `with` piece by piece.
class WithReader {
 public:
  WithReader(std::string_view with, const pcre2_code* code) : with_(with), code_(code) {
    pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups_);
  }

  Result<std::vector<Piece>> read() && {
    while (at_ < with_.size()) {
      const char c = with_[at_++];
      if (c == '\\') {
        if (at_ == with_.size()) return malformedWith("ends in \\, which needs a character");
        literal(with_[at_++]);
      } else if (c != '$') {
        literal(c);
      } else if (auto taken = takeGroup(); !taken) {
        return propagate(taken);
      }
    }
    return std::move(pieces_);
  }

 private:
  void literal(char c) {
    if (pieces_.empty() || pieces_.back().group) pieces_.emplace_back();
    pieces_.back().text += c;
  }

  Result<void> takeGroup() {
    if (at_ < with_.size() && with_[at_] == '{') return takeNamed();
    if (at_ == with_.size() || !isDigit(with_[at_])) {
      return malformedWith("has a $ without a group: write \\$ for the character");
    }
    auto group = static_cast<std::uint32_t>(with_[at_++] - '0');
    if (group > groups_) {
      return malformedWith("names group " + std::to_string(group) + ", which the pattern lacks");
    }
    // As many digits as name a group that is there, as Java has it.
    while (at_ < with_.size() && isDigit(with_[at_])) {
      const std::uint32_t longer = group * 10 + static_cast<std::uint32_t>(with_[at_] - '0');
      if (longer > groups_) break;
      group = longer;
      ++at_;
    }
    pieces_.push_back({{}, group});
    return {};
  }

  Result<void> takeNamed() {
    const std::size_t end = with_.find('}', at_);
    if (end == std::string_view::npos) return malformedWith("has ${ without }");
    const std::string name(with_.substr(at_ + 1, end - at_ - 1));
    const int number =
        pcre2_substring_number_from_name(code_, reinterpret_cast<PCRE2_SPTR>(name.c_str()));
    if (number < 0) return malformedWith("names a group '" + name + "', which the pattern lacks");
    pieces_.push_back({{}, static_cast<std::uint32_t>(number)});
    at_ = end + 1;
    return {};
  }

  std::string_view with_;
  const pcre2_code* code_;
  std::uint32_t groups_ = 0;
  std::size_t at_ = 0;
  std::vector<Piece> pieces_;
};

/// Bytes of the character that begins here, in valid UTF-8.
std::size_t characterAt(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
  return end - at;
}

}  // namespace

struct Replacement::Code {
  CompiledPattern pattern;
  std::vector<Piece> with;
};

Result<Replacement> Replacement::compile(std::string_view pattern, std::string_view with) {
  auto compiled = compilePattern(pattern, Dialect::kJava, Reach::kPart);
  if (!compiled) return propagate(compiled);
  if (with.size() > kMaxWith) {
    return malformedWith("is longer than " + std::to_string(kMaxWith) + " bytes");
  }
  if (!isValidUtf8(with) || with.find('\0') != std::string_view::npos) {
    return malformedWith("is not UTF-8 text without NUL");
  }
  auto pieces = WithReader(with, compiled->code.get()).read();
  if (!pieces) return propagate(pieces);
  return Replacement(std::make_shared<const Code>(Code{*std::move(compiled), *std::move(pieces)}));
}

std::optional<std::string> Replacement::apply(std::string_view text) const {
  if (text.size() > Pattern::kMaxSubject || !isValidUtf8(text)) return std::nullopt;
  const MatchData data(pcre2_match_data_create_from_pattern(code_->pattern.code.get(), nullptr));
  if (!data) return std::nullopt;
  std::string result;
  std::size_t copied = 0;
  for (std::size_t from = 0; from <= text.size();) {
    const int outcome =
        pcre2_match(code_->pattern.code.get(), reinterpret_cast<PCRE2_SPTR>(text.data()),
                    text.size(), from, PCRE2_NO_UTF_CHECK, data.get(), code_->pattern.limits.get());
    if (outcome == PCRE2_ERROR_NOMATCH) break;
    if (outcome < 0) return std::nullopt;
    const PCRE2_SIZE* bounds = pcre2_get_ovector_pointer(data.get());
    const std::size_t begin = bounds[0];
    const std::size_t end = bounds[1];
    // `\K` is no word of Java, so a match begins where it was found.
    result += text.substr(copied, begin - copied);
    for (const Piece& piece : code_->with) {
      result += piece.text;
      if (!piece.group) continue;
      const std::size_t left = bounds[std::size_t{2} * *piece.group];
      const std::size_t right = bounds[std::size_t{2} * *piece.group + 1];
      if (left != PCRE2_UNSET) result += text.substr(left, right - left);
    }
    if (result.size() > kMaxResult) return std::nullopt;
    copied = end;
    from = end > begin ? end : end + (end < text.size() ? characterAt(text, end) : 1);
  }
  result += text.substr(copied);
  if (result.size() > kMaxResult) return std::nullopt;
  return result;
}

}  // namespace vestibule::policy
