#include "policy/pattern_translation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <variant>

#include "base/encoding.h"
#include "policy/character_sets.h"

namespace vestibule::policy {
namespace {

constexpr std::size_t kMaxName = 32;

constexpr bool isDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool isLower(char32_t c) { return c >= 'a' && c <= 'z'; }
constexpr bool isUpper(char32_t c) { return c >= 'A' && c <= 'Z'; }
constexpr bool isLetter(char c) {
  return isLower(static_cast<unsigned char>(c)) || isUpper(static_cast<unsigned char>(c));
}
constexpr bool isHighSurrogate(char32_t c) { return c >= 0xD800 && c <= 0xDBFF; }
constexpr bool isLowSurrogate(char32_t c) { return c >= 0xDC00 && c <= 0xDFFF; }

/// What an escape or a piece of a class stands for: one character, or text for PCRE2 that stands
/// for a set of them.
struct ClassText {
  std::string text;
};
using Item = std::variant<char32_t, ClassText>;

void appendCharacter(std::string& out, char32_t c) {
  if (isLower(c) || isUpper(c) || (c >= '0' && c <= '9')) {
    out += static_cast<char>(c);
    return;
  }
  // Anything else in hexadecimal: nothing then depends on which characters PCRE2 gives a meaning
  // where.
  fmt::format_to(std::back_inserter(out), "\\x{{{:x}}}", static_cast<unsigned>(c));
}

void appendRange(std::string& out, char32_t first, char32_t last) {
  appendCharacter(out, first);
  if (first == last) return;
  out += '-';
  appendCharacter(out, last);
}

std::string rangesOf(const CodeSet& set) {
  std::string out;
  for (const auto& range : set) appendRange(out, range.first, range.last);
  return out;
}

/// Reads one pattern from left to right. The steps return false once a fault is noted.
class Translator {
 public:
  Translator(std::string_view pattern, Dialect dialect)
      : in_(pattern), java_(dialect == Dialect::kJava), dialect_(dialect) {}

  Result<Translation> run() {
    while (at_ < in_.size()) {
      out_.origins.emplace_back(out_.text.size(), at_);
      if (!step()) return malformedPattern(fault_at_, fault_);
    }
    return std::move(out_);
  }

 private:
  bool fail(std::size_t at, std::string_view reason) {
    fault_at_ = at;
    fault_ = reason;
    return false;
  }
  bool failUnknown(std::size_t at, std::string_view what) {
    fail(at, what);
    fault_ += " has no meaning in ";
    fault_ += java_ ? "Java" : "JavaScript";
    fault_ += " or cannot be used here";
    return false;
  }

  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < in_.size() ? in_[at_ + ahead] : '\0';
  }
  bool take(std::string_view expected) {
    if (!in_.substr(at_).starts_with(expected)) return false;
    at_ += expected.size();
    return true;
  }

  /// Takes the code point at the front.
  char32_t takeCharacter() {
    const auto byte = [&] { return static_cast<unsigned char>(in_[at_++]); };
    const char32_t lead = byte();
    if (lead < 0x80) return lead;
    const int following = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    char32_t c = lead & (0x3FU >> static_cast<unsigned>(following));
    for (int i = 0; i < following; ++i) c = (c << 6U) | (byte() & 0x3FU);
    return c;
  }

  bool step() {
    switch (peek()) {
      case '(':
        return group();
      case ')':
        ++at_;
        out_.text += ')';
        quantifiable_ = true;
        if (!outer_ignore_case_.empty()) {
          ignore_case_ = outer_ignore_case_.back();
          outer_ignore_case_.pop_back();
        }
        return true;
      case '[':
        quantifiable_ = true;
        return characterClass();
      case '\\':
        return escape();
      case '.':
        ++at_;
        out_.text += "[^" + rangesOf(lineTerminators(dialect_)) + "]";
        quantifiable_ = true;
        return true;
      case '*':
      case '+':
      case '?':
      case '{':
        return quantifier();
      case '^':
      case '$':
      case '|':
        out_.text += in_[at_++];
        quantifiable_ = false;
        return true;
      default:
        literal(takeCharacter());
        return true;
    }
  }

  /// One character to match. In Java, `(?i)` concerns ASCII letters only, which PCRE2 cannot be
  /// told.
  void literal(char32_t c) {
    if (ignore_case_ && (isLower(c) || isUpper(c))) {
      out_.text += '[';
      appendCharacter(out_.text, c);
      appendCharacter(out_.text, c ^ 0x20U);
      out_.text += ']';
    } else {
      appendCharacter(out_.text, c);
    }
    quantifiable_ = true;
  }

  bool quantifier() {
    if (!quantifiable_) return fail(at_, "there is nothing to repeat");
    const std::size_t start = at_;
    if (peek() == '{') {
      ++at_;
      const auto digits = [&] {
        const std::size_t before = at_;
        while (isDigit(peek())) ++at_;
        return at_ > before;
      };
      if (!digits()) return fail(start, "{ is no quantifier here; write \\{ for a brace");
      if (peek() == ',') {
        ++at_;
        digits();
      }
      if (peek() != '}') return fail(start, "{ is no quantifier here; write \\{ for a brace");
    }
    ++at_;
    if (peek() == '?') {
      ++at_;
    } else if (peek() == '+') {
      if (!java_) return failUnknown(at_, "a possessive quantifier");
      ++at_;
    }
    out_.text += in_.substr(start, at_ - start);
    quantifiable_ = false;
    return true;
  }

  bool group() {
    const std::size_t start = at_++;
    quantifiable_ = false;
    outer_ignore_case_.push_back(ignore_case_);
    if (!take("?")) {
      out_.text += '(';
      return true;
    }
    for (const std::string_view plain : {":", "=", "!", "<=", "<!"}) {
      if (take(plain)) {
        out_.text += "(?" + std::string(plain);
        return true;
      }
    }
    if (java_ && take(">")) {
      out_.text += "(?>";
      return true;
    }
    if (take("<")) {
      const auto name = takeName();
      if (!name) return fail(start, "the name of the group is malformed");
      out_.text += "(?<" + std::string(*name) + ">";
      return true;
    }
    return (java_ && flag()) || failUnknown(start, "this kind of group");
  }

  /// Java's `(?i)`, `(?-i)`, `(?i:` and `(?-i:`, with the reader behind the question mark. No other
  /// flag.
  bool flag() {
    const bool on = !take("-");
    if (!take("i")) return false;
    if (take(")")) {
      outer_ignore_case_.pop_back();
    } else if (take(":")) {
      out_.text += "(?:";
    } else {
      return false;
    }
    ignore_case_ = on;
    return true;
  }

  /// Reads a name up to and with `>`.
  std::optional<std::string_view> takeName() {
    const std::size_t start = at_;
    while (isLetter(peek()) || (at_ > start && isDigit(peek())) || (!java_ && peek() == '_')) {
      ++at_;
    }
    const std::string_view name = in_.substr(start, at_ - start);
    if (name.empty() || name.size() > kMaxName || !take(">")) return std::nullopt;
    return name;
  }

  bool escape() {
    const char letter = peek(1);
    const auto assertion = [&] {
      at_ += 2;
      out_.text += {'\\', letter};
      quantifiable_ = false;
      return true;
    };
    if (letter == 'b' || letter == 'B') return assertion();
    if (java_ && (letter == 'A' || letter == 'z' || letter == 'Z')) return assertion();
    if (java_ && letter == 'R') {
      at_ += 2;
      out_.text += "\\R";
      quantifiable_ = true;
      return true;
    }
    if (java_ && letter == 'Q') return quotation();
    if (letter == 'k') return namedReference();
    if (letter >= '1' && letter <= '9') return numberedReference();

    Item item;
    if (!escapedItem(item)) return false;
    if (const auto* character = std::get_if<char32_t>(&item)) {
      literal(*character);
    } else {
      out_.text += "[" + std::get<ClassText>(item).text + "]";
      quantifiable_ = true;
    }
    return true;
  }

  bool quotation() {
    at_ += 2;
    const std::size_t end = std::min(in_.find("\\E", at_), in_.size());
    while (at_ < end) literal(takeCharacter());
    take("\\E");
    return true;
  }

  bool namedReference() {
    const std::size_t start = at_;
    at_ += 2;
    const auto name = take("<") ? takeName() : std::nullopt;
    if (!name) return fail(start, "\\k has to be followed by <name>");
    return reference(start, *name);
  }

  bool numberedReference() {
    const std::size_t start = at_++;
    const std::string_view number = in_.substr(at_++, 1);
    // Both engines look at how many groups there are to tell \12 from \1 and a 2.
    if (isDigit(peek()))
      return fail(start, "a back-reference is followed by a digit; write (?:\\1)2");
    return reference(start, number);
  }

  bool reference(std::size_t start, std::string_view group) {
    if (ignore_case_) return fail(start, "a back-reference under the flag i is not supported");
    out_.text += isDigit(group.front()) ? "\\g{" : "\\k{";
    out_.text += group;
    out_.text += '}';
    quantifiable_ = true;
    return true;
  }

  /// Reads a backslash and what belongs to it, where that means the same in and outside of a class.
  bool escapedItem(Item& item) {
    const std::size_t start = at_++;
    if (at_ == in_.size()) return fail(start, "the pattern ends in a backslash");
    const char letter = peek();
    if (!isLetter(letter) && !isDigit(letter)) {
      item = takeCharacter();
      return true;
    }
    ++at_;
    switch (letter) {
      case 't':
        item = U'\t';
        return true;
      case 'n':
        item = U'\n';
        return true;
      case 'r':
        item = U'\r';
        return true;
      case 'f':
        item = U'\f';
        return true;
      case '0':
        return octal(start, item);
      case 'c':
        return control(start, item);
      case 'x':
      case 'u':
        return hexadecimal(start, letter, item);
      case 'p':
      case 'P':
        return property(start, letter == 'P', item);
      default:
        break;
    }
    if (java_ && (letter == 'a' || letter == 'e')) {
      item = letter == 'a' ? U'\a' : U'\x1B';
      return true;
    }
    if (!java_ && letter == 'v') {
      item = U'\v';
      return true;
    }
    const bool negated = isUpper(static_cast<unsigned char>(letter));
    const char lower = negated ? static_cast<char>(letter | 0x20) : letter;
    if (const CodeSet* const set = findEscapeSet(lower, dialect_)) {
      item = ClassText{rangesOf(negated ? complementOf(*set) : *set)};
      return true;
    }
    return failUnknown(start, in_.substr(start, 2));
  }

  bool octal(std::size_t start, Item& item) {
    if (!java_) {
      if (isDigit(peek())) return failUnknown(start, "an octal escape");
      item = U'\0';
      return true;
    }
    char32_t value = 0;
    int digits = 0;
    while (digits < 3 && peek() >= '0' && peek() <= '7' && value * 8 <= 0xF8) {
      value = value * 8 + static_cast<char32_t>(peek() - '0');
      ++at_;
      ++digits;
    }
    if (digits == 0) return fail(start, "\\0 has to be followed by an octal number");
    item = value;
    return true;
  }

  bool control(std::size_t start, Item& item) {
    const char letter = peek();
    const bool known = java_ ? isUpper(static_cast<unsigned char>(letter)) : isLetter(letter);
    if (!known) return fail(start, "\\c has to be followed by a letter (in Java a capital one)");
    ++at_;
    item = static_cast<char32_t>(letter & 0x1F);
    return true;
  }

  /// Reads exactly `count` hexadecimal digits.
  std::optional<char32_t> takeHex(int count) {
    char32_t value = 0;
    for (int i = 0; i < count; ++i) {
      const int digit = hexDigit(peek());
      if (digit < 0) return std::nullopt;
      value = value * 16 + static_cast<char32_t>(digit);
      ++at_;
    }
    return value;
  }

  bool hexadecimal(std::size_t start, char letter, Item& item) {
    std::optional<char32_t> value;
    if (peek() == '{' && java_ == (letter == 'x')) {  // Java: \x{…}; JavaScript: \u{…}
      ++at_;
      const std::size_t digits = std::min(in_.find('}', at_), in_.size()) - at_;
      if (digits >= 1 && digits <= 6) value = takeHex(static_cast<int>(digits));
      if (!take("}")) value.reset();
    } else {
      value = takeHex(letter == 'x' ? 2 : 4);
      if (letter == 'u' && value && isHighSurrogate(*value) && take("\\u")) {
        const auto low = takeHex(4);
        if (!low || !isLowSurrogate(*low)) return fail(start, "a surrogate stands alone");
        value = 0x10000 + ((*value - 0xD800) << 10U) + (*low - 0xDC00);
      }
    }
    if (!value || *value > kLastCodePoint) {
      return fail(start, "\\x or \\u is followed by the wrong digits");
    }
    if (isHighSurrogate(*value) || isLowSurrogate(*value)) {
      return fail(start, "a surrogate stands alone");
    }
    item = *value;
    return true;
  }

  bool property(std::size_t start, bool negated, Item& item) {
    std::string_view name;
    if (take("{")) {
      const std::size_t end = in_.find('}', at_);
      if (end == std::string_view::npos) return fail(start, "{ without }");
      name = in_.substr(at_, end - at_);
      at_ = end + 1;
    } else if (java_ && isLetter(peek())) {
      name = in_.substr(at_++, 1);
    }
    const auto found = findProperty(name, dialect_);
    if (!found) return failUnknown(start, "this property");
    if (const auto* set = std::get_if<CodeSet>(&*found)) {
      item = ClassText{rangesOf(negated ? complementOf(*set) : *set)};
    } else {
      const auto& named = std::get<Property>(*found);
      item = ClassText{(negated != named.negated ? "\\P{" : "\\p{") + named.name + "}"};
    }
    return true;
  }

  bool characterClass() {
    const std::size_t start = at_++;
    const bool negated = take("^");
    std::string body;
    if (peek() == ']' && at_ < in_.size()) {
      if (java_) return fail(at_, "write \\] for a bracket at the front of a class");
      ++at_;
      out_.text += negated ? "[\\x{0}-\\x{10ffff}]" : "(?!)";
      return true;
    }
    while (!take("]")) {
      if (at_ == in_.size()) return fail(start, "[ without ]");
      if (!classItem(body)) return false;
    }
    out_.text += (negated ? "[^" : "[") + body + "]";
    return true;
  }

  bool classItem(std::string& body) {
    const std::size_t start = at_;
    Item item;
    if (!classAtom(item)) return false;
    const auto* const first = std::get_if<char32_t>(&item);
    if (first == nullptr) {
      body += std::get<ClassText>(item).text;
      return true;
    }
    char32_t last = *first;
    if (peek() == '-' && at_ + 1 < in_.size() && peek(1) != ']') {
      ++at_;
      Item end;
      if (!classAtom(end)) return false;
      if (std::holds_alternative<ClassText>(end)) {
        return fail(start, "a range has to end in one character");
      }
      last = std::get<char32_t>(end);
      if (last < *first) return fail(start, "the ends of a range are the wrong way round");
    }
    appendClassRange(body, *first, last);
    return true;
  }

  bool classAtom(Item& item) {
    const char c = peek();
    if (java_ && c == '[') return fail(at_, "a class in a class is not supported; write \\[");
    if (java_ && c == '&' && peek(1) == '&') {
      return fail(at_, "the intersection of classes is not supported; write \\& for an ampersand");
    }
    if (c != '\\') {
      item = takeCharacter();
      return true;
    }
    if (!java_ && peek(1) == 'b') {
      at_ += 2;
      item = U'\b';
      return true;
    }
    return escapedItem(item);
  }

  void appendClassRange(std::string& body, char32_t first, char32_t last) const {
    appendRange(body, first, last);
    if (!ignore_case_) return;
    const auto appendOtherCase = [&](char32_t low, char32_t high) {
      const char32_t from = std::max(first, low);
      const char32_t to = std::min(last, high);
      if (from <= to) appendRange(body, from ^ 0x20U, to ^ 0x20U);
    };
    appendOtherCase('a', 'z');
    appendOtherCase('A', 'Z');
  }

  const std::string_view in_;
  const bool java_;
  const Dialect dialect_;
  std::size_t at_ = 0;
  Translation out_;
  /// Whether a quantifier may follow.
  bool quantifiable_ = false;
  bool ignore_case_ = false;
  /// What `ignore_case_` becomes again at the end of each open group.
  std::vector<bool> outer_ignore_case_;
  std::size_t fault_at_ = 0;
  std::string fault_;
};

}  // namespace

std::size_t Translation::originOf(std::size_t offset) const {
  const auto after =
      std::upper_bound(origins.begin(), origins.end(), offset,
                       [](std::size_t value, const auto& origin) { return value < origin.first; });
  return after == origins.begin() ? 0 : std::prev(after)->second;
}

tl::unexpected<Error> malformedPattern(std::size_t offset, std::string_view reason) {
  return failure(
      ErrorKind::kInvalidValue,
      "the pattern cannot be used: at byte " + std::to_string(offset) + ": " + std::string(reason),
      {}, "POL-1020");
}

Result<Translation> translatePattern(std::string_view pattern, Dialect dialect) {
  return Translator(pattern, dialect).run();
}

}  // namespace vestibule::policy
