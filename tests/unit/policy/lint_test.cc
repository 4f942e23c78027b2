#include "policy/lint.h"

#include <gtest/gtest.h>

namespace vestibule::policy {
namespace {

using Codes = std::vector<std::pair<std::string, std::string>>;

/// Setting and code of each finding.
Codes codesOf(const PolicySettings& settings) {
  Codes codes;
  for (const auto& finding : lint(settings)) codes.emplace_back(finding.setting, finding.code);
  return codes;
}

bool has(const Codes& codes, const std::string& setting, const std::string& code) {
  return std::find(codes.begin(), codes.end(), std::pair(setting, code)) != codes.end();
}

const LintFinding* find(const std::vector<LintFinding>& findings, std::string_view code) {
  const auto found = std::find_if(findings.begin(), findings.end(),
                                  [&](const auto& finding) { return finding.code == code; });
  return found == findings.end() ? nullptr : &*found;
}

TEST(Lint, HasNothingToSayAboutSoundSettings) {
  PolicySettings settings;
  settings.username_java = settings.username_java_script = "^[a-z0-9._-]{3,30}$";
  settings.role_name_java = settings.role_name_java_script = "^[A-Za-z0-9 _-]{3,64}$";
  settings.password_java = settings.password_java_script = "^[!-~]{12,128}$";
  settings.username_violation_message = settings.password_violation_message = "No.";
  EXPECT_EQ(codesOf(settings), Codes());
  EXPECT_EQ(codesOf(PolicySettings()), Codes());
}

TEST(Lint, FindsTheTrapsOfTheSecondaryDefaults) {
  const auto findings = lint(PolicySettings::secondaryDefaults());
  Codes codes;
  for (const auto& finding : findings) codes.emplace_back(finding.setting, finding.code);
  // Names of three and four letters, and such with other characters, satisfy one of the two only.
  EXPECT_TRUE(has(codes, "RolenameJavaScriptRegEx", "POL-2001"));
  EXPECT_TRUE(has(codes, "RolenameJavaRegEx", "POL-2001"));
  // The browser only looks at the tail of the name.
  EXPECT_TRUE(has(codes, "UsernameJavaScriptRegEx", "POL-2004"));
  EXPECT_TRUE(has(codes, "UsernameJavaRegEx", "POL-2001"));
  EXPECT_TRUE(has(codes, "UsernameJavaRegEx", "POL-2002"));
  EXPECT_TRUE(has(codes, "RolenameJavaRegEx", "POL-2002"));
  EXPECT_FALSE(has(codes, "RolenameJavaScriptRegEx", "POL-2004"));
  EXPECT_FALSE(has(codes, "PasswordJavaRegEx", "POL-2002"));
  for (const auto& finding : findings) {
    EXPECT_NE(finding.code, "POL-2003") << finding.text;
    EXPECT_EQ(finding.severity, LintSeverity::kWarning);
  }
}

TEST(Lint, ShowsATextOnWhichThePatternsDisagree) {
  PolicySettings settings;
  settings.role_name_java = "[a-zA-Z0-9._\\-|//]{3,30}$";
  settings.role_name_java_script = "^[\\S]{5,30}$";
  const auto findings = lint(settings);
  const auto* java_alone = find(findings, "POL-2001");
  ASSERT_NE(java_alone, nullptr);
  EXPECT_EQ(java_alone->setting, "RolenameJavaScriptRegEx");
  EXPECT_NE(java_alone->text.find("\"abc\""), std::string::npos) << java_alone->text;
}

TEST(Lint, FindsCostlyPatterns) {
  for (const char* costly :
       {"^(a+)+$", "^([a-z]+)*$", "^(\\w+\\s?)*$", "^(x|xx)+$",
        "^([a-zA-Z0-9_\\.\\-])+\\@(([a-zA-Z0-9\\-])+\\.)+([a-zA-Z0-9]{2,4})+$"}) {
    SCOPED_TRACE(costly);
    PolicySettings settings;
    settings.username_java_script = costly;
    EXPECT_TRUE(has(codesOf(settings), "UsernameJavaScriptRegEx", "POL-2003"));
  }
  for (const char* cheap : {"^[a-z]{3,30}$", "^(?=.*[A-Z])(?=.*\\d)[!-~]{8,64}$",
                            "^[a-z]+(?:\\.[a-z]+)*$", "^[^@]+@[^@]+\\.[a-z]{2,}$"}) {
    SCOPED_TRACE(cheap);
    PolicySettings settings;
    settings.username_java_script = cheap;
    EXPECT_FALSE(has(codesOf(settings), "UsernameJavaScriptRegEx", "POL-2003"));
  }
}

TEST(Lint, FindsAlternativesThatAreAnchoredAtOneEndEach) {
  PolicySettings settings;
  settings.username_java_script = "^abc|def$";
  EXPECT_TRUE(has(codesOf(settings), "UsernameJavaScriptRegEx", "POL-2004"));
  settings.username_java_script = "^(?:abc|def)$";
  EXPECT_FALSE(has(codesOf(settings), "UsernameJavaScriptRegEx", "POL-2004"));
}

TEST(Lint, FindsMessagesNobodyWillSee) {
  PolicySettings settings;
  settings.role_name_violation_message = "No.";
  const auto findings = lint(settings);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].setting, "RolenameJavaRegExViolationErrorMsg");
  EXPECT_EQ(findings[0].code, "POL-2005");
  EXPECT_EQ(findings[0].severity, LintSeverity::kNote);
}

TEST(Lint, ReportsPatternsThatCannotBeUsedAndGoesOn) {
  PolicySettings settings;
  settings.username_java = "[a-z&&[^b]]";
  settings.password_java_script = "a++";
  settings.role_name_java = "[a-z/]+";
  const auto findings = lint(settings);
  ASSERT_EQ(findings.size(), 3U);
  EXPECT_EQ(findings[0].setting, "UsernameJavaRegEx");
  EXPECT_EQ(findings[0].severity, LintSeverity::kError);
  EXPECT_EQ(findings[0].code, "POL-1020");
  EXPECT_EQ(findings[1].code, "POL-2002");
  EXPECT_EQ(findings[2].setting, "PasswordJavaScriptRegEx");
}

TEST(Lint, SaysTheSameEveryTime) {
  const auto settings = PolicySettings::secondaryDefaults();
  const auto first = lint(settings);
  const auto second = lint(settings);
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(first[i].text, second[i].text);
}

TEST(Lint, NamesItsSeverities) {
  EXPECT_EQ(severityName(LintSeverity::kNote), "note");
  EXPECT_EQ(severityName(LintSeverity::kWarning), "warning");
  EXPECT_EQ(severityName(LintSeverity::kError), "error");
}

}  // namespace
}  // namespace vestibule::policy
