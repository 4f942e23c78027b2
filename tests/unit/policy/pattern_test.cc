#include "policy/pattern.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace vestibule::policy {
namespace {

constexpr auto kJava = Dialect::kJava;
constexpr auto kJavaScript = Dialect::kJavaScript;

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

struct Case {
  Dialect dialect;
  std::string pattern;
  std::string text;
  bool matches;
};

void PrintTo(const Case& test, std::ostream* out) {
  *out << (test.dialect == kJava ? "Java " : "JavaScript ")
       << ::testing::PrintToString(test.pattern) << " on " << ::testing::PrintToString(test.text);
}

class PatternMeaning : public ::testing::TestWithParam<Case> {};

TEST_P(PatternMeaning, IsThatOfItsDialect) {
  const auto pattern = Pattern::compile(GetParam().pattern, GetParam().dialect);
  ASSERT_TRUE(pattern) << pattern.error().detail;
  EXPECT_EQ(pattern->test(GetParam().text), GetParam().matches ? Match::kYes : Match::kNo);
}

const Case kMeanings[] = {
    // Java matches in full, JavaScript looks for a part.
    {kJava, "a", "a", true},
    {kJava, "a", "ab", false},
    {kJava, "a", "ba", false},
    {kJava, "a|ab", "ab", true},
    {kJava, "a*?", "aaa", true},
    {kJavaScript, "a", "bab", true},
    {kJavaScript, "^a", "ba", false},
    {kJavaScript, "a$", "ab", false},
    {kJavaScript, "a|b", "xb", true},
    // A final newline is not lost sight of.
    {kJava, "a", "a\n", false},
    {kJava, "^a$", "a\n", false},
    {kJava, "^[\\S]{1,30}$", "a\n", false},
    {kJavaScript, "^a$", "a\n", false},
    {kJavaScript, "^[\\S]{1,30}$", "a\n", false},
    // The dot.
    {kJava, "a.b", "a\nb", false},
    {kJava, "a.b", "a\rb", false},
    {kJava, "a.b",
     "a\xC2\x85"
     "b",
     false},
    {kJava, "a.b",
     "a\xE2\x80\xA8"
     "b",
     false},
    {kJava, "a.b", "a\vb", true},
    {kJava, "a.b",
     "a\xF0\x9F\x98\x80"
     "b",
     true},
    {kJavaScript, "a.b", "a\nb", false},
    {kJavaScript, "a.b",
     "a\xC2\x85"
     "b",
     true},
    {kJavaScript, "a.b",
     "a\xE2\x80\xA9"
     "b",
     false},
    // White space: ASCII in Java, all of Unicode's in JavaScript.
    {kJava, "\\s", " ", true},
    {kJava, "\\s", "\v", true},
    {kJava, "\\s", "\xC2\xA0", false},
    {kJava, "\\S", "\xC2\xA0", true},
    {kJava, "[\\S]", "\xE3\x80\x80", true},
    {kJava, "[^\\s]", "\xE3\x80\x80", true},
    {kJavaScript, "^\\s$", "\xC2\xA0", true},
    {kJavaScript, "^[\\s]$", "\xE3\x80\x80", true},
    {kJavaScript, "^[\\S]$", "\xC2\xA0", false},
    {kJavaScript, "^[^\\s]$", "\xEF\xBB\xBF", false},
    {kJavaScript, "^[\\S]$", "\xE1\xA0\x8E", true},
    {kJavaScript, "^[\\S\\n]$", "\n", true},
    // Digits and words are ASCII in both.
    {kJava, "\\d", "\xD9\xA1", false},
    {kJava, "\\w", "\xC3\xA9", false},
    {kJavaScript, "^\\w$", "_", true},
    {kJavaScript, "^\\W$", "\xC3\xA9", true},
    {kJava, "[\\W]", "\xC3\xA9", true},
    {kJava, "[\\D]", "5", false},
    {kJava, "\\h", "\xC2\xA0", true},
    {kJava, "\\H", "\t", false},
    {kJava, "\\v", "\xE2\x80\xA8", true},
    {kJava, "\\R", "\r\n", true},
    {kJavaScript, "^\\v$", "\v", true},
    {kJavaScript, "^\\v$", "\n", false},
    // Characters by number.
    {kJava, "\\u0041", "A", true},
    {kJava, "[\\u0041-\\u0043]", "B", true},
    {kJava, "\\uD83D\\uDE00", "\xF0\x9F\x98\x80", true},
    {kJava, "\\x41\\x{1F600}", "A\xF0\x9F\x98\x80", true},
    {kJava, "\\0101", "A", true},
    {kJava, "\\0777", "?7", true},
    {kJava, "\\07", "\a", true},
    {kJava, "\\a\\e\\cA", "\a\x1B\x01", true},
    {kJavaScript, "^\\u0041\\x41\\u{1F600}$", "AA\xF0\x9F\x98\x80", true},
    {kJavaScript, "^\\ca\\cA$", "\x01\x01", true},
    {kJavaScript, "^[\\b]$", "\b", true},
    {kJavaScript, "^\\0$", std::string(1, '\0'), true},
    // Escaped and unescaped punctuation.
    {kJava, "[a-zA-Z0-9._\\-|//]{3,30}$", "a|/-._", true},
    {kJava, "\\.\\*\\_\\@\\ \\\\", ".*_@ \\", true},
    {kJava, "a#b c", "a#b c", true},
    {kJava, "}]-", "}]-", true},
    {kJavaScript, "^\\_\\@\\-\\/$", "_@-/", true},
    {kJava, "\xC3\xA9\\\xC3\xA9", "\xC3\xA9\xC3\xA9", true},
    // Classes.
    {kJava, "[\\w-.]", "-", true},
    {kJava, "[\\w-.]", "/", false},
    {kJava, "[\\s-.]", "-", true},
    {kJavaScript, "^[\\s-.]$", "-", true},
    {kJavaScript, "^[\\s-.]$", "+", false},
    {kJava, "[-a]", "-", true},
    {kJava, "[a-]", "-", true},
    {kJava, "[a-c-e]", "d", false},
    {kJava, "[a-c-e]", "-", true},
    {kJava, "[+--]", ",", true},
    {kJava, "[a^]", "^", true},
    {kJava, "[&a]", "&", true},
    {kJava, "[a\\]]", "]", true},
    {kJavaScript, "^[[]$", "[", true},
    {kJavaScript, "^[[:alpha:]]$", "a]", true},
    {kJavaScript, "[]", "a", false},
    {kJavaScript, "^[^]$", "\n", true},
    {kJavaScript, "^[&&]$", "&", true},
    // Properties.
    {kJava, "\\p{L}+",
     "\xC3\xA9"
     "a",
     true},
    {kJava, "\\pL\\PL", "a1", true},
    {kJava, "\\p{IsAlphabetic}", "\xC3\xA9", true},
    {kJava, "\\p{IsLatin}\\p{IsCyrillic}", "a\xD0\xB0", true},
    {kJava, "\\p{IsLatin}", "\xD0\xB0", false},
    {kJava, "\\p{script=Greek}", "\xCF\x80", true},
    {kJava, "\\p{IsAssigned}", "a", true},
    {kJava, "\\P{IsAssigned}", "a", false},
    {kJava, "\\p{Lower}", "a", true},
    {kJava, "\\p{Lower}", "\xC3\xA9", false},
    {kJava, "\\P{Lower}", "\xC3\xA9", true},
    {kJava, "[\\p{Alpha}\\p{Digit}]+", "a1", true},
    {kJava, "[\\p{Alpha}]", "\xC3\xA9", false},
    {kJava, "\\p{Punct}", "$", true},
    {kJava, "[^\\p{Punct}]", "$", false},
    {kJavaScript, "^\\p{Lu}\\p{Letter}\\p{Script=Greek}$", "A\xC3\xA9\xCF\x80", true},
    {kJavaScript, "^\\P{Alphabetic}$", "1", true},
    // Groups and references.
    {kJava, "(?<q>['\"])a\\k<q>", "'a'", true},
    {kJava, "(a)\\1", "aa", true},
    {kJava, "(a)|b\\1", "b", false},
    {kJavaScript, "^(?:(a)|b)\\1$", "b", true},
    {kJava, "(?=.*[A-Z])(?=.*\\d).{8,}", "Passw0rdX", true},
    {kJava, "(?=.*[A-Z])(?=.*\\d).{8,}", "passw0rdx", false},
    {kJava, "(?!admin).*", "admin1", false},
    {kJava, "(?<=a)b|ab", "ab", true},
    {kJava, "(?>a+)b", "aab", true},
    {kJava, "a++b", "aab", true},
    {kJava, "a++a", "aa", false},
    // Case, in Java of ASCII letters only.
    {kJava, "(?i)aB[c-e]", "AbD", true},
    {kJava, "(?i)k", "\xE2\x84\xAA", false},
    {kJava, "(?i)[^a]", "A", false},
    {kJava, "(?i:a)b", "Ab", true},
    {kJava, "(?i:a)b", "AB", false},
    {kJava, "(?i)a(?-i)b", "AB", false},
    {kJava, "((?i)a)b", "AB", false},
    {kJava, "(?i)\\Qab\\E", "AB", true},
    {kJava, "(?i)\xC3\xA9", "\xC3\x89", false},
    // Quotation and anchors.
    {kJava, "\\Qa.b*\\E+", "a.b**", true},
    {kJava, "\\Qa.b", "a.b", true},
    {kJava, "\\Qa.b", "axb", false},
    {kJava, "\\Aa\\z", "a", true},
    {kJava, "\\ba\\b", "a", true},
    {kJavaScript, "\\bcat\\b", "a cat!", true},
    {kJavaScript, "\\bcat\\b", "concat", false},
    // Text that is not UTF-8 satisfies nothing.
    {kJava, ".*", "a\xFF", false},
    {kJavaScript, "", "a\xFF", false},
    {kJava, "[\\s\\S]*", "\xED\xA0\x80", false},
    {kJava, "[\\s\\S]*", std::string("a\0b", 3), true},
};

INSTANTIATE_TEST_SUITE_P(Table, PatternMeaning, ::testing::ValuesIn(kMeanings));

struct Refusal {
  Dialect dialect;
  std::string pattern;
  std::size_t at;
};

class PatternRefusal : public ::testing::TestWithParam<Refusal> {};

TEST_P(PatternRefusal, NamesThePlace) {
  const auto pattern = Pattern::compile(GetParam().pattern, GetParam().dialect);
  ASSERT_FALSE(pattern) << GetParam().pattern;
  EXPECT_EQ(pattern.error().kind, ErrorKind::kInvalidValue);
  EXPECT_EQ(pattern.error().code, "POL-1020");
  const std::string place = "at byte " + std::to_string(GetParam().at) + ":";
  EXPECT_NE(pattern.error().detail.find(place), std::string::npos)
      << GetParam().pattern << " -> " << pattern.error().detail;
}

const Refusal kRefusals[] = {
    // What Java reads otherwise than PCRE2.
    {kJava, "[a-z&&[^b]]", 4},
    {kJava, "[a[bc]]", 2},
    {kJava, "[[:alpha:]]", 1},
    {kJava, "[]a]", 1},
    {kJava, "[^]a]", 2},
    {kJava, "a{,3}", 1},
    {kJava, "a{x}", 1},
    {kJava, "(?s)a.b", 0},
    {kJava, "(?x) a", 0},
    {kJava, "(?u)a", 0},
    {kJava, "(?im)a", 0},
    {kJava, "\\p{javaLowerCase}", 0},
    {kJava, "\\p{InGreek}", 0},
    {kJava, "\\p{^Lu}", 0},
    {kJava, "\\p", 0},
    {kJava, "\\N{LATIN SMALL LETTER A}", 0},
    {kJava, "\\X", 0},
    {kJava, "\\G", 0},
    {kJava, "a\\K", 1},
    {kJava, "\\C", 0},
    {kJava, "\\y", 0},
    {kJava, "a\\E", 1},
    {kJava, "[\\Qa\\E]", 1},
    {kJava, "[\\b]", 1},
    {kJava, "\\0", 0},
    {kJava, "\\ca", 0},
    {kJava, "\\u12", 0},
    {kJava, "\\uD83D", 0},
    {kJava, "\\uDE00", 0},
    {kJava, "\\uD83D\\u0041", 0},
    {kJava, "\\x{110000}", 0},
    {kJava, "\\x{}", 0},
    {kJava, "(a)\\12", 3},
    {kJava, "(?i)(a)\\1", 7},
    {kJava, "[a-\\d]", 1},
    {kJava, "[z-a]", 1},
    // What only PCRE2 has.
    {kJava, "(*FAIL)", 1},
    {kJava, "(*UTF)a", 1},
    {kJava, "a(?R)?", 1},
    {kJava, "(?1)", 0},
    {kJava, "(?P<n>a)", 0},
    {kJava, "(?#note)a", 0},
    {kJava, "(?|a|b)", 0},
    {kJava, "(?(1)a|b)", 0},
    {kJava, "(?C1)a", 0},
    {kJava, "(?'n'a)", 0},
    {kJava, "\\g{1}", 0},
    // What JavaScript lacks.
    {kJavaScript, "a++", 2},
    {kJavaScript, "a*+", 2},
    {kJavaScript, "(?>a)", 0},
    {kJavaScript, "(?i)a", 0},
    {kJavaScript, "\\Qa\\E", 0},
    {kJavaScript, "\\h", 0},
    {kJavaScript, "\\Aa", 0},
    {kJavaScript, "a\\Z", 1},
    {kJavaScript, "a\\z", 1},
    {kJavaScript, "\\R", 0},
    {kJavaScript, "\\pL", 0},
    {kJavaScript, "\\p{IsLatin}", 0},
    {kJavaScript, "\\x{41}", 0},
    {kJavaScript, "\\01", 0},
    {kJavaScript, "\\u{110000}", 0},
    {kJavaScript, "\\u{}", 0},
    {kJavaScript, "a{,3}", 1},
    // What is malformed everywhere.
    {kJava, "a)", 1},
    {kJava, "*a", 0},
    {kJava, "a**", 2},
    {kJava, "a{2}{3}", 4},
    {kJava, "^*", 1},
    {kJava, "(*a)", 1},
    {kJava, "ab\\", 2},
    {kJava, "[ab", 0},
    {kJava, "ab[", 2},
    {kJava, "a[b\\]", 1},
    {kJava, "(?<1n>a)", 0},
    {kJava, "\\k", 0},
    {kJava, "a\xFF", 0},
};

INSTANTIATE_TEST_SUITE_P(Table, PatternRefusal, ::testing::ValuesIn(kRefusals));

TEST(Pattern, LeavesTheRestOfTheGrammarToPcre2) {
  for (const char* pattern : {"(a", "a{3,2}", "a{70000}", "(?<n>a)(?<n>b)", "\\k<none>", "(a)\\2",
                              "(?<=a+)b", "\\p{IsNoSuchScript}", "\\p{sc=NoSuchScript}"}) {
    SCOPED_TRACE(pattern);
    const auto compiled = Pattern::compile(pattern, kJava);
    ASSERT_FALSE(compiled);
    EXPECT_EQ(compiled.error().code, "POL-1020");
  }
}

TEST(Pattern, RefusesPatternsThatAreTooLargeToCompile) {
  EXPECT_TRUE(Pattern::compile(std::string(Pattern::kMaxPattern, 'a'), kJava));
  EXPECT_FALSE(Pattern::compile(std::string(Pattern::kMaxPattern + 1, 'a'), kJava));
  EXPECT_TRUE(Pattern::compile(repeat("(", 50) + "a" + repeat(")", 50), kJava));
  EXPECT_FALSE(Pattern::compile(repeat("(", 51) + "a" + repeat(")", 51), kJava));
  EXPECT_FALSE(Pattern::compile("((((a{1000}){1000}){1000}){1000})", kJava));
  EXPECT_FALSE(Pattern::compile("[" + repeat("\\W\\S", 255) + "]{100}", kJavaScript));
}

TEST(Pattern, BoundsItsWork) {
  // The outcome is what counts: an unbounded engine would not come back from these at all.
  const std::string many(60, 'a');
  const Case cases[] = {
      {kJavaScript, "^(a+)+$", many + "!", false},
      {kJava, "(a+)+", many + "!", false},
      {kJava, "(a|aa)+", many + "!", false},
      {kJava, "(a|a)*", many + "!", false},
      {kJava, "(.*a){20}", many + "!", false},
      {kJava, "([a-z]+)*\\d", many + "!", false},
      {kJavaScript, "(x+x+)+y$", repeat("x", 60) + "!y", false},
      {kJavaScript, "^(?:.*?,){25}P$", repeat("1,", 100) + "!P", false},
      {kJavaScript, "^([a-zA-Z0-9_\\.\\-])+\\@(([a-zA-Z0-9\\-])+\\.)+([a-zA-Z0-9]{2,4})+$",
       "a@a." + repeat("a", 200) + "!", false},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.pattern);
    const auto pattern = Pattern::compile(test.pattern, test.dialect);
    ASSERT_TRUE(pattern) << pattern.error().detail;
    EXPECT_EQ(pattern->test(test.text), Match::kLimit);
  }
}

TEST(Pattern, RefusesLongTexts) {
  const auto pattern = *Pattern::compile("a*", kJava);
  EXPECT_EQ(pattern.test(std::string(Pattern::kMaxSubject, 'a')), Match::kYes);
  EXPECT_EQ(pattern.test(std::string(Pattern::kMaxSubject + 1, 'a')), Match::kLimit);
}

TEST(Pattern, GivesOrdinaryPatternsEnoughRoom) {
  const char* const patterns[] = {"^[\\S]{1,1024}$", "(a|b)*", "(?:[a-z]+[ ])*[a-z0-9]+",
                                  "(?=.*[A-Z])(?=.*[0-9])(?=.*[a-z])[\\s\\S]{8,}",
                                  "([a-zA-Z0-9._\\-]{1,64})*"};
  const std::string text = repeat("ab", 510) + "Z9b";
  for (const char* source : patterns) {
    SCOPED_TRACE(source);
    for (const auto dialect : {kJava, kJavaScript}) {
      EXPECT_NE(Pattern::compile(source, dialect)->test(text), Match::kLimit);
    }
  }
}

TEST(Pattern, CanBeSharedByThreads) {
  const auto pattern = *Pattern::compile("([a-z]+)@([a-z]+)", kJava);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([copy = pattern, &wrong] {
      for (int n = 0; n < 2'000; ++n) {
        if (copy.test("abc@def") != Match::kYes || copy.test("abc") != Match::kNo) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace vestibule::policy
