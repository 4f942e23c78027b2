#include "json/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "json/write.h"

namespace vestibule::json {
namespace {

TEST(Number, GivesIntegersThatFit) {
  struct Case {
    const char* text = nullptr;
    std::optional<std::int64_t> expected;
  };
  const Case cases[] = {
      {"0", 0},
      {"-0", 0},
      {"42", 42},
      {"9223372036854775807", std::numeric_limits<std::int64_t>::max()},
      {"-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
      {"9223372036854775808", std::nullopt},
      {"18446744073709551616", std::nullopt},
      {"1.0", std::nullopt},
      {"1e2", std::nullopt},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.text);
    EXPECT_EQ(Number{test.text}.asInt64(), test.expected);
  }
}

TEST(Number, GivesTheNearestDouble) {
  struct Case {
    std::string text;
    std::optional<double> expected;
  };
  const Case cases[] = {
      {"0.1", 0.1},
      {"-2.5e3", -2500.0},
      {"18446744073709551616", 18446744073709551616.0},
      {"1.7976931348623157e308", std::numeric_limits<double>::max()},
      {"1.7976931348623159e308", std::nullopt},
      {"1e309", std::nullopt},
      {"-1e309", std::nullopt},
      {"1" + std::string(400, '0'), std::nullopt},
      {"1" + std::string(400, '0') + "e-400", 1.0},
      {"0." + std::string(400, '0') + "1", 0.0},
      {"0." + std::string(400, '0') + "1e401", 1.0},
      {"1.0123456789012e-2147483639", 0.0},
      {"-1e-400", 0.0},
      {"1e-99999999999999999999", 0.0},
      {"1e99999999999999999999", std::nullopt},
      {"0e99999999999999999999", 0.0},
      {"5e-324", std::numeric_limits<double>::denorm_min()},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.text);
    EXPECT_EQ(Number{test.text}.asDouble(), test.expected);
  }
  EXPECT_TRUE(std::signbit(*Number{"-1e-400"}.asDouble()));
}

TEST(Value, MakesNumbersOfAllKinds) {
  EXPECT_EQ(write(Value(-1)), "-1");
  EXPECT_EQ(write(Value(4'000'000'000U)), "4000000000");
  EXPECT_EQ(write(Value(std::numeric_limits<std::int64_t>::min())), "-9223372036854775808");
  EXPECT_EQ(write(Value(std::numeric_limits<std::uint64_t>::max())), "18446744073709551615");
  EXPECT_EQ(write(Value(0.1)), "0.1");
  EXPECT_EQ(write(Value(1e300)), "1e+300");
  EXPECT_TRUE(Value(std::numeric_limits<double>::quiet_NaN()).isNull());
  EXPECT_TRUE(Value(std::numeric_limits<double>::infinity()).isNull());
}

TEST(Value, KnowsItsType) {
  const std::pair<Value, const char*> cases[] = {
      {Value(), "null"},         {Value(true), "boolean"},  {Value(1), "number"},
      {Value("text"), "string"}, {Value(Array{}), "array"}, {Value(Object{}), "object"},
  };
  for (const auto& [value, name] : cases) {
    EXPECT_EQ(value.typeName(), name);
    EXPECT_EQ(value.isNull(), std::string_view(name) == "null");
    EXPECT_EQ(value.boolean() != nullptr, std::string_view(name) == "boolean");
    EXPECT_EQ(value.number() != nullptr, std::string_view(name) == "number");
    EXPECT_EQ(value.string() != nullptr, std::string_view(name) == "string");
    EXPECT_EQ(value.array() != nullptr, std::string_view(name) == "array");
    EXPECT_EQ(value.object() != nullptr, std::string_view(name) == "object");
  }
}

TEST(Value, LooksIntoObjectsOnly) {
  const Value user(Object{{"userName", "bob"}, {"active", true}});
  EXPECT_EQ(user.stringAt("userName"), "bob");
  EXPECT_EQ(user.boolAt("active"), true);
  EXPECT_FALSE(user.stringAt("active"));
  EXPECT_FALSE(user.boolAt("userName"));
  EXPECT_FALSE(user.stringAt("username"));
  EXPECT_EQ(Value(1).find("userName"), nullptr);
  EXPECT_FALSE(Value(Array{}).stringAt("userName"));
}

TEST(Object, FindsMembersExactlyOrInAnyCase) {
  Object object{{"userName", "bob"}};
  EXPECT_EQ(object.find("USERNAME"), nullptr);
  ASSERT_NE(object.findIgnoringCase("USERNAME"), nullptr);
  EXPECT_EQ(*object.findIgnoringCase("USERNAME"), Value("bob"));
  *object.findIgnoringCase("username") = "alice";
  EXPECT_EQ(*object.find("userName"), Value("alice"));
}

TEST(Object, KeepsTheOrderOfItsMembers) {
  Object object;
  object.set("b", 1);
  object.set("a", 2);
  object.set("b", 3);
  EXPECT_EQ(write(Value(object)), R"({"b":3,"a":2})");
  EXPECT_TRUE(object.erase("b"));
  EXPECT_FALSE(object.erase("b"));
  EXPECT_EQ(object.size(), 1U);
  EXPECT_NE(Object({{"a", 1}, {"b", 2}}), Object({{"b", 2}, {"a", 1}}));
}

}  // namespace
}  // namespace vestibule::json
