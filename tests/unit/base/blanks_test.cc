#include "base/blanks.h"

#include <gtest/gtest.h>

namespace vestibule {
namespace {

TEST(Blanks, AreTakenFromBothEndsAndFromNowhereElse) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", ""},
      {" \t\r\n", ""},
      {"a", "a"},
      {"\r\n a b\tc \t", "a b\tc"},
      {"a ", "a"},
      // What is white space to Unicode alone is part of the text.
      {"\u00A0a\u3000", "\u00A0a\u3000"},
      {"\v", "\v"},
  };
  for (const auto& [text, wanted] : cases) EXPECT_EQ(trimmed(text), wanted) << '"' << text << '"';
}

}  // namespace
}  // namespace vestibule
