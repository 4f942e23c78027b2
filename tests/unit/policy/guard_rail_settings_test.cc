#include "policy/guard_rail_settings.h"

#include <gtest/gtest.h>

#include <string>

#include "json/parse.h"
#include "json/write.h"
#include "policy/domain_policy.h"
#include "policy/lint.h"

namespace vestibule::policy {
namespace {

json::Value parsed(const std::string& text) { return json::parse(text).value_or(json::Value()); }

TEST(GuardRailSettings, AreReadAndShown) {
  const struct {
    const char* name;
    const char* text;
    const char* shown;
  } rows[] = {
      {"all",
       R"({"windowMinutes":5,"deletes":1,"deactivations":2,"membershipRemovals":3,)"
       R"("liftedUntil":"2026-12-01T12:00:00Z"})",
       R"({"windowMinutes":5,"deletes":1,"deactivations":2,"membershipRemovals":3,)"
       R"("liftedUntil":"2026-12-01T12:00:00.000Z"})"},
      {"an hour where nothing is said", R"({"deletes":1})", R"({"windowMinutes":60,"deletes":1})"},
      {"null is nothing", R"({"deletes":null,"liftedUntil":null})", R"({"windowMinutes":60})"},
      {"the bounds", R"({"windowMinutes":10080,"deletes":1000000000})",
       R"({"windowMinutes":10080,"deletes":1000000000})"},
      {"text of a command line", R"("{\"deletes\": 7}")", R"({"windowMinutes":60,"deletes":7})"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const auto settings = GuardRailSettings::fromJson(parsed(row.text));
    ASSERT_TRUE(settings) << settings.error().detail;
    EXPECT_EQ(json::write(settings->toJson()), row.shown);
    EXPECT_EQ(GuardRailSettings::fromJson(json::Value(settings->toJson())), *settings);
  }
}

TEST(GuardRailSettings, AreRefusedWhereTheyCannotBe) {
  const struct {
    const char* text;
    const char* code;
    const char* attribute;
  } rows[] = {
      {"[]", "POL-1022", "guardRails"},
      {"7", "POL-1022", "guardRails"},
      {R"("deletes")", "POL-1022", "guardRails"},
      {R"({"deletes":0})", "POL-1022", "guardRails.deletes"},
      {R"({"deletes":-1})", "POL-1022", "guardRails.deletes"},
      {R"({"deletes":1.5})", "POL-1022", "guardRails.deletes"},
      {R"({"deletes":1000000001})", "POL-1022", "guardRails.deletes"},
      {R"({"deactivations":"9"})", "POL-1022", "guardRails.deactivations"},
      {R"({"membershipRemovals":true})", "POL-1022", "guardRails.membershipRemovals"},
      {R"({"windowMinutes":0})", "POL-1022", "guardRails.windowMinutes"},
      {R"({"windowMinutes":10081})", "POL-1022", "guardRails.windowMinutes"},
      {R"({"liftedUntil":"tomorrow"})", "POL-1022", "guardRails.liftedUntil"},
      {R"({"liftedUntil":1})", "POL-1022", "guardRails.liftedUntil"},
      {R"({"Deletes":1})", "POL-1021", "guardRails"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.text);
    const auto settings = GuardRailSettings::fromJson(parsed(row.text));
    ASSERT_FALSE(settings);
    EXPECT_EQ(settings.error().kind, ErrorKind::kInvalidValue);
    EXPECT_EQ(settings.error().code, row.code);
    EXPECT_EQ(settings.error().attribute, row.attribute);
  }
}

TEST(GuardRailSettings, AreASettingOfADomainThatIsAbsentAtFirst) {
  auto settings = PolicySettings::secondaryDefaults();
  EXPECT_EQ(settings.get("guardRails"), json::Value(nullptr));
  ASSERT_TRUE(settings.set("guardRails", parsed(R"({"deletes":3})")));
  EXPECT_EQ(json::write(*settings.get("guardRails")), R"({"windowMinutes":60,"deletes":3})");
  const auto again =
      PolicySettings::fromJson(json::Value(settings.toJson()), PolicySettings::secondaryDefaults());
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, settings);
  ASSERT_TRUE(settings.set("guardRails", nullptr));
  EXPECT_FALSE(settings.guard_rails);
}

TEST(GuardRailSettings, AreLiftedUntilTheMoment) {
  GuardRailSettings settings;
  EXPECT_FALSE(settings.areLifted(0));
  settings.lifted_until = 10;
  EXPECT_TRUE(settings.areLifted(9));
  EXPECT_FALSE(settings.areLifted(10));
}

TEST(GuardRailSettings, WithoutACapAreAdvisedOn) {
  const auto advised = [](const PolicySettings& settings) {
    for (const auto& finding : lint(settings)) {
      if (finding.code == "POL-2006") return finding.setting;
    }
    return std::string();
  };
  PolicySettings settings;
  EXPECT_EQ(advised(settings), "");
  settings.guard_rails.emplace();
  EXPECT_EQ(advised(settings), "guardRails");
  settings.guard_rails->membership_removals = 1;
  EXPECT_EQ(advised(settings), "");
}

}  // namespace
}  // namespace vestibule::policy
