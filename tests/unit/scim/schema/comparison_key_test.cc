#include "scim/schema/comparison_key.h"

#include <gtest/gtest.h>

#include "base/crypto.h"
#include "base/unicode.h"
#include "support/scim_schemas.h"

namespace vestibule::scim {
namespace {

using test::parsed;
using test::schemas;

Attribute attributeOf(AttributeType type, bool case_exact = false) {
  Attribute attribute;
  attribute.name = "probe";
  attribute.type = type;
  attribute.case_exact = case_exact;
  return attribute;
}

std::string keyOf(const Attribute& attribute, const json::Value& value) {
  const Result<std::string> key = comparisonKey(attribute, value);
  EXPECT_TRUE(key.has_value()) << key.error().detail;
  return key.value_or("no key");
}

/// Keys of ascending values must ascend by memcmp.
void expectAscending(const Attribute& attribute, const char* values) {
  const json::Value list = parsed(values);
  for (std::size_t i = 1; i < list.array()->size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_LT(keyOf(attribute, (*list.array())[i - 1]), keyOf(attribute, (*list.array())[i]));
  }
}

TEST(ComparisonKey, I2_IntegersSortByValueToTheLastBit) {
  expectAscending(
      attributeOf(AttributeType::kInteger),
      "[-9223372036854775808, -9223372036854775807, -9007199254740993, -256, -255, -1, 0, 1,"
      " 255, 256, 9007199254740992, 9007199254740993, 9223372036854775807]");
}

TEST(ComparisonKey, I2_DecimalsSortByValue) {
  expectAscending(attributeOf(AttributeType::kDecimal),
                  "[-1e308, -2.5, -2, -1e-300, 0, 1e-300, 0.5, 1, 1.5, 10, 1e308]");
  const Attribute decimal = attributeOf(AttributeType::kDecimal);
  EXPECT_EQ(keyOf(decimal, parsed("-0.0")), keyOf(decimal, parsed("0")));
  EXPECT_EQ(keyOf(decimal, parsed("1.10")), keyOf(decimal, parsed("11e-1")));
}

TEST(ComparisonKey, I2_DatesSortAsInstantsWhateverTheirZone) {
  expectAscending(attributeOf(AttributeType::kDateTime),
                  R"(["1969-12-31T23:59:59Z","1970-01-01T00:00:00Z","2026-01-01T00:00:00+02:00",
                  "2026-01-01T00:00:00Z","2026-01-01T00:00:00.000001Z","2026-01-01T00:00:00-02:00"])");
  const Attribute date = attributeOf(AttributeType::kDateTime);
  EXPECT_EQ(keyOf(date, "2011-05-13T04:42:34Z"), keyOf(date, "2011-05-13T06:42:34.000+02:00"));
}

TEST(ComparisonKey, FalseComesBeforeTrue) {
  expectAscending(attributeOf(AttributeType::kBoolean), "[false, true]");
}

TEST(ComparisonKey, A25_I2_CaseExactDecidesAboutStrings) {
  const Attribute loose = attributeOf(AttributeType::kString);
  const Attribute exact = attributeOf(AttributeType::kString, true);
  EXPECT_EQ(keyOf(loose, "Straße"), keyOf(loose, "STRASSE"));
  EXPECT_NE(keyOf(exact, "A"), keyOf(exact, "a"));
  EXPECT_EQ(keyOf(exact, "Straße"), "Straße");
  EXPECT_NE(keyOf(loose, "a"), keyOf(loose, "a "));
  const Attribute reference = attributeOf(AttributeType::kReference);
  EXPECT_NE(keyOf(reference, "https://h/A"), keyOf(reference, "https://h/a"));
}

TEST(ComparisonKey, A18_UserNamesComparePrepared) {
  const Attribute& user_name = *schemas().user->naming_attribute;
  EXPECT_EQ(keyOf(user_name, "BJensen@Example.com"), "bjensen@example.com");
  EXPECT_EQ(keyOf(user_name, "ＡＢＣ"), "abc");
  EXPECT_EQ(keyOf(user_name, "ß"), "ß");
}

TEST(ComparisonKey, TextThatIsNoUserNameHasAKeyThatNoUserNameHas) {
  const Attribute& user_name = *schemas().user->naming_attribute;
  for (const char* text : {"Jensen ", "", "a\u200Db", "ﬁ", "A\tB", " "}) {
    SCOPED_TRACE(text);
    ASSERT_FALSE(prepareUserName(text).has_value());
    const std::string key = keyOf(user_name, text);
    const Result<std::string> prepared = prepareUserName(key);
    EXPECT_FALSE(prepared.has_value());
  }
  // A piece of a name, as `sw` has it, still matches the name.
  EXPECT_EQ(keyOf(user_name, "Babs "), "babs ");
}

TEST(ComparisonKey, RefusesValuesOfOtherTypes) {
  struct Case {
    AttributeType type;
    const char* value;
  };
  using enum AttributeType;
  const Case cases[] = {{kString, "1"},
                        {kString, "null"},
                        {kString, "[]"},
                        {kBoolean, "\"true\""},
                        {kBoolean, "1"},
                        {kInteger, "\"1\""},
                        {kInteger, "1.0"},
                        {kInteger, "1e3"},
                        {kInteger, "9223372036854775808"},
                        {kDecimal, "\"1\""},
                        {kDecimal, "true"},
                        {kDateTime, "\"2011-05-13\""},
                        {kDateTime, "0"},
                        {kDateTime, "\"yesterday\""},
                        {kBinary, "1"},
                        {kReference, "{}"},
                        {kComplex, "{}"},
                        {kComplex, "\"x\""}};
  for (const Case& test_case : cases) {
    SCOPED_TRACE(test_case.value);
    const auto key = comparisonKey(attributeOf(test_case.type), parsed(test_case.value));
    ASSERT_FALSE(key.has_value());
    EXPECT_EQ(key.error().kind, ErrorKind::kInvalidValue);
    EXPECT_EQ(key.error().attribute, "probe");
  }
}

TEST(IndexKey, CutsLongKeysButKeepsThemApart) {
  EXPECT_EQ(indexKey(std::string(200, 'a')), std::string(200, 'a'));
  const std::string long_key(201, 'a');
  EXPECT_EQ(indexKey(long_key), std::string(160, 'a') + sha256(long_key));
  EXPECT_NE(indexKey(long_key), indexKey(std::string(202, 'a')));
  EXPECT_EQ(indexKey(std::string(100'000, 'x')).size(), 192U);
  EXPECT_EQ(indexKey(""), "");
}

}  // namespace
}  // namespace vestibule::scim
