#include "base/encoding.h"

#include <gtest/gtest.h>

namespace vestibule {
namespace {

using std::string_literals::operator""s;

TEST(Encoding, WritesHexadecimalInLowerCase) {
  EXPECT_EQ(toHex(""), "");
  EXPECT_EQ(toHex("\x00\x7F\x80\xFF"s), "007f80ff");
}

TEST(Encoding, KnowsHexadecimalDigits) {
  EXPECT_EQ(hexDigit('0'), 0);
  EXPECT_EQ(hexDigit('9'), 9);
  EXPECT_EQ(hexDigit('a'), 10);
  EXPECT_EQ(hexDigit('F'), 15);
  for (const char c : {'g', 'G', '/', ':', '@', '`', ' ', '\0', '\xFF'}) {
    EXPECT_EQ(hexDigit(c), -1);
  }
}

TEST(Encoding, WritesBase64UrlWithoutPadding) {
  // RFC 4648 §10, and two bytes that tell the alphabets apart.
  const std::pair<std::string, std::string> cases[] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xFB\xFF", "-_8"},
  };
  for (const auto& [bytes, text] : cases) {
    SCOPED_TRACE(text);
    EXPECT_EQ(toBase64Url(bytes), text);
    EXPECT_EQ(fromBase64(text), bytes);
  }
}

TEST(Encoding, WritesBase64WithPadding) {
  const std::pair<std::string, std::string> cases[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"\xFB\xFF", "+/8="},
  };
  for (const auto& [bytes, text] : cases) EXPECT_EQ(toBase64(bytes), text);
}

TEST(Encoding, ReadsBothAlphabetsPaddedOrNot) {
  EXPECT_EQ(fromBase64("+/8="), "\xFB\xFF");
  EXPECT_EQ(fromBase64("-_8="), "\xFB\xFF");
  EXPECT_EQ(fromBase64("Zg=="), "f");
  EXPECT_EQ(fromBase64("AAAA"), std::string(3, '\0'));
}

TEST(Encoding, RefusesWhatIsNotBase64) {
  for (const auto& text :
       {"A"s, "Zm9vY"s, "Zm 9"s, "Zm9v\n"s, "Z=g"s, "Zm9v.."s, "\xC3\xA9xx"s, "A\0AA"s}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(fromBase64(text));
  }
}

TEST(Encoding, ReadsBackAllBytes) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes += static_cast<char>(i);
    EXPECT_EQ(fromBase64(toBase64Url(bytes)), bytes);
  }
}

}  // namespace
}  // namespace vestibule
