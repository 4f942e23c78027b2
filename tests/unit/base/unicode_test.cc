#include "base/unicode.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace vestibule {
namespace {

/// The UTF-8 of a code point that is no surrogate.
std::string utf8(std::uint32_t c) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
  std::string text;
  if (c < 0x80) {
    text += byte(c);
  } else if (c < 0x800) {
    text += byte(0xC0 | (c >> 6));
    text += byte(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    text += byte(0xE0 | (c >> 12));
    text += byte(0x80 | ((c >> 6) & 0x3F));
    text += byte(0x80 | (c & 0x3F));
  } else {
    text += byte(0xF0 | (c >> 18));
    text += byte(0x80 | ((c >> 12) & 0x3F));
    text += byte(0x80 | ((c >> 6) & 0x3F));
    text += byte(0x80 | (c & 0x3F));
  }
  return text;
}

std::string utf8(std::initializer_list<std::uint32_t> points) {
  std::string text;
  for (const auto c : points) text += utf8(c);
  return text;
}

std::string keyOf(std::string_view name) {
  const auto key = prepareUserName(name);
  return key ? *key : "refused: " + key.error().detail;
}

TEST(Utf8, AcceptsEveryScalarValue) {
  for (std::uint32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    ASSERT_TRUE(isValidUtf8(utf8(c))) << c;
    ASSERT_EQ(codePointCount(utf8(c)), 1U) << c;
  }
}

TEST(Utf8, RefusesMalformedText) {
  const std::string refused[] = {
      "\x80",
      "\xBF",
      "\xC0\x80",
      "\xC1\xBF",
      "\xC2",
      "\xE0\x80\x80",
      "\xE0\x9F\xBF",
      "\xED\xA0\x80",
      "\xED\xBF\xBF",
      "\xE2\x82",
      "\xF0\x80\x80\x80",
      "\xF0\x8F\xBF\xBF",
      "\xF4\x90\x80\x80",
      "\xF5\x80\x80\x80",
      "\xFF",
      "\xFE\xFF",
      "\xC3\x28",
      "\xE2\x28\xA1",
      "\xF0\x9F\x98",
      "\xF0\x9F\x98\x41",
  };
  for (const auto& text : refused) {
    EXPECT_FALSE(isValidUtf8(text)) << ::testing::PrintToString(text);
    // The fast path over ASCII must not lose sight of what stands behind it.
    EXPECT_FALSE(isValidUtf8("0123456789abcdef" + text));
    EXPECT_FALSE(isValidUtf8(text + "0123456789abcdef"));
    EXPECT_FALSE(isValidUtf8("01234" + text + "0123456789abcdef"));
  }
}

TEST(AsciiCase, LeavesOtherBytesAlone) {
  EXPECT_EQ(lowerAscii("AZaz@[`{\xC3\x84"), "azaz@[`{\xC3\x84");
  EXPECT_EQ(upperAscii("AZaz@[`{\xC3\xA4"), "AZAZ@[`{\xC3\xA4");
  EXPECT_TRUE(equalIgnoringAsciiCase("userName", "USERNAME"));
  EXPECT_FALSE(equalIgnoringAsciiCase("userName", "userNames"));
  EXPECT_FALSE(equalIgnoringAsciiCase("@", "`"));
  EXPECT_FALSE(equalIgnoringAsciiCase("\xC3\x84", "\xC3\xA4"));
}

TEST(FoldCase, MakesOneKeyOfEqualTexts) {
  struct Case {
    std::string left;
    std::string right;
    bool equal;
  };
  const Case cases[] = {
      {"Okta", "oKTA", true},
      {utf8({0xC4, 'b'}), utf8({0xE4, 'B'}), true},         // Äb, äB
      {utf8(0xE9), "e" + utf8(0x301), true},                // é composed and not
      {utf8(0xDF), "SS", true},                             // ß
      {utf8(0x1E9E), utf8(0xDF), true},                     // ẞ, ß
      {utf8(0x3A3), utf8(0x3C2), true},                     // Σ, ς
      {utf8(0x212A), "k", true},                            // Kelvin sign
      {utf8(0x130), "i", false},                            // Turkish İ
      {utf8(0x131), "i", false},                            // ı
      {utf8(0x430), "a", false},                            // Cyrillic а
      {utf8(0xFF21), "a", false},                           // full-width Ａ
      {utf8({0x1F80}), utf8({0x3B1, 0x345, 0x313}), true},  // ᾀ with its marks in another order
      {utf8({0x10400}), utf8({0x10428}), true},             // Deseret, beyond 16 bits
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.left + " " + test.right);
    EXPECT_EQ(foldCase(test.left) == foldCase(test.right), test.equal);
  }
}

TEST(FoldCase, IsStableForEveryCharacter) {
  for (std::uint32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    const std::string folded = foldCase(utf8(c));
    ASSERT_EQ(foldCase(folded), folded) << c;
  }
}

TEST(PrepareUserName, A18_FollowsOneFoldingFunction) {
  // Security case I-3.
  struct Case {
    std::string left;
    std::string right;
    bool equal;
  };
  const Case cases[] = {
      {"Bob", "bob", true},
      {"Bob", "BOB", true},
      {utf8({0xC9, 'v', 'a'}), "e" + utf8(0x301) + "va", true},  // NFC and NFD
      {utf8({0xDF, 'x'}), "ssx", false},  // ß is a letter of its own (RFC 8265 §3.3)
      {utf8({0x1E9E}), utf8(0xDF), true},
      {utf8(0x130), "i", false},  // İ keeps its dot
      {utf8(0x130), "I" + utf8(0x307), true},
      {utf8(0x131), "i", false},  // ı
      {"I", "i", true},
      {utf8({0x430, 'l', 'i', 'c', 'e'}), "alice", false},  // Cyrillic а: allowed, but another name
      {utf8({0xFF22, 0xFF4F, 0xFF42}), "bob", true},        // full-width Ｂｏｂ
      {utf8({0xFF76}), utf8({0x30AB}), true},               // half-width and ordinary katakana
      {utf8({0x3A3, 0x3A1}), utf8({0x3C3, 0x3C1}), true},   // Σρ
      {"john" + utf8(0x3000) + "doe", "john doe", true},    // ideographic space
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.left + " " + test.right);
    ASSERT_TRUE(prepareUserName(test.left)) << keyOf(test.left);
    ASSERT_TRUE(prepareUserName(test.right)) << keyOf(test.right);
    EXPECT_EQ(keyOf(test.left) == keyOf(test.right), test.equal);
  }
}

TEST(PrepareUserName, TakesTheExamplesOfRfc8265) {
  // §3.6, tables 1 to 3.
  EXPECT_EQ(keyOf("juliet@example.com"), "juliet@example.com");
  EXPECT_EQ(keyOf("fussball"), "fussball");
  EXPECT_EQ(keyOf(utf8({'f', 'u', 0xDF, 'b', 'a', 'l', 'l'})),
            utf8({'f', 'u', 0xDF, 'b', 'a', 'l', 'l'}));
  EXPECT_EQ(keyOf(utf8(0x3C0)), utf8(0x3C0));
  EXPECT_EQ(keyOf(utf8(0x3A3)), utf8(0x3C3));
  EXPECT_EQ(keyOf(utf8(0x3C2)), utf8(0x3C2));
  EXPECT_FALSE(prepareUserName(""));
  EXPECT_FALSE(prepareUserName(utf8({'h', 'e', 'n', 'r', 'y', 0x2163})));
  EXPECT_FALSE(prepareUserName(utf8(0x265A)));
}

TEST(PrepareUserName, R10_RefusesWhatCannotBeANameOnEveryScreen) {
  struct Case {
    const char* what;
    std::string name;
  };
  const Case cases[] = {
      {"empty", ""},
      {"one space", " "},
      {"space in front", " bob"},
      {"space behind", "bob "},
      {"two spaces", "bob  smith"},
      {"no-break space", "bob" + utf8(0xA0)},
      {"ideographic space behind", "bob" + utf8(0x3000)},
      {"tab", "bob\tsmith"},
      {"newline", "bob\n"},
      {"NUL", std::string("bob\0", 4)},
      {"DEL", "bob\x7F"},
      {"zero-width space", "b" + utf8(0x200B) + "ob"},
      {"zero-width joiner between Latin letters", "b" + utf8(0x200D) + "ob"},
      {"zero-width non-joiner between Latin letters", "b" + utf8(0x200C) + "ob"},
      {"word joiner", "bob" + utf8(0x2060)},
      {"soft hyphen", "bo" + utf8(0xAD) + "b"},
      {"byte order mark", utf8(0xFEFF) + "bob"},
      {"right-to-left override", "bob" + utf8(0x202E) + "nimda"},
      {"variation selector", "bob" + utf8(0xFE0F)},
      {"emoji", utf8(0x1F600)},
      {"ligature", utf8(0xFB01)},
      {"Kelvin sign", utf8(0x212A)},
      {"unassigned", utf8(0x0378)},
      {"private use", utf8(0xE000)},
      {"noncharacter", utf8(0xFFFE)},
      {"tag character", utf8(0xE0041)},
      {"mixed directions", "bob" + utf8(0x5D0)},
      {"Hebrew ending in a Latin letter", utf8(0x5D0) + "b"},
      {"Hebrew with both kinds of digits", utf8({0x5D0, '1', 0x0661})},
      {"both kinds of Arabic digits", utf8({0x0627, 0x0661, 0x06F1})},
      {"middle dot elsewhere than in l·l", "a" + utf8(0xB7) + "b"},
      {"Arabic tatweel", utf8({0x0627, 0x0640})},
      {"old hangul jamo", utf8(0x1100)},
      {"invalid UTF-8", "bob\xFF"},
      {"surrogate", "\xED\xA0\x80"},
      {"overlong slash", "bob\xC0\xAF"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.what);
    const auto key = prepareUserName(test.name);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().kind, ErrorKind::kInvalidValue);
    EXPECT_EQ(key.error().attribute, "userName");
    EXPECT_TRUE(isValidUtf8(key.error().detail));
    EXPECT_FALSE(prepareUserNameKeepingCase(test.name));
  }
}

TEST(PrepareUserName, AllowsCharactersWhereTheirContextDoes) {
  const std::string allowed[] = {
      utf8({'c', 'o', 'l', 0xB7, 'l', 'e', 'g', 'i'}),         // Catalan l·l
      utf8({0x375, 0x3B1}),                                    // Greek numeral sign
      utf8({0x5D0, 0x5F3}),                                    // Hebrew geresh
      utf8({0x30A2, 0x30FB, 0x30A2}),                          // katakana middle dot
      utf8({0x0627, 0x0661}),                                  // Arabic-Indic digit
      utf8({0x06CC, 0x06F1}),                                  // extended Arabic-Indic digit
      utf8({0x0915, 0x094D, 0x200D, 0x0937}),                  // joiner after a virama
      utf8({0x0646, 0x0627, 0x0645, 0x0647, 0x200C, 0x0627}),  // non-joiner between joining letters
      utf8({0x5D0, 0x5D1, '1'}),
  };
  for (const auto& name : allowed) {
    SCOPED_TRACE(name);
    EXPECT_TRUE(prepareUserName(name)) << keyOf(name);
  }
  EXPECT_FALSE(prepareUserName(utf8({0x375, 'a'})));
  EXPECT_FALSE(prepareUserName(utf8({0x5F3, 0x5D0})));
  EXPECT_FALSE(prepareUserName(utf8({'a', 0x30FB, 'b'})));
  EXPECT_FALSE(prepareUserName(utf8({'l', 0xB7})));
  EXPECT_FALSE(prepareUserName(utf8({0xB7, 'l'})));
}

TEST(PrepareUserName, RefusesWhatIsTooLongBeforeItLooksAtIt) {
  EXPECT_TRUE(prepareUserName(std::string(kMaxUserNameBytes, 'A')));
  EXPECT_FALSE(prepareUserName(std::string(kMaxUserNameBytes + 1, 'A')));
  EXPECT_FALSE(prepareUserNameKeepingCase(std::string(kMaxUserNameBytes + 1, 'A')));
  // Lower case can be longer: the key has the same limit.
  std::string grows;
  while (grows.size() + 2 <= kMaxUserNameBytes) grows += utf8(0x130);
  EXPECT_FALSE(prepareUserName(grows));
  EXPECT_TRUE(prepareUserNameKeepingCase(grows));
}

TEST(PreparePassword, IsReadOnceHoweverManyOfItsCharactersAskForTheWhole) {
  // If each digit looked at all others, this would not end before the test's time is up.
  std::string digits;
  while (digits.size() < 1'000'000) digits += utf8(0x661);
  EXPECT_TRUE(preparePassword(Secret(digits)));
  EXPECT_FALSE(preparePassword(Secret(digits + utf8(0x6F1))));
}

TEST(PrepareUserName, AllowsAllPrintableAscii) {
  for (char c = '!'; c < 0x7F; ++c) {
    const std::string name{'a', c, 'b'};
    SCOPED_TRACE(name);
    EXPECT_EQ(keyOf(name), lowerAscii(name));
    // The fast path and the full rules must say the same.
    EXPECT_EQ(keyOf(utf8(0xE9) + name), utf8(0xE9) + lowerAscii(name));
  }
}

TEST(PrepareUserName, IsStableForEveryCharacter) {
  for (std::uint32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    const auto key = prepareUserName(utf8(c));
    if (!key) continue;
    const auto again = prepareUserName(*key);
    ASSERT_TRUE(again) << c << ' ' << again.error().detail;
    ASSERT_EQ(*again, *key) << c;
  }
}

TEST(PrepareUserNameKeepingCase, ChangesFormButNotCase) {
  EXPECT_EQ(prepareUserNameKeepingCase("Bob"), "Bob");
  EXPECT_EQ(prepareUserNameKeepingCase("bob"), "bob");
  EXPECT_EQ(prepareUserNameKeepingCase("E" + utf8(0x301)), utf8(0xC9));
  EXPECT_EQ(prepareUserNameKeepingCase(utf8({0xFF22, 0xFF4F, 0xFF42})), "Bob");
}

TEST(PreparePassword, GivesOnePasswordOneForm) {
  const auto prepared = [](std::string text) {
    const auto result = preparePassword(Secret(std::move(text)));
    return result ? std::string(result->exposeSecret()) : "refused";
  };
  EXPECT_EQ(prepared("Correct Horse"), "Correct Horse");
  EXPECT_EQ(prepared("  two  spaces "), "  two  spaces ");
  EXPECT_EQ(prepared("a" + utf8(0x1680) + "b"), "a b");
  EXPECT_EQ(prepared("a" + utf8(0xA0) + "b"), "a b");
  EXPECT_EQ(prepared("e" + utf8(0x301)), utf8(0xE9));
  EXPECT_EQ(prepared(utf8({0x265A})), utf8({0x265A}));
  EXPECT_EQ(prepared(utf8(0x1F600)), utf8(0x1F600));
  EXPECT_EQ(prepared(utf8(0xFF21)), utf8(0xFF21));  // width is kept: RFC 8265 §4.2.2
}

TEST(PreparePassword, RefusesWithoutEchoingThePassword) {
  for (const auto& text :
       {std::string(), std::string("hunter2\t"), std::string("hunter2\0", 8),
        std::string("hunter2\xFF"), "hunter2" + utf8(0x200B), "hunter2" + utf8(0x0378)}) {
    const auto result = preparePassword(Secret(text));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::kInvalidValue);
    EXPECT_EQ(result.error().attribute, "password");
    EXPECT_EQ(result.error().detail.find("hunter2"), std::string::npos);
    EXPECT_EQ(result.error().internal.find("hunter2"), std::string::npos);
  }
}

}  // namespace
}  // namespace vestibule
