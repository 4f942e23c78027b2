#include "json/write.h"

#include <gtest/gtest.h>

#include <random>

#include "base/unicode.h"
#include "json/parse.h"

namespace vestibule::json {
namespace {

std::string stringOf(std::string_view text) {
  std::string out;
  appendString(out, text);
  return out;
}

TEST(Write, EscapesWhatJsonAsksFor) {
  EXPECT_EQ(stringOf(""), R"("")");
  EXPECT_EQ(stringOf("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(stringOf("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(stringOf(std::string("\x00\x01\x1F\x7F", 4)), "\"\\u0000\\u0001\\u001f\x7F\"");
  EXPECT_EQ(stringOf("\xC3\xA9\xF0\x9F\x98\x80"), "\"\xC3\xA9\xF0\x9F\x98\x80\"");
}

TEST(Write, ReplacesWhatIsNotUtf8) {
  const std::string cases[] = {
      "\x80",     "\xFF",         "\xC3",   "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80",
      "\xE2\x82", "\xF0\x9F\x98", "a\xFFz", "\xC3(",    "\xE0\x80\x80", "\xF5"};
  for (const auto& text : cases) {
    SCOPED_TRACE(::testing::PrintToString(text));
    const std::string out = stringOf(text);
    EXPECT_TRUE(isValidUtf8(out));
    EXPECT_NE(out.find("\xEF\xBF\xBD"), std::string::npos);
    EXPECT_TRUE(parse(out));
  }
  EXPECT_EQ(stringOf("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
}

TEST(Write, ReadsBackEveryPairOfBytes) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text{static_cast<char>(first), static_cast<char>(second)};
      const std::string out = stringOf(text);
      ASSERT_TRUE(isValidUtf8(out)) << first << ' ' << second;
      if (first == 0 || second == 0) continue;
      const auto back = parse(out);
      ASSERT_TRUE(back) << first << ' ' << second << ' ' << back.error().detail;
      if (isValidUtf8(text)) {
        ASSERT_EQ(*back->string(), text);
      }
    }
  }
}

TEST(Write, IndentsForPeople) {
  const Value value(Object{{"a", Array{1, Array{}, Object{}}}, {"b", Object{{"c", nullptr}}}});
  EXPECT_EQ(write(value), R"({"a":[1,[],{}],"b":{"c":null}})");
  EXPECT_EQ(writePretty(value), R"({
  "a": [
    1,
    [],
    {}
  ],
  "b": {
    "c": null
  }
})");
  EXPECT_EQ(parse(writePretty(value)), value);
}

TEST(Write, AppendsToWhatIsThere) {
  std::string out = "x=";
  append(out, Value(Array{true, false, nullptr}));
  EXPECT_EQ(out, "x=[true,false,null]");
}

/// A random value: always the same for the same engine state.
Value randomValue(std::minstd_rand& random, int depth) {
  const auto upTo = [&](unsigned most) { return static_cast<unsigned>(random() % (most + 1)); };
  const auto text = [&] {
    static const std::string_view kPieces[] = {
        "a", "B", "\"", "\\", "\n", "\x1F", "\xC3\xA9", "\xF0\x9F\x98\x80", "/", " "};
    std::string out;
    for (unsigned i = upTo(6); i > 0; --i) out += kPieces[upTo(9)];
    return out;
  };
  switch (upTo(depth > 0 ? 6U : 4U)) {
    case 0:
      return nullptr;
    case 1:
      return upTo(1) == 1;
    case 2:
      return static_cast<std::int64_t>(random()) - (1 << 30);
    case 3:
      return static_cast<double>(random()) / 7.0;
    case 4:
      return text();
    case 5: {
      Array array;
      for (unsigned i = upTo(4); i > 0; --i) array.push_back(randomValue(random, depth - 1));
      return array;
    }
    default: {
      Object object;
      for (unsigned i = upTo(20); i > 0; --i) {
        object.set("k" + std::to_string(i) + foldCase(text()), randomValue(random, depth - 1));
      }
      return object;
    }
  }
}

TEST(Write, ReadsBackRandomValues) {
  std::minstd_rand random(7643);
  for (int i = 0; i < 2'000; ++i) {
    const Value value = randomValue(random, 5);
    const std::string text = write(value);
    const auto back = parse(text);
    ASSERT_TRUE(back) << text << ' ' << back.error().detail;
    ASSERT_EQ(*back, value) << text;
    ASSERT_EQ(write(*back), text);
    ASSERT_EQ(parse(writePretty(value)), value);
  }
}

}  // namespace
}  // namespace vestibule::json
