#include "policy/pattern_translation.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <variant>

#include "policy/character_sets.h"
#include "policy/pattern_escape.h"
#include "policy/pattern_reader.h"

namespace vestibule::policy {
namespace {

constexpr std::size_t kMaxName = 32;

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

/// What stands for the set between the brackets of a class.
std::string textOf(const EscapeMeaning& set) {
  if (const auto* ranges = std::get_if<CodeSet>(&set)) return rangesOf(*ranges);
  const auto& property = std::get<Property>(set);
  return (property.negated ? "\\P{" : "\\p{") + property.name + "}";
}

/// Translates one pattern. The steps return false once the reader has a fault.
class Translator {
 public:
  Translator(std::string_view pattern, Dialect dialect) : in_(pattern, dialect) {}

  Result<Translation> run() {
    while (!in_.atEnd()) {
      out_.origins.emplace_back(out_.text.size(), in_.at());
      if (!step()) return malformedPattern(in_.faultAt(), in_.fault());
    }
    return std::move(out_);
  }

 private:
  bool step() {
    switch (in_.peek()) {
      case '(':
        return group();
      case ')':
        in_.skip();
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
        in_.skip();
        out_.text += "[^" + rangesOf(lineTerminators(in_.dialect())) + "]";
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
        out_.text += in_.peek();
        in_.skip();
        quantifiable_ = false;
        return true;
      default:
        literal(in_.takeCharacter());
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
    if (!quantifiable_) return in_.fail(in_.at(), "there is nothing to repeat");
    const std::size_t start = in_.at();
    if (in_.peek() == '{') {
      in_.skip();
      const auto digits = [&] {
        const std::size_t before = in_.at();
        while (isDigit(in_.peek())) in_.skip();
        return in_.at() > before;
      };
      if (!digits()) return in_.fail(start, "{ is no quantifier here; write \\{ for a brace");
      if (in_.peek() == ',') {
        in_.skip();
        digits();
      }
      if (in_.peek() != '}') {
        return in_.fail(start, "{ is no quantifier here; write \\{ for a brace");
      }
    }
    in_.skip();
    if (in_.peek() == '?') {
      in_.skip();
    } else if (in_.peek() == '+') {
      if (!in_.isJava()) return in_.failUnknown(in_.at(), "a possessive quantifier");
      in_.skip();
    }
    out_.text += in_.readFrom(start);
    quantifiable_ = false;
    return true;
  }

  bool group() {
    const std::size_t start = in_.at();
    in_.skip();
    quantifiable_ = false;
    outer_ignore_case_.push_back(ignore_case_);
    if (!in_.take("?")) {
      out_.text += '(';
      return true;
    }
    for (const std::string_view plain : {":", "=", "!", "<=", "<!"}) {
      if (in_.take(plain)) {
        out_.text += "(?" + std::string(plain);
        return true;
      }
    }
    if (in_.isJava() && in_.take(">")) {
      out_.text += "(?>";
      return true;
    }
    if (in_.take("<")) {
      const auto name = takeName();
      if (!name) return in_.fail(start, "the name of the group is malformed");
      out_.text += "(?<" + std::string(*name) + ">";
      return true;
    }
    return (in_.isJava() && flag()) || in_.failUnknown(start, "this kind of group");
  }

  /// Java's `(?i)`, `(?-i)`, `(?i:` and `(?-i:`, with the reader behind the question mark. No other
  /// flag.
  bool flag() {
    const bool on = !in_.take("-");
    if (!in_.take("i")) return false;
    if (in_.take(")")) {
      outer_ignore_case_.pop_back();
    } else if (in_.take(":")) {
      out_.text += "(?:";
    } else {
      return false;
    }
    ignore_case_ = on;
    return true;
  }

  /// Reads a name up to and with `>`.
  std::optional<std::string_view> takeName() {
    const std::size_t start = in_.at();
    while (isLetter(in_.peek()) || (in_.at() > start && isDigit(in_.peek())) ||
           (!in_.isJava() && in_.peek() == '_')) {
      in_.skip();
    }
    const std::string_view name = in_.readFrom(start);
    if (name.empty() || name.size() > kMaxName || !in_.take(">")) return std::nullopt;
    return name;
  }

  bool escape() {
    const char letter = in_.peek(1);
    const auto assertion = [&] {
      in_.skip(2);
      out_.text += {'\\', letter};
      quantifiable_ = false;
      return true;
    };
    if (letter == 'b' || letter == 'B') return assertion();
    if (in_.isJava() && (letter == 'A' || letter == 'z' || letter == 'Z')) return assertion();
    if (in_.isJava() && letter == 'R') {
      in_.skip(2);
      out_.text += "\\R";
      quantifiable_ = true;
      return true;
    }
    if (in_.isJava() && letter == 'Q') return quotation();
    if (letter == 'k') return namedReference();
    if (letter >= '1' && letter <= '9') return numberedReference();

    EscapeMeaning item;
    if (!readEscape(in_, item)) return false;
    if (const auto* character = std::get_if<char32_t>(&item)) {
      literal(*character);
    } else {
      out_.text += "[" + textOf(item) + "]";
      quantifiable_ = true;
    }
    return true;
  }

  bool quotation() {
    in_.skip(2);
    const std::string_view rest = in_.rest();
    const std::size_t end = in_.at() + std::min(rest.find("\\E"), rest.size());
    while (in_.at() < end) literal(in_.takeCharacter());
    in_.take("\\E");
    return true;
  }

  bool namedReference() {
    const std::size_t start = in_.at();
    in_.skip(2);
    const auto name = in_.take("<") ? takeName() : std::nullopt;
    if (!name) return in_.fail(start, "\\k has to be followed by <name>");
    return reference(start, *name);
  }

  bool numberedReference() {
    const std::size_t start = in_.at();
    in_.skip(2);
    const std::string_view number = in_.readFrom(start).substr(1);
    // Both engines look at how many groups there are to tell \12 from \1 and a 2.
    if (isDigit(in_.peek())) {
      return in_.fail(start, "a back-reference is followed by a digit; write (?:\\1)2");
    }
    return reference(start, number);
  }

  bool reference(std::size_t start, std::string_view group) {
    if (ignore_case_) return in_.fail(start, "a back-reference under the flag i is not supported");
    out_.text += isDigit(group.front()) ? "\\g{" : "\\k{";
    out_.text += group;
    out_.text += '}';
    quantifiable_ = true;
    return true;
  }

  bool characterClass() {
    const std::size_t start = in_.at();
    in_.skip();
    const bool negated = in_.take("^");
    std::string body;
    if (in_.peek() == ']') {
      if (in_.isJava()) {
        return in_.fail(in_.at(), "write \\] for a bracket at the front of a class");
      }
      in_.skip();
      out_.text += negated ? "[\\x{0}-\\x{10ffff}]" : "(?!)";
      return true;
    }
    while (!in_.take("]")) {
      if (in_.atEnd()) return in_.fail(start, "[ without ]");
      if (!classItem(body)) return false;
    }
    out_.text += (negated ? "[^" : "[") + body + "]";
    return true;
  }

  bool classItem(std::string& body) {
    const std::size_t start = in_.at();
    EscapeMeaning item;
    if (!classAtom(item)) return false;
    const auto* const first = std::get_if<char32_t>(&item);
    if (first == nullptr) {
      body += textOf(item);
      return true;
    }
    char32_t last = *first;
    if (in_.peek() == '-' && in_.rest().size() > 1 && in_.peek(1) != ']') {
      in_.skip();
      EscapeMeaning end;
      if (!classAtom(end)) return false;
      const auto* const character = std::get_if<char32_t>(&end);
      if (character == nullptr) return in_.fail(start, "a range has to end in one character");
      last = *character;
      if (last < *first) return in_.fail(start, "the ends of a range are the wrong way round");
    }
    appendClassRange(body, *first, last);
    return true;
  }

  bool classAtom(EscapeMeaning& item) {
    const char c = in_.peek();
    if (in_.isJava() && c == '[') {
      return in_.fail(in_.at(), "a class in a class is not supported; write \\[");
    }
    if (in_.isJava() && c == '&' && in_.peek(1) == '&') {
      return in_.fail(in_.at(),
                      "the intersection of classes is not supported; write \\& for an ampersand");
    }
    if (c != '\\') {
      item = in_.takeCharacter();
      return true;
    }
    if (!in_.isJava() && in_.peek(1) == 'b') {
      in_.skip(2);
      item = U'\b';
      return true;
    }
    return readEscape(in_, item);
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

  PatternReader in_;
  Translation out_;
  /// Whether a quantifier may follow.
  bool quantifiable_ = false;
  bool ignore_case_ = false;
  /// What `ignore_case_` becomes again at the end of each open group.
  std::vector<bool> outer_ignore_case_;
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
