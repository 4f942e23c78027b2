#include "json/parse.h"

#include <gtest/gtest.h>

#include "json/write.h"

namespace vestibule::json {
namespace {

using std::string_literals::operator""s;

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

constexpr Limits kGenerous{.depth = 24, .members = 1'000'000, .elements = 100'000'000};

struct Refusal {
  const char* what;
  std::string text;
  ErrorKind kind = ErrorKind::kInvalidSyntax;
};

class ParseRefuses : public ::testing::TestWithParam<Refusal> {};

TEST_P(ParseRefuses, WithTheRightKindAndAPlace) {
  const auto result = parse(GetParam().text);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, GetParam().kind) << result.error().detail;
  EXPECT_TRUE(result.error().detail.starts_with("JSON")) << result.error().detail;
  EXPECT_LT(result.error().detail.size(), 200U);
}

const Refusal kRefusals[] = {
    // Security case H-1.
    {"an empty body", ""},
    {"white space only", " \n\t"},
    {"arrays 10^6 deep", std::string(1'000'000, '['), ErrorKind::kPayloadTooLarge},
    {"objects 10^6 deep", repeat("{\"a\":", 1'000'000), ErrorKind::kPayloadTooLarge},
    {"both 10^6 deep", repeat("[{\"a\":", 500'000), ErrorKind::kPayloadTooLarge},
    {"the same key twice", R"({"active":true,"active":false})"},
    {"keys that differ in case", R"({"userName":"a","USERNAME":"b"})"},
    {"keys that differ by an escape", R"({"userName":"a","us\u0065rName":"b"})"},
    {"keys equal after folding: Kelvin sign", "{\"k\":1,\"\xE2\x84\xAA\":2}"},
    {"keys equal after folding: long s", "{\"\xC5\xBF\":1,\"S\":2}"},
    {"keys equal after folding: sharp s",
     "{\"stra\xC3\x9F"
     "e\":1,\"STRASSE\":2}"},
    {"keys equal after folding: composed and not", "{\"\xC3\xA9\":1,\"e\xCC\x81\":2}"},
    {"two empty keys", R"({"":1,"":2})"},
    {"a duplicate deep inside", R"([{"a":[{"b":1,"B":2}]}])"},
    {"NaN", "NaN"},
    {"Infinity", "Infinity"},
    {"-Infinity", "[-Infinity]"},
    {"1e400", "1e400"},
    {"-1e400", "[-1e400]"},
    {"a long number with an exponent past the range", "[17976931348623157999e300]"},
    {"10^400 in digits", "1" + std::string(400, '0')},
    {"a leading plus", "+1"},
    {"a leading zero", "01"},
    {"a bare minus", "-"},
    {"no digit before the point", ".5"},
    {"no digit after the point", "1."},
    {"no digit in the exponent", "1e"},
    {"hexadecimal", "0x10"},
    {"a byte order mark", "\xEF\xBB\xBF{}"},
    {"UTF-16, big endian", "\xFE\xFF\0{\0}"s},
    {"UTF-16, little endian", "{\0}\0"s},
    {"an overlong slash", "\"\xC0\xAF\""},
    {"an overlong NUL", "\"\xC0\x80\""},
    {"a raw surrogate", "\"\xED\xA0\x80\""},
    {"a byte that is never UTF-8", "\"\xFF\""},
    {"a cut sequence", "\"\xE2\x82\""},
    {"a continuation byte outside a string", "\x80"},
    {"a code point past U+10FFFF", "\"\xF4\x90\x80\x80\""},
    {"a lone high surrogate", R"("\ud800")"},
    {"a lone low surrogate", R"("\udc00")"},
    {"a lone low surrogate in a key", R"({"\udc00":1})"},
    {"surrogates in the wrong order", R"("\udc00\ud800")"},
    {"a high surrogate before a letter", R"("\ud800a")"},
    {"a high surrogate before another escape", R"("\ud800\u0041")"},
    {"a raw NUL in a string", "\"a\0b\""s},
    {"a raw NUL behind the value", "{}\0junk"s},
    {"an escaped NUL", R"("a\u0000b")"},
    {"an escaped NUL in a key", R"({"a\u0000b":1})"},
    {"a raw newline in a string", "\"a\nb\""},
    {"a raw tab in a string", "\"a\tb\""},
    {"an unknown escape", R"("\x41")"},
    {"a cut escape", R"("\u00")"},
    {"bytes behind the value", "{} x"},
    {"two values", "{}{}"},
    {"a trailing comma in an array", "[1,]"},
    {"a trailing comma in an object", R"({"a":1,})"},
    {"a missing comma", "[1 2]"},
    {"a missing colon", R"({"a" 1})"},
    {"a missing value", R"({"a":})"},
    {"a key that is no string", "{1:2}"},
    {"single quotes", "{'a':1}"},
    {"a comment", "/* */{}"},
    {"a line comment", "{}//"},
    {"True", "True"},
    {"nul", "nul"},
    {"an open string", "\"abc"},
    {"an open array", "[1"},
    {"an open object", R"({"a":1)"},
    {"a closing bracket of the other kind", "[1}"},
    {"a no-break space between values",
     "[1,\xC2\xA0"
     "2]"},
    {"25 levels", std::string(25, '[') + std::string(25, ']'), ErrorKind::kPayloadTooLarge},
};

INSTANTIATE_TEST_SUITE_P(Table, ParseRefuses, ::testing::ValuesIn(kRefusals));

struct Acceptance {
  const char* what;
  std::string text;
  std::string written;
};

class ParseAccepts : public ::testing::TestWithParam<Acceptance> {};

TEST_P(ParseAccepts, AndKeepsTheValue) {
  const auto result = parse(GetParam().text);
  ASSERT_TRUE(result) << result.error().detail;
  EXPECT_EQ(write(*result), GetParam().written);
}

const Acceptance kAcceptances[] = {
    {"null", "null", "null"},
    {"a top-level array", "[]", "[]"},
    {"white space", " \r\n\t{ \"a\" : [ 1 , true ] } ", R"({"a":[1,true]})"},
    {"the order of members", R"({"z":1,"a":2,"m":3})", R"({"z":1,"a":2,"m":3})"},
    {"2^53+1", "9007199254740993", "9007199254740993"},
    {"2^64", "18446744073709551616", "18446744073709551616"},
    {"trailing zeros", "1.10", "1.10"},
    {"negative zero", "-0", "-0"},
    {"the number of CVE-2024-38517", R"({"x":1.0123456789012e-2147483639})",
     R"({"x":1.0123456789012e-2147483639})"},
    {"a smaller exponent still", "1e-99999999999999999999", "1e-99999999999999999999"},
    {"the largest double", "1.7976931348623157e308", "1.7976931348623157e308"},
    {"an exponent with a plus", "1E+2", "1E+2"},
    {"every escape", R"("\"\\\/\b\f\n\r\t\u0041\u00e9")", "\"\\\"\\\\/\\b\\f\\n\\r\\tA\xC3\xA9\""},
    {"a surrogate pair", R"("\ud83d\ude00")", "\"\xF0\x9F\x98\x80\""},
    {"U+FFFF", R"("\uffff")", "\"\xEF\xBF\xBF\""},
    {"24 levels", std::string(24, '[') + std::string(24, ']'),
     std::string(24, '[') + std::string(24, ']')},
    {"an empty key", R"({"":1})", R"({"":1})"},
    {"equal keys of different objects", R"([{"a":1},{"a":2}])", R"([{"a":1},{"a":2}])"},
    {"a key that folds to two letters", "{\"\xC3\x9F\":1,\"s\":2}", "{\"\xC3\x9F\":1,\"s\":2}"},
};

INSTANTIATE_TEST_SUITE_P(Table, ParseAccepts, ::testing::ValuesIn(kAcceptances));

TEST(Parse, NamesThePlaceOfAFault) {
  EXPECT_NE(parse("[1,x]").error().detail.find("at byte 3"), std::string::npos);
  EXPECT_NE(parse("[\"a\\u0000\"]").error().detail.find("U+0000"), std::string::npos);
}

TEST(Parse, TakesAStringOfTenMegabytes) {
  std::string text;
  text.resize(10'000'000, 'x');
  const auto result = parse('"' + text + '"');
  ASSERT_TRUE(result);
  ASSERT_NE(result->string(), nullptr);
  EXPECT_EQ(*result->string(), text);
}

/// An object of `count` members `k0`, `k1`, …
std::string objectOf(std::size_t count, std::string_view last_key = {}) {
  std::string text = "{";
  for (std::size_t i = 0; i < count; ++i) text += "\"k" + std::to_string(i) + "\":1,";
  if (!last_key.empty()) text += "\"" + std::string(last_key) + "\":1,";
  text.back() = '}';
  return text;
}

TEST(Parse, LimitsTheMembersOfAnObject) {
  EXPECT_TRUE(parse(objectOf(1'000)));
  const auto result = parse(objectOf(1'001));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kPayloadTooLarge);
  EXPECT_EQ(parse(objectOf(100'000)).error().kind, ErrorKind::kPayloadTooLarge);
}

TEST(Parse, R9_S1_FindsADuplicateAmongManyMembers) {
  const std::string text = objectOf(100'000);
  EXPECT_TRUE(parse(text, kGenerous));
  const std::string kelvin = "\xE2\x84\xAA";
  for (const std::string& duplicate : {std::string("k0"), std::string("K0"), std::string("k99999"),
                                       std::string("K99999"), kelvin + "5"}) {
    SCOPED_TRACE(duplicate);
    const auto result = parse(objectOf(100'000, duplicate), kGenerous);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::kInvalidSyntax);
  }
  for (std::size_t count = 1; count < 40; ++count) {
    SCOPED_TRACE(count);
    EXPECT_FALSE(parse(objectOf(count, "K0")));
    EXPECT_TRUE(parse(objectOf(count, "other")));
  }
}

TEST(Parse, CountsEveryValueOfTheDocument) {
  const Limits limits{.depth = 4, .members = 4, .elements = 4};
  EXPECT_TRUE(parse("[1,2,3]", limits));
  EXPECT_EQ(parse("[1,2,3,4]", limits).error().kind, ErrorKind::kPayloadTooLarge);
  EXPECT_EQ(parse("[[],[],[],[]]", limits).error().kind, ErrorKind::kPayloadTooLarge);
  EXPECT_TRUE(parse(R"({"a":{"b":[null]}})", limits));
  EXPECT_EQ(parse(R"({"a":{"b":[null,1]}})", limits).error().kind, ErrorKind::kPayloadTooLarge);
}

TEST(Parse, DoesNotUseTheStackForDepthThatIsAllowed) {
  // Twice as deep as what overflows the recursive reader. Only the reader is tried: the value is
  // refused at its end, so that nothing this deep is ever built.
  const Limits deep{.depth = 400'000, .members = 1, .elements = 200'000};
  const auto result = parse(std::string(300'000, '['), deep);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kPayloadTooLarge);
}

TEST(Parse, RefusesEveryCutOfADocument) {
  const std::string text =
      R"({"schemas":["urn:x"],"n":-1.5e3,"t":true,"f":false,"z":null,"s":"\u00e9\ud83d\ude00","o":{"a":[[]]}})";
  ASSERT_TRUE(parse(text));
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_FALSE(parse(text.substr(0, length))) << length;
  }
}

}  // namespace
}  // namespace vestibule::json
