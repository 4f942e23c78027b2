#include "jit/language_tag.h"

#include <algorithm>

#include "base/unicode.h"

namespace vestibule::jit {
namespace {

/// What RFC 5646 §4.4.1 asks everybody to have room for.
constexpr std::size_t kMaxTag = 35;

bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool isDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::optional<std::string> canonicalLanguage(std::string_view tag) {
  if (tag.size() > kMaxTag) return std::nullopt;
  std::string canonical;
  bool behind_singleton = false;
  while (true) {
    const auto part = tag.substr(0, tag.find('-'));
    const bool is_first = canonical.empty();
    const bool letters = std::all_of(part.begin(), part.end(), isLetter);
    if (part.empty() || part.size() > 8) return std::nullopt;
    if (is_first && (!letters || part.size() < 2 || part.size() > 3)) return std::nullopt;
    if (!std::all_of(part.begin(), part.end(), [](char c) { return isLetter(c) || isDigit(c); })) {
      return std::nullopt;
    }
    std::string written = lowerAscii(part);
    if (!is_first && !behind_singleton && letters) {
      if (part.size() == 2) written = upperAscii(part);
      if (part.size() == 4) written = upperAscii(part.substr(0, 1)) + lowerAscii(part.substr(1));
    }
    behind_singleton = behind_singleton || part.size() == 1;
    if (!is_first) canonical += '-';
    canonical += written;
    if (part.size() == tag.size()) break;
    tag.remove_prefix(part.size() + 1);
  }
  return canonical;
}

}  // namespace vestibule::jit
