#include "http/language.h"

#include <algorithm>
#include <optional>

#include "base/blanks.h"
#include "base/unicode.h"
#include "jit/language_tag.h"

namespace vestibule::http {
namespace {

constexpr std::size_t kMaxRanges = 32;

struct Range {
  std::string_view tag;
  int weight = 1000;  ///< thousandths
};

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// A qvalue (RFC 9110 §12.4.2) in thousandths.
std::optional<int> weightOf(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  int weight = (text[0] - '0') * 1000;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int unit = 100;
  for (std::size_t i = 2; i < text.size(); ++i, unit /= 10) {
    if (!isDigit(text[i])) return std::nullopt;
    weight += (text[i] - '0') * unit;
  }
  if (weight > 1000) return std::nullopt;
  return weight;
}

std::optional<Range> readRange(std::string_view text) {
  Range range;
  const auto semicolon = text.find(';');
  range.tag = trimmed(text.substr(0, semicolon));
  if (range.tag != "*" && !jit::canonicalLanguage(range.tag)) return std::nullopt;
  if (semicolon == std::string_view::npos) return range;
  const auto parameter = trimmed(text.substr(semicolon + 1));
  if (parameter.size() < 2 || !equalIgnoringAsciiCase(parameter.substr(0, 2), "q=")) {
    return std::nullopt;
  }
  const auto weight = weightOf(parameter.substr(2));
  if (!weight) return std::nullopt;
  range.weight = *weight;
  return range;
}

/// True when `tag` is `range`, or begins with it and a hyphen (RFC 4647 §3.3.1).
bool covers(std::string_view range, std::string_view tag) {
  return equalIgnoringAsciiCase(tag.substr(0, range.size()), range) &&
         (tag.size() == range.size() || tag[range.size()] == '-');
}

bool isExcluded(std::string_view language, const std::vector<Range>& ranges) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const Range& range) {
    return range.weight == 0 && covers(range.tag, language);
  });
}

const std::string* lookUp(std::string_view tag, const std::vector<std::string>& available,
                          const std::vector<Range>& ranges) {
  const auto fits = [&](std::string_view wanted, bool exactly) -> const std::string* {
    for (const auto& language : available) {
      const bool same =
          exactly ? equalIgnoringAsciiCase(language, wanted) : covers(wanted, language);
      if (same && !isExcluded(language, ranges)) return &language;
    }
    return nullptr;
  };
  for (auto shorter = tag; !shorter.empty();) {
    if (const auto* found = fits(shorter, true)) return found;
    const auto hyphen = shorter.rfind('-');
    shorter = hyphen == std::string_view::npos ? std::string_view() : shorter.substr(0, hyphen);
  }
  return fits(tag, false);
}

}  // namespace

std::string chooseLanguage(std::string_view accept_language,
                           const std::vector<std::string>& available) {
  std::vector<Range> ranges;
  for (std::size_t i = 0; i < kMaxRanges && !accept_language.empty(); ++i) {
    const auto piece = accept_language.substr(0, accept_language.find(','));
    accept_language.remove_prefix(std::min(accept_language.size(), piece.size() + 1));
    if (const auto range = readRange(piece)) ranges.push_back(*range);
  }
  std::stable_sort(ranges.begin(), ranges.end(), [](const Range& left, const Range& right) {
    return left.weight > right.weight;
  });
  for (const auto& range : ranges) {
    if (range.weight == 0) break;
    if (range.tag == "*") {
      for (const auto& language : available) {
        if (!isExcluded(language, ranges)) return language;
      }
    } else if (const auto* found = lookUp(range.tag, available, ranges)) {
      return *found;
    }
  }
  return available.front();
}

}  // namespace vestibule::http
