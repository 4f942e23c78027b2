#include "policy/domain_policy.h"

#include <gtest/gtest.h>

#include "json/parse.h"
#include "json/write.h"

namespace vestibule::policy {
namespace {

enum class Kind { kUserName, kRoleName, kPassword };

const std::string kEacute = "\xC3\xA9";
const std::string kHan = "\xE7\x94\xB0\xE4\xB8\xAD\xE5\xA4\xAA\xE9\x83\x8E";
const std::string kNoBreakSpace = "\xC2\xA0";
const std::string kEmoji = "\xF0\x9F\x98\x80";

std::string times(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

Result<void> check(const DomainPolicy& policy, Kind kind, const std::string& text) {
  switch (kind) {
    case Kind::kUserName:
      return policy.checkUserName(text);
    case Kind::kRoleName:
      return policy.checkRoleName(text);
    case Kind::kPassword:
      return policy.checkPassword(Secret(text));
  }
  return internalFailure("no such kind");
}

struct Case {
  Kind kind;
  std::string text;
  bool primary;
  bool secondary;
};

class DefaultPolicies : public ::testing::TestWithParam<Case> {};

TEST_P(DefaultPolicies, PermitWhatTheReferenceProductPermits) {
  const auto primary = DomainPolicy::compile(PolicySettings::primaryDefaults());
  const auto secondary = DomainPolicy::compile(PolicySettings::secondaryDefaults());
  ASSERT_TRUE(primary);
  ASSERT_TRUE(secondary);
  EXPECT_EQ(check(*primary, GetParam().kind, GetParam().text).has_value(), GetParam().primary);
  EXPECT_EQ(check(*secondary, GetParam().kind, GetParam().text).has_value(), GetParam().secondary);
}

const Case kDefaults[] = {
    // ^[^\s*?%]{3,30}$ and [a-zA-Z0-9._\-|//]{3,30}$
    {Kind::kUserName, "", false, false},
    {Kind::kUserName, "ab", false, false},
    {Kind::kUserName, "abc", true, true},
    {Kind::kUserName, times("a", 30), true, true},
    {Kind::kUserName, times("a", 31), false, false},
    {Kind::kUserName, "john doe", false, false},
    {Kind::kUserName, "john ", false, false},
    {Kind::kUserName, "john\n", false, false},
    {Kind::kUserName, "john\t", false, false},
    {Kind::kUserName, "jo*n", false, false},
    {Kind::kUserName, "jo?n", false, false},
    {Kind::kUserName, "jo%n", false, false},
    {Kind::kUserName, "jo/n", true, true},
    {Kind::kUserName, "jo|n", true, true},
    {Kind::kUserName, "jo-n_2.x", true, true},
    {Kind::kUserName, "john@example.com", true, false},
    {Kind::kUserName, "jo\\n", true, false},
    {Kind::kUserName, "jos" + kEacute, true, false},
    {Kind::kUserName, kHan, true, false},
    {Kind::kUserName, times(kEacute, 30), true, false},
    {Kind::kUserName, times(kEacute, 31), false, false},
    {Kind::kUserName, times(kEmoji, 3), true, false},
    // A no-break space is no white space to Java, but is to JavaScript; both have to agree.
    {Kind::kUserName, "john" + kNoBreakSpace, false, false},
    {Kind::kUserName, "john\xFF", false, false},
    // ^[\S]{3,30}$; and [a-zA-Z0-9._\-|//]{3,30}$ with ^[\S]{5,30}$, which disagree on short names
    {Kind::kRoleName, "", false, false},
    {Kind::kRoleName, "ab", false, false},
    {Kind::kRoleName, "abc", true, false},
    {Kind::kRoleName, "abcd", true, false},
    {Kind::kRoleName, "abcde", true, true},
    {Kind::kRoleName, times("a", 30), true, true},
    {Kind::kRoleName, times("a", 31), false, false},
    {Kind::kRoleName, "a role", false, false},
    {Kind::kRoleName, "role*", true, false},
    {Kind::kRoleName, "role?", true, false},
    {Kind::kRoleName, "role%", true, false},
    {Kind::kRoleName, "a/role", true, true},
    {Kind::kRoleName, "a|role", true, true},
    {Kind::kRoleName, "a@bcd", true, false},
    {Kind::kRoleName, "r" + kEacute + "les", true, false},
    {Kind::kRoleName, "roles\n", false, false},
    // ^[\S]{5,30}$ in all
    {Kind::kPassword, "", false, false},
    {Kind::kPassword, "abcd", false, false},
    {Kind::kPassword, "abcde", true, true},
    {Kind::kPassword, times("a", 30), true, true},
    {Kind::kPassword, times("a", 31), false, false},
    {Kind::kPassword, "pass word", false, false},
    {Kind::kPassword, "p*s?w%r/|", true, true},
    {Kind::kPassword, times(kEmoji, 5), true, true},
    {Kind::kPassword, times(kEmoji, 31), false, false},
    {Kind::kPassword, "passw\n", false, false},
    {Kind::kPassword, "passw\xFF", false, false},
};

INSTANTIATE_TEST_SUITE_P(Table, DefaultPolicies, ::testing::ValuesIn(kDefaults));

TEST(DomainPolicy, SaysWhyInTheWordsOfTheSettings) {
  const auto policy = *DomainPolicy::compile(PolicySettings::primaryDefaults());
  const struct {
    Kind kind;
    const char* code;
    const char* detail;
    const char* attribute;
  } cases[] = {
      {Kind::kUserName, "POL-1001", "Username pattern policy violated", "userName"},
      {Kind::kRoleName, "POL-1002", "Role name pattern policy violated", "displayName"},
      {Kind::kPassword, "POL-1003", "Password length should be within 5 to 30 characters",
       "password"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.code);
    const auto result = check(policy, test.kind, "x y");
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::kInvalidValue);
    EXPECT_EQ(result.error().code, test.code);
    EXPECT_EQ(result.error().detail, test.detail);
    EXPECT_EQ(result.error().attribute, test.attribute);
  }
}

TEST(DomainPolicy, TellsALimitFromAViolation) {
  PolicySettings settings;
  settings.username_java = settings.role_name_java = settings.password_java = "(a+)+";
  const auto policy = *DomainPolicy::compile(settings);
  const std::pair<Kind, const char*> cases[] = {
      {Kind::kUserName, "POL-1011"}, {Kind::kRoleName, "POL-1012"}, {Kind::kPassword, "POL-1013"}};
  for (const auto& [kind, code] : cases) {
    for (const auto& text : {times("a", 60) + "!", times("a", 2'000)}) {
      const auto result = check(policy, kind, text);
      ASSERT_FALSE(result);
      EXPECT_EQ(result.error().code, code);
      EXPECT_EQ(result.error().kind, ErrorKind::kInvalidValue);
    }
  }
}

TEST(DomainPolicy, R3_NeverRepeatsAPassword) {
  const auto policy = *DomainPolicy::compile(PolicySettings::primaryDefaults());
  for (const auto& password : {std::string("hunter2 hunter2"), times("hunter2", 300)}) {
    const auto result = policy.checkPassword(Secret(password));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().detail.find("hunter2"), std::string::npos);
    EXPECT_EQ(result.error().internal.find("hunter2"), std::string::npos);
  }
}

TEST(DomainPolicy, ChecksNothingWithoutAPattern) {
  PolicySettings settings;
  settings.username_java = "  \t";
  const auto policy = *DomainPolicy::compile(settings);
  for (const auto kind : {Kind::kUserName, Kind::kRoleName, Kind::kPassword}) {
    EXPECT_TRUE(check(policy, kind, ""));
    EXPECT_TRUE(check(policy, kind, times("*", 5'000)));
  }
}

TEST(DomainPolicy, AsksForBothPatternsWhereBothAreSet) {
  PolicySettings settings;
  settings.role_name_java = "[a-z]+";
  settings.role_name_java_script = "^.{5,}$";
  const auto policy = *DomainPolicy::compile(settings);
  EXPECT_TRUE(policy.checkRoleName("admins"));
  EXPECT_FALSE(policy.checkRoleName("abc"));
  EXPECT_FALSE(policy.checkRoleName("ADMINS"));
}

TEST(DomainPolicy, NamesTheSettingOfAPatternThatCannotBeUsed) {
  for (const std::string name :
       {"UsernameJavaRegEx", "UsernameJavaScriptRegEx", "RolenameJavaRegEx",
        "RolenameJavaScriptRegEx", "PasswordJavaRegEx", "PasswordJavaScriptRegEx"}) {
    SCOPED_TRACE(name);
    PolicySettings settings;
    ASSERT_TRUE(settings.set(name, "^[a-z"));
    const auto policy = DomainPolicy::compile(settings);
    ASSERT_FALSE(policy);
    EXPECT_EQ(policy.error().kind, ErrorKind::kInvalidValue);
    EXPECT_EQ(policy.error().code, "POL-1020");
    EXPECT_EQ(policy.error().attribute, name);
    EXPECT_TRUE(policy.error().detail.starts_with(name + ": ")) << policy.error().detail;
  }
}

TEST(PolicySettings, HaveTheDefaultsOfTheReferenceProduct) {
  EXPECT_EQ(
      json::write(json::Value(PolicySettings::primaryDefaults().toJson())),
      R"({"UsernameJavaRegEx":"^[^\\s*?%]{3,30}$","UsernameJavaScriptRegEx":"^[^\\s*?%]{3,30}$",)"
      R"("UsernameJavaRegExViolationErrorMsg":"Username pattern policy violated",)"
      R"("RolenameJavaRegEx":"^[\\S]{3,30}$","RolenameJavaScriptRegEx":"^[\\S]{3,30}$",)"
      R"("RolenameJavaRegExViolationErrorMsg":"",)"
      R"("PasswordJavaRegEx":"^[\\S]{5,30}$","PasswordJavaScriptRegEx":"^[\\S]{5,30}$",)"
      R"("PasswordJavaRegExViolationErrorMsg":"Password length should be within 5 to 30 characters",)"
      R"("ReadOnly":false,"Disabled":false,"CaseInsensitiveUsername":true,"tolerances":"",)"
      R"("privilegedAttributes":[],"privilegedGroups":[],"requestsPerMinute":0,"guardRails":null})");
  EXPECT_EQ(
      json::write(json::Value(PolicySettings::secondaryDefaults().toJson())),
      R"({"UsernameJavaRegEx":"[a-zA-Z0-9._\\-|//]{3,30}$",)"
      R"("UsernameJavaScriptRegEx":"[a-zA-Z0-9._\\-|//]{3,30}$",)"
      R"("UsernameJavaRegExViolationErrorMsg":"Username pattern policy violated.",)"
      R"("RolenameJavaRegEx":"[a-zA-Z0-9._\\-|//]{3,30}$","RolenameJavaScriptRegEx":"^[\\S]{5,30}$",)"
      R"("RolenameJavaRegExViolationErrorMsg":"",)"
      R"("PasswordJavaRegEx":"^[\\S]{5,30}$","PasswordJavaScriptRegEx":"^[\\S]{5,30}$",)"
      R"("PasswordJavaRegExViolationErrorMsg":"Password pattern policy violated",)"
      R"("ReadOnly":false,"Disabled":false,"CaseInsensitiveUsername":false,"tolerances":"",)"
      R"("privilegedAttributes":[],"privilegedGroups":[],"requestsPerMinute":0,"guardRails":null})");
}

TEST(PolicySettings, CanBeReadAndSetByName) {
  PolicySettings settings;
  const json::Object all = settings.toJson();
  EXPECT_EQ(all.size(), 17U);
  for (const auto& [name, before] : all) {
    SCOPED_TRACE(name);
    EXPECT_EQ(settings.get(name), before);
    json::Value changed("changed");
    if (before.isBool()) changed = !*before.boolean();
    if (before.isArray()) changed = json::Array{"changed", "twice"};
    if (before.isNumber()) changed = 7;
    if (before.isNull()) changed = json::Object{{"windowMinutes", 5}, {"deletes", 7}};
    ASSERT_TRUE(settings.set(name, changed));
    EXPECT_EQ(settings.get(name), changed);
  }
  EXPECT_FALSE(settings.get("NoSuchSetting"));
}

TEST(PolicySettings, TakeTheOldSpelling) {
  PolicySettings settings;
  ASSERT_TRUE(settings.set("UserNameJavaRegEx", "[a-z]+"));
  EXPECT_EQ(settings.username_java, "[a-z]+");
}

TEST(PolicySettings, ReadNumbersStrictly) {
  PolicySettings settings;
  for (const json::Value& value : {json::Value(600), json::Value("600")}) {
    settings.requests_per_minute = 0;
    ASSERT_TRUE(settings.set("requestsPerMinute", value));
    EXPECT_EQ(settings.requests_per_minute, 600U);
  }
  for (const json::Value& value :
       {json::Value(-1), json::Value(6'000'001), json::Value("6000001"), json::Value(""),
        json::Value(" 1"), json::Value("1x"), json::Value("-1"), json::Value(true), json::Value(),
        json::Value(json::Array{1})}) {
    const auto set = settings.set("requestsPerMinute", value);
    ASSERT_FALSE(set) << json::write(value);
    EXPECT_EQ(set.error().code, "POL-1022");
  }
  EXPECT_EQ(settings.requests_per_minute, 600U);
}

TEST(PolicySettings, ReadBooleansStrictly) {
  PolicySettings settings;
  for (const json::Value& value : {json::Value(true), json::Value("true")}) {
    settings.read_only = false;
    ASSERT_TRUE(settings.set("ReadOnly", value));
    EXPECT_TRUE(settings.read_only);
  }
  ASSERT_TRUE(settings.set("ReadOnly", "false"));
  EXPECT_FALSE(settings.read_only);
  for (const json::Value& value :
       {json::Value("True"), json::Value("yes"), json::Value(""), json::Value(1), json::Value(0),
        json::Value(nullptr), json::Value(" true")}) {
    const auto done = settings.set("ReadOnly", value);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, "POL-1022");
    EXPECT_EQ(done.error().attribute, "ReadOnly");
    EXPECT_FALSE(settings.read_only);
  }
}

TEST(PolicySettings, RefuseOtherNamesAndValues) {
  const struct {
    const char* text;
    const char* code;
  } cases[] = {
      {R"({"usernamejavaregex":"a"})", "POL-1021"},
      {R"({"NoSuchSetting":"a"})", "POL-1021"},
      {R"({"":"a"})", "POL-1021"},
      {R"({"UsernameJavaRegEx":1})", "POL-1022"},
      {R"({"UsernameJavaRegEx":null})", "POL-1022"},
      {R"({"UsernameJavaRegEx":["a"]})", "POL-1022"},
      {R"({"privilegedGroups":1})", "POL-1022"},
      {R"({"privilegedGroups":null})", "POL-1022"},
      {R"({"privilegedGroups":{"0":"a"}})", "POL-1022"},
      {R"({"privilegedGroups":["a",1]})", "POL-1022"},
      {R"({"privilegedGroups":["a",""]})", "POL-1022"},
      {R"({"privilegedGroups":["a"," "]})", "POL-1022"},
      {R"({"privilegedGroups":"a,,b"})", "POL-1022"},
      {R"({"privilegedGroups":[["a"]]})", "POL-1022"},
      {R"([])", "POL-1022"},
      {R"("text")", "POL-1022"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.text);
    const auto settings = PolicySettings::fromJson(*json::parse(test.text), {});
    ASSERT_FALSE(settings);
    EXPECT_EQ(settings.error().kind, ErrorKind::kInvalidValue);
    EXPECT_EQ(settings.error().code, test.code);
  }
  PolicySettings settings;
  EXPECT_TRUE(settings.set("UsernameJavaRegEx", times("a", 1'024)));
  EXPECT_FALSE(settings.set("UsernameJavaRegEx", times("a", 1'025)));
  EXPECT_FALSE(settings.set("UsernameJavaRegEx", "\xFF"));
  EXPECT_TRUE(settings.set("privilegedGroups", json::Array(100, times("a", 1'024))));
  EXPECT_FALSE(settings.set("privilegedGroups", json::Array(101, "a")));
  EXPECT_FALSE(settings.set("privilegedGroups", json::Array{times("a", 1'025)}));
}

TEST(PolicySettings, ReadListsFromTextWithCommas) {
  PolicySettings settings;
  const struct {
    json::Value value;
    std::vector<std::string> entries;
  } cases[] = {
      {" admins , ops-*", {"admins", "ops-*"}},
      {"roles", {"roles"}},
      {"", {}},
      {json::Array{}, {}},
      {json::Array{"Doe, admins", " as sent "}, {"Doe, admins", " as sent "}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(json::write(c.value));
    ASSERT_TRUE(settings.set("privilegedGroups", c.value));
    EXPECT_EQ(settings.privileged_groups, c.entries);
  }
}

TEST(DomainPolicy, P4_PrivilegedGroupsAreComparedAsDisplayNamesAre) {
  PolicySettings settings;
  EXPECT_FALSE(DomainPolicy::compile(settings)->hasPrivilegedGroups());
  EXPECT_FALSE(DomainPolicy::compile(settings)->isPrivilegedGroup(""));
  settings.privileged_groups = {"Admins", "Straße-*"};
  const auto policy = *DomainPolicy::compile(settings);
  EXPECT_TRUE(policy.hasPrivilegedGroups());
  for (const char* name : {"Admins", "admins", "ADMINS", "straße-", "STRASSE-1"}) {
    EXPECT_TRUE(policy.isPrivilegedGroup(name)) << name;
  }
  for (const char* name : {"", "Admins ", "Admins2", "Admin", "straße", "x-straße-1", "*"}) {
    EXPECT_FALSE(policy.isPrivilegedGroup(name)) << name;
  }
  settings.privileged_groups = {"*"};
  EXPECT_TRUE(DomainPolicy::compile(settings)->isPrivilegedGroup("any"));
  for (const char* name : {"*admins", "a*s", "**", "a*b*"}) {
    settings.privileged_groups = {"admins", name};
    const auto refused = DomainPolicy::compile(settings);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, "POL-1022");
    EXPECT_EQ(refused.error().attribute, "privilegedGroups");
    EXPECT_TRUE(refused.error().detail.starts_with("/privilegedGroups/1: "))
        << refused.error().detail;
  }
}

TEST(PolicySettings, TolerancesAreReadWhenTheyAreCompiled) {
  PolicySettings settings;
  EXPECT_FALSE(DomainPolicy::compile(settings)->tolerances().has_value());
  settings.tolerances = "strict,+string_booleans";
  EXPECT_EQ(DomainPolicy::compile(settings)->tolerances(),
            scim::Tolerances{scim::Tolerance::kStringBooleans});
  settings.tolerances = "lenient";
  const auto refused = DomainPolicy::compile(settings);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidValue);
  EXPECT_EQ(refused.error().code, "POL-1022");
  EXPECT_EQ(refused.error().attribute, "tolerances");
}

TEST(PolicySettings, TakeOnlyWhatIsGivenFromJson) {
  const auto settings =
      PolicySettings::fromJson(*json::parse(R"({"ReadOnly":true,"PasswordJavaRegEx":".{12,}"})"),
                               PolicySettings::secondaryDefaults());
  ASSERT_TRUE(settings);
  PolicySettings expected = PolicySettings::secondaryDefaults();
  expected.read_only = true;
  expected.password_java = ".{12,}";
  EXPECT_EQ(*settings, expected);
  EXPECT_EQ(PolicySettings::fromJson(json::Value(expected.toJson()), {}).value(), expected);
}

}  // namespace
}  // namespace vestibule::policy
