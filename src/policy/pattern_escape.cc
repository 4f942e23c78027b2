#include "policy/pattern_escape.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "base/encoding.h"

namespace vestibule::policy {
namespace {

constexpr bool isHighSurrogate(char32_t c) { return c >= 0xD800 && c <= 0xDBFF; }
constexpr bool isLowSurrogate(char32_t c) { return c >= 0xDC00 && c <= 0xDFFF; }

// Each of these reads on behind the letter of the escape that begins at `start`.

bool octal(PatternReader& in, std::size_t start, EscapeMeaning& meaning) {
  if (!in.isJava()) {
    if (isDigit(in.peek())) return in.failUnknown(start, "an octal escape");
    meaning = U'\0';
    return true;
  }
  char32_t value = 0;
  int digits = 0;
  while (digits < 3 && in.peek() >= '0' && in.peek() <= '7' && value * 8 <= 0xF8) {
    value = value * 8 + static_cast<char32_t>(in.peek() - '0');
    in.skip();
    ++digits;
  }
  if (digits == 0) return in.fail(start, "\\0 has to be followed by an octal number");
  meaning = value;
  return true;
}

bool control(PatternReader& in, std::size_t start, EscapeMeaning& meaning) {
  const char letter = in.peek();
  const bool known = in.isJava() ? isUpper(static_cast<unsigned char>(letter)) : isLetter(letter);
  if (!known) return in.fail(start, "\\c has to be followed by a letter (in Java a capital one)");
  in.skip();
  meaning = static_cast<char32_t>(letter & 0x1F);
  return true;
}

/// Reads exactly `count` hexadecimal digits.
std::optional<char32_t> takeHex(PatternReader& in, int count) {
  char32_t value = 0;
  for (int i = 0; i < count; ++i) {
    const int digit = hexDigit(in.peek());
    if (digit < 0) return std::nullopt;
    value = value * 16 + static_cast<char32_t>(digit);
    in.skip();
  }
  return value;
}

bool hexadecimal(PatternReader& in, std::size_t start, char letter, EscapeMeaning& meaning) {
  std::optional<char32_t> value;
  if (in.peek() == '{' && in.isJava() == (letter == 'x')) {  // Java: \x{…}; JavaScript: \u{…}
    in.skip();
    const std::string_view rest = in.rest();
    const std::size_t digits = std::min(rest.find('}'), rest.size());
    if (digits >= 1 && digits <= 6) value = takeHex(in, static_cast<int>(digits));
    if (!in.take("}")) value.reset();
  } else {
    value = takeHex(in, letter == 'x' ? 2 : 4);
    if (letter == 'u' && value && isHighSurrogate(*value) && in.take("\\u")) {
      const auto low = takeHex(in, 4);
      if (!low || !isLowSurrogate(*low)) return in.fail(start, "a surrogate stands alone");
      value = 0x10000 + ((*value - 0xD800) << 10U) + (*low - 0xDC00);
    }
  }
  if (!value || *value > kLastCodePoint) {
    return in.fail(start, "\\x or \\u is followed by the wrong digits");
  }
  if (isHighSurrogate(*value) || isLowSurrogate(*value)) {
    return in.fail(start, "a surrogate stands alone");
  }
  meaning = *value;
  return true;
}

bool property(PatternReader& in, std::size_t start, bool negated, EscapeMeaning& meaning) {
  std::string_view name;
  if (in.take("{")) {
    const std::string_view rest = in.rest();
    const std::size_t end = rest.find('}');
    if (end == std::string_view::npos) return in.fail(start, "{ without }");
    name = rest.substr(0, end);
    in.skip(end + 1);
  } else if (in.isJava() && isLetter(in.peek())) {
    name = in.rest().substr(0, 1);
    in.skip();
  }
  auto found = findProperty(name, in.dialect());
  if (!found) return in.failUnknown(start, "this property");
  if (const auto* set = std::get_if<CodeSet>(&*found)) {
    meaning = negated ? complementOf(*set) : *set;
  } else {
    auto& named = std::get<Property>(*found);
    named.negated = negated != named.negated;
    meaning = std::move(named);
  }
  return true;
}

}  // namespace

bool readEscape(PatternReader& in, EscapeMeaning& meaning) {
  const std::size_t start = in.at();
  in.skip();
  if (in.atEnd()) return in.fail(start, "the pattern ends in a backslash");
  const char letter = in.peek();
  if (!isLetter(letter) && !isDigit(letter)) {
    meaning = in.takeCharacter();
    return true;
  }
  in.skip();
  switch (letter) {
    case 't':
      meaning = U'\t';
      return true;
    case 'n':
      meaning = U'\n';
      return true;
    case 'r':
      meaning = U'\r';
      return true;
    case 'f':
      meaning = U'\f';
      return true;
    case '0':
      return octal(in, start, meaning);
    case 'c':
      return control(in, start, meaning);
    case 'x':
    case 'u':
      return hexadecimal(in, start, letter, meaning);
    case 'p':
    case 'P':
      return property(in, start, letter == 'P', meaning);
    default:
      break;
  }
  if (in.isJava() && (letter == 'a' || letter == 'e')) {
    meaning = letter == 'a' ? U'\a' : U'\x1B';
    return true;
  }
  if (!in.isJava() && letter == 'v') {
    meaning = U'\v';
    return true;
  }
  const bool negated = isUpper(static_cast<unsigned char>(letter));
  const char lower = negated ? static_cast<char>(letter | 0x20) : letter;
  if (const CodeSet* const set = findEscapeSet(lower, in.dialect())) {
    meaning = negated ? complementOf(*set) : *set;
    return true;
  }
  return in.failUnknown(start, in.readFrom(start));
}

}  // namespace vestibule::policy
