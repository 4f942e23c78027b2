#include "policy/replacement.h"

#include <gtest/gtest.h>

#include <string>

namespace vestibule::policy {
namespace {

struct ReplaceCase {
  std::string pattern;
  std::string with;
  std::string text;
  std::string result;  ///< what String.replaceAll of Java gives
};

TEST(Replacement, DoesWhatJavasReplaceAllDoes) {
  const ReplaceCase cases[] = {
      {"@.*$", "", "bob@acme.example", "bob"},
      {"o", "0", "foo bob", "f00 b0b"},
      {"x", "y", "abc", "abc"},
      {"(\\w+)@(\\w+)", "$2: $1", "a@b, c@d", "b: a, d: c"},
      {"(?<user>\\w+)@\\w+", "<${user}>", "a@b", "<a>"},
      {"b+", "[$0]", "abbbc", "a[bbb]c"},
      {"(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)", "$11$1", "abcdefghijk", "ka"},
      {"(a)", "$12", "a", "a2"},
      {"(a)|(b)", "<$1$2>", "ab", "<a><b>"},
      {"a", "\\$1\\\\", "a", "$1\\"},
      {"x*", "-", "abc", "-a-b-c-"},
      {"x*", "-", "axb", "-a--b-"},
      {"", "-", "", "-"},
      {"x*", "-", "\u0141\U0001F511", "-\u0141-\U0001F511-"},
      {".", "_", "\u0141\U0001F511", "__"},
      {"(?<=a)b", "c", "abb", "acb"},
      {"^a", "b", "aaa", "baa"},
      {"(?i)straße", "str.", "STRAßE", "str."},
  };
  for (const ReplaceCase& look : cases) {
    SCOPED_TRACE(look.pattern + " in " + look.text);
    const auto replacement = Replacement::compile(look.pattern, look.with);
    ASSERT_TRUE(replacement) << replacement.error().detail;
    EXPECT_EQ(replacement->apply(look.text), look.result);
  }
}

TEST(Replacement, RefusesWhatJavaWouldThrowAt) {
  const std::pair<const char*, const char*> cases[] = {
      {"a", "$1"},         {"(a)", "$2"}, {"a", "$"},    {"a", "$x"}, {"a", "\\"},
      {"(?<n>a)", "${m}"}, {"a", "${n"},  {"a", "\xff"}, {"(a", ""},  {"a\\Kb", ""},
  };
  for (const auto& [pattern, with] : cases) {
    const auto replacement = Replacement::compile(pattern, with);
    ASSERT_FALSE(replacement) << pattern << " " << with;
    EXPECT_EQ(replacement.error().kind, ErrorKind::kInvalidValue);
    EXPECT_FALSE(replacement.error().detail.empty());
  }
  EXPECT_FALSE(Replacement::compile("a", std::string(256, 'x')));
  EXPECT_FALSE(Replacement::compile("a", std::string(1, '\0')));
}

TEST(Replacement, GivesUpWhereThereIsTooMuchToDo) {
  const auto endless = Replacement::compile("(a+)+$", "x");
  ASSERT_TRUE(endless);
  EXPECT_FALSE(endless->apply(std::string(200, 'a') + "!"));
  EXPECT_EQ(endless->apply("aaa"), "x");
  const auto growing = Replacement::compile("a", std::string(255, 'x'));
  ASSERT_TRUE(growing);
  EXPECT_EQ(growing->apply(std::string(16, 'a'))->size(), 4'080U);
  EXPECT_FALSE(growing->apply(std::string(17, 'a')));
  const auto plain = Replacement::compile("b", "c");
  ASSERT_TRUE(plain);
  EXPECT_TRUE(plain->apply(std::string(1'024, 'a')));
  EXPECT_FALSE(plain->apply(std::string(1'025, 'a')));
  EXPECT_FALSE(plain->apply("\xff"));
}

}  // namespace
}  // namespace vestibule::policy
