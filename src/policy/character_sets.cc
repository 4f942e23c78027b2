#include "policy/character_sets.h"

#include <algorithm>
#include <array>
#include <utility>

namespace vestibule::policy {
namespace {

using Named = std::pair<std::string_view, std::string_view>;

constexpr std::array<std::string_view, 37> kCategories = {
    "L",  "Lu", "Ll", "Lt", "Lm", "Lo", "M",  "Mn", "Mc", "Me", "N",  "Nd", "Nl",
    "No", "P",  "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "S",  "Sm", "Sc", "Sk",
    "So", "Z",  "Zs", "Zl", "Zp", "C",  "Cc", "Cf", "Cn", "Co", "Cs"};

/// Long names of categories, which JavaScript takes as well.
constexpr std::array<Named, 14> kLongCategories = {{{"Letter", "L"},
                                                    {"Uppercase_Letter", "Lu"},
                                                    {"Lowercase_Letter", "Ll"},
                                                    {"Titlecase_Letter", "Lt"},
                                                    {"Modifier_Letter", "Lm"},
                                                    {"Other_Letter", "Lo"},
                                                    {"Mark", "M"},
                                                    {"Nonspacing_Mark", "Mn"},
                                                    {"Number", "N"},
                                                    {"Decimal_Number", "Nd"},
                                                    {"Punctuation", "P"},
                                                    {"Symbol", "S"},
                                                    {"Separator", "Z"},
                                                    {"Control", "Cc"}}};

/// Binary properties that Java writes with `Is` in front and PCRE2 knows under the same name, or as
/// a category.
constexpr std::array<Named, 12> kJavaBinary = {{{"Alphabetic", "Alphabetic"},
                                                {"Ideographic", "Ideographic"},
                                                {"Letter", "L"},
                                                {"Lowercase", "Lowercase"},
                                                {"Uppercase", "Uppercase"},
                                                {"Titlecase", "Lt"},
                                                {"Punctuation", "P"},
                                                {"Control", "Cc"},
                                                {"White_Space", "White_Space"},
                                                {"Digit", "Nd"},
                                                {"Hex_Digit", "Hex_Digit"},
                                                {"Join_Control", "Join_Control"}}};

constexpr std::array<std::string_view, 9> kJavaScriptBinary = {
    "Alphabetic", "Ideographic", "Lowercase", "Uppercase",  "White_Space",
    "Hex_Digit",  "ASCII",       "ID_Start",  "ID_Continue"};

/// The POSIX classes of Java, which are ASCII only; PCRE2 takes some of the names for properties of
/// all of Unicode.
const CodeSet* findJavaPosix(std::string_view name) {
  static const std::array<std::pair<std::string_view, CodeSet>, 13> kSets = {{
      {"Lower", {{'a', 'z'}}},
      {"Upper", {{'A', 'Z'}}},
      {"ASCII", {{0, 0x7F}}},
      {"Alpha", {{'A', 'Z'}, {'a', 'z'}}},
      {"Digit", {{'0', '9'}}},
      {"Alnum", {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}}},
      {"Punct", {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}}},
      {"Graph", {{'!', '~'}}},
      {"Print", {{' ', '~'}}},
      {"Blank", {{'\t', '\t'}, {' ', ' '}}},
      {"Cntrl", {{0, 0x1F}, {0x7F, 0x7F}}},
      {"XDigit", {{'0', '9'}, {'A', 'F'}, {'a', 'f'}}},
      {"Space", {{'\t', '\r'}, {' ', ' '}}},
  }};
  const auto found = std::find_if(kSets.begin(), kSets.end(),
                                  [&](const auto& entry) { return entry.first == name; });
  return found == kSets.end() ? nullptr : &found->second;
}

template <typename Table>
std::optional<Property> findNamed(const Table& table, std::string_view name) {
  for (const auto& [known, meaning] : table) {
    if (known == name) return Property{std::string(meaning)};
  }
  return std::nullopt;
}

template <typename Table>
bool contains(const Table& table, std::string_view name) {
  return std::find(table.begin(), table.end(), name) != table.end();
}

/// A script by name; whether there is one of this name is for PCRE2 to say.
std::optional<Property> script(std::string_view kind, std::string_view name) {
  const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  });
  if (!plain) return std::nullopt;
  return Property{std::string(kind) + ":" + std::string(name)};
}

std::optional<Property> findJavaProperty(std::string_view name) {
  if (const auto equals = name.find('='); equals != std::string_view::npos) {
    const std::string_view key = name.substr(0, equals);
    const std::string_view value = name.substr(equals + 1);
    if (key == "script" || key == "sc") return script("sc", value);
    const bool category =
        (key == "general_category" || key == "gc") && contains(kCategories, value);
    return category ? std::optional(Property{std::string(value)}) : std::nullopt;
  }
  if (contains(kCategories, name)) return Property{std::string(name)};
  if (name == "LC") return Property{"L&"};
  if (!name.starts_with("Is")) return std::nullopt;
  name.remove_prefix(2);
  if (contains(kCategories, name)) return Property{std::string(name)};
  if (name == "Assigned") return Property{"Cn", true};
  if (auto binary = findNamed(kJavaBinary, name)) return binary;
  return script("sc", name);
}

std::optional<Property> findJavaScriptProperty(std::string_view name) {
  if (const auto equals = name.find('='); equals != std::string_view::npos) {
    const std::string_view key = name.substr(0, equals);
    const std::string_view value = name.substr(equals + 1);
    if (key == "Script" || key == "sc") return script("sc", value);
    if (key == "Script_Extensions" || key == "scx") return script("scx", value);
    if (key != "General_Category" && key != "gc") return std::nullopt;
    name = value;
  } else if (contains(kJavaScriptBinary, name)) {
    return Property{std::string(name)};
  }
  if (contains(kCategories, name)) return Property{std::string(name)};
  if (name == "LC") return Property{"L&"};
  return findNamed(kLongCategories, name);
}

}  // namespace

CodeSet complementOf(const CodeSet& set) {
  CodeSet rest;
  char32_t next = 0;
  for (const auto& range : set) {
    if (range.first > next) rest.push_back({next, range.first - 1});
    next = range.last + 1;
  }
  if (next <= kLastCodePoint) rest.push_back({next, kLastCodePoint});
  return rest;
}

const CodeSet* findEscapeSet(char letter, Dialect dialect) {
  static const CodeSet kDigits = {{'0', '9'}};
  static const CodeSet kWord = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
  static const CodeSet kJavaSpace = {{'\t', '\r'}, {' ', ' '}};
  // ECMAScript: WhiteSpace and LineTerminator.
  static const CodeSet kJavaScriptSpace = {
      {'\t', '\r'},     {' ', ' '},       {0xA0, 0xA0},     {0x1680, 0x1680}, {0x2000, 0x200A},
      {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
  static const CodeSet kHorizontal = {{'\t', '\t'},     {' ', ' '},       {0xA0, 0xA0},
                                      {0x1680, 0x1680}, {0x180E, 0x180E}, {0x2000, 0x200A},
                                      {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}};
  static const CodeSet kVertical = {{'\n', '\r'}, {0x85, 0x85}, {0x2028, 0x2029}};
  const bool java = dialect == Dialect::kJava;
  switch (letter) {
    case 'd':
      return &kDigits;
    case 'w':
      return &kWord;
    case 's':
      return java ? &kJavaSpace : &kJavaScriptSpace;
    case 'h':
      return java ? &kHorizontal : nullptr;
    case 'v':
      return java ? &kVertical : nullptr;
    default:
      return nullptr;
  }
}

const CodeSet& lineTerminators(Dialect dialect) {
  static const CodeSet kJava = {{'\n', '\n'}, {'\r', '\r'}, {0x85, 0x85}, {0x2028, 0x2029}};
  static const CodeSet kJavaScript = {{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}};
  return dialect == Dialect::kJava ? kJava : kJavaScript;
}

std::optional<std::variant<CodeSet, Property>> findProperty(std::string_view name,
                                                            Dialect dialect) {
  if (dialect == Dialect::kJava) {
    if (const CodeSet* const posix = findJavaPosix(name)) return *posix;
    if (auto property = findJavaProperty(name)) return std::move(*property);
    return std::nullopt;
  }
  if (auto property = findJavaScriptProperty(name)) return std::move(*property);
  return std::nullopt;
}

}  // namespace vestibule::policy
