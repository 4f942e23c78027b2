#include "http/prompt_answers.h"

#include <gtest/gtest.h>

#include "support/prompt_forms.h"

namespace vestibule::http {
namespace {

TEST(PromptAnswers, AreReadFromTheFieldsOfThePage) {
  const auto reply = readAnswers({{"csrf", "token"},
                                  {"userName", " ada "},
                                  {"password", "secret"},
                                  {"passwordConfirmation", "secret2"},
                                  {"attribute:displayName", "Ada"},
                                  {R"(attribute:emails[type eq "work"].value)", "a@example.com"},
                                  {"agree:directory:emails", "yes"},
                                  {"consent:terms:3", "shown"},
                                  {"agree:terms:", "yes"},
                                  {"consent:directory:4294967295", "shown"},
                                  {"agree:directory:name", "yes"},
                                  {"consent:newsletter:1", "shown"},
                                  {"decision", "answer"}},
                                 test::fullForm());
  ASSERT_TRUE(reply.has_value()) << reply.error().detail;
  EXPECT_FALSE(reply->is_declined);
  EXPECT_EQ(reply->csrf, "token");
  const auto& answers = reply->answers;
  EXPECT_EQ(answers.user_name, " ada ");
  EXPECT_TRUE(answers.password->matches("secret"));
  EXPECT_TRUE(answers.password_confirmation->matches("secret2"));
  ASSERT_EQ(answers.attributes.size(), 2U);
  EXPECT_EQ(answers.attributes[1].first, R"(emails[type eq "work"].value)");
  ASSERT_EQ(answers.consents.size(), 3U);
  EXPECT_EQ(answers.consents[0].purpose, "terms");
  EXPECT_EQ(answers.consents[0].version, 3U);
  EXPECT_EQ(answers.consents[0].agreed, std::vector<std::string>{""});
  EXPECT_EQ(answers.consents[1].version, 4294967295U);
  EXPECT_EQ(answers.consents[1].agreed, (std::vector<std::string>{"emails", "name"}));
  EXPECT_TRUE(answers.consents[2].agreed.empty()) << "unticked boxes are refusals";
}

TEST(PromptAnswers, AreAbsentWhereNothingWasAsked) {
  const auto reply = readAnswers({{"decision", "decline"}}, test::emptyForm());
  ASSERT_TRUE(reply.has_value());
  EXPECT_TRUE(reply->is_declined);
  EXPECT_TRUE(reply->csrf.empty());
  EXPECT_FALSE(reply->answers.user_name);
  EXPECT_FALSE(reply->answers.password);
  EXPECT_FALSE(reply->answers.password_confirmation);
}

TEST(PromptAnswers, GoToThePurposeOfTheLongestName) {
  const auto reply = readAnswers({{"consent:a:1", "shown"},
                                  {"consent:a:b:2", "shown"},
                                  {"agree:a:b:urn:example:User:x", "yes"},
                                  {"agree:a:emails", "yes"},
                                  {"decision", "answer"}},
                                 test::emptyForm());
  ASSERT_TRUE(reply.has_value()) << reply.error().detail;
  EXPECT_EQ(reply->answers.consents[0].agreed, std::vector<std::string>{"emails"});
  EXPECT_EQ(reply->answers.consents[1].purpose, "a:b");
  EXPECT_EQ(reply->answers.consents[1].agreed, std::vector<std::string>{"urn:example:User:x"});
}

class RefusedFields : public testing::TestWithParam<FormFields> {};

TEST_P(RefusedFields, AreNoAnswer) {
  const auto reply = readAnswers(GetParam(), test::fullForm());
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().kind, ErrorKind::kInvalidSyntax);
  EXPECT_EQ(reply.error().detail.find("secret"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(
    Forms, RefusedFields,
    testing::Values(
        FormFields{}, FormFields{{"userName", "a"}}, FormFields{{"decision", "secret"}},
        FormFields{{"decision", ""}}, FormFields{{"decision", "answer"}, {"username", "a"}},
        FormFields{{"decision", "answer"}, {"emails", "a"}},
        FormFields{{"decision", "answer"}, {"attribute:", "secret"}},
        FormFields{{"decision", "answer"}, {"decision", "decline"}},
        FormFields{{"decision", "answer"}, {"userName", "a"}, {"userName", "b"}},
        FormFields{{"decision", "answer"}, {"attribute:x", "a"}, {"attribute:x", "b"}},
        FormFields{{"decision", "answer"}, {"consent:terms", "shown"}},
        FormFields{{"decision", "answer"}, {"consent:terms:", "shown"}},
        FormFields{{"decision", "answer"}, {"consent:terms:0", "shown"}},
        FormFields{{"decision", "answer"}, {"consent:terms:-1", "shown"}},
        FormFields{{"decision", "answer"}, {"consent:terms:1x", "shown"}},
        FormFields{{"decision", "answer"}, {"consent:terms:4294967296", "shown"}},
        FormFields{{"decision", "answer"}, {"consent::1", "shown"}},
        FormFields{{"decision", "answer"}, {"consent:terms:1", "secret"}},
        FormFields{
            {"decision", "answer"}, {"consent:terms:1", "shown"}, {"consent:terms:2", "shown"}},
        FormFields{{"decision", "answer"}, {"agree:terms:", "yes"}},
        FormFields{{"decision", "answer"}, {"consent:terms:1", "shown"}, {"agree:term:", "yes"}},
        FormFields{{"decision", "answer"}, {"consent:terms:1", "shown"}, {"agree:terms", "yes"}},
        FormFields{{"decision", "answer"}, {"consent:terms:1", "shown"}, {"agree:terms:", "no"}}));

struct DateTime {
  std::string sent;
  std::string value;
};
void PrintTo(const DateTime& date, std::ostream* out) { *out << date.sent; }

class DateTimeAnswer : public testing::TestWithParam<DateTime> {};

TEST_P(DateTimeAnswer, IsInUtcWithoutAZone) {
  const std::string path = "urn:example:params:User:startsAt";
  const auto reply = readAnswers({{"attribute:" + path, GetParam().sent}, {"decision", "answer"}},
                                 test::fullForm());
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->answers.attributes[0].second, GetParam().value);
  const auto text = readAnswers(
      {{"attribute:displayName", GetParam().sent}, {"decision", "answer"}}, test::fullForm());
  EXPECT_EQ(text->answers.attributes[0].second, GetParam().sent) << "only of a date";
}

INSTANTIATE_TEST_SUITE_P(
    Dates, DateTimeAnswer,
    testing::Values(DateTime{"2026-11-30T10:00", "2026-11-30T10:00:00Z"},
                    DateTime{"2026-11-30T10:00:30", "2026-11-30T10:00:30Z"},
                    DateTime{"2026-11-30T10:00:30.5", "2026-11-30T10:00:30.5Z"},
                    DateTime{"2026-11-30T10:00:00+01:00", "2026-11-30T10:00:00+01:00"},
                    DateTime{"2026-11-30T10:00:00Z", "2026-11-30T10:00:00Z"},
                    DateTime{"2026-11-30", "2026-11-30"},
                    DateTime{"tomorrow at ten", "tomorrow at ten"}, DateTime{"", ""}));

}  // namespace
}  // namespace vestibule::http
