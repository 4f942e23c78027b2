#include "jit/consent.h"

#include <gtest/gtest.h>

#include "unit/jit/jit_fixture.h"

namespace vestibule::jit {
namespace {

using store::Consent;
using store::ConsentDecision;
using test::schemas;

using Purposes = std::vector<std::shared_ptr<const ConsentPurpose>>;
using Decisions = std::vector<ConsentDecision>;

/// An attribute as a table names it: `emails` or `!emails` (mandatory), and since when.
PurposeAttribute attribute(std::string_view text, std::uint32_t since) {
  const bool mandatory = text.starts_with('!');
  return {ConsentPath::ofText(std::string(text.substr(mandatory ? 1 : 0))), mandatory, since};
}

std::shared_ptr<const ConsentPurpose> purpose(PurposeNumber number, std::uint32_t version,
                                              std::vector<PurposeAttribute> attributes) {
  auto made = std::make_shared<ConsentPurpose>();
  made->number = number;
  made->version = version;
  made->name = "p" + std::to_string(number);
  made->attributes = std::move(attributes);
  return made;
}

/// `p2: emails title` for each purpose.
std::string written(const std::vector<AskedPurpose>& asked) {
  std::string text;
  for (const auto& one : asked) {
    text += (text.empty() ? "" : "; ") + one.purpose->name + ":";
    for (const auto& attribute : one.attributes) text += " " + attribute.path.text();
  }
  return text;
}

std::string written(const Decisions& decisions) {
  std::string text;
  for (const auto& one : decisions) {
    text += (text.empty() ? "" : "; ") + std::to_string(one.purpose) + "@" +
            std::to_string(one.version) + " " + one.attribute + "=" +
            std::to_string(static_cast<int>(one.consent));
  }
  return text;
}

TEST(PendingConsent, IsWhatWasNeverAnsweredToWhatHasChangedAndWhatIsMandatory) {
  struct Case {
    const char* what;
    PurposeAttribute attribute;
    Decisions decisions;
    bool pending;
  };
  const Case cases[] = {
      {"nobody was asked", attribute("title", 1), {}, true},
      {"agreed", attribute("title", 1), {{2, 1, "title", Consent::kAgreed}}, false},
      {"refused", attribute("title", 1), {{2, 1, "title", Consent::kRefused}}, false},
      {"withdrawn", attribute("title", 1), {{2, 1, "title", Consent::kWithdrawn}}, false},
      {"agreed, and the terms changed",
       attribute("title", 3),
       {{2, 2, "title", Consent::kAgreed}},
       true},
      {"refused, and the terms changed",
       attribute("title", 3),
       {{2, 2, "title", Consent::kRefused}},
       true},
      {"agreed to a later version than that of the terms",
       attribute("title", 3),
       {{2, 4, "title", Consent::kAgreed}},
       false},
      {"mandatory and agreed", attribute("!title", 1), {{2, 1, "title", Consent::kAgreed}}, false},
      {"mandatory and refused", attribute("!title", 1), {{2, 1, "title", Consent::kRefused}}, true},
      {"mandatory and withdrawn",
       attribute("!title", 1),
       {{2, 1, "title", Consent::kWithdrawn}},
       true},
      {"agreed to another purpose",
       attribute("title", 1),
       {{3, 1, "title", Consent::kAgreed}},
       true},
      {"agreed to another attribute",
       attribute("title", 1),
       {{2, 1, "titles", Consent::kAgreed}},
       true},
      {"a whole purpose", attribute("!", 1), {}, true},
      {"a whole purpose agreed", attribute("!", 1), {{2, 1, "", Consent::kAgreed}}, false},
  };
  for (const Case& look : cases) {
    SCOPED_TRACE(look.what);
    const auto pending = pendingConsent({purpose(2, 5, {look.attribute})}, look.decisions);
    EXPECT_EQ(pending.size(), look.pending ? 1U : 0U);
  }
}

TEST(PendingConsent, LeavesOutAttributesAndPurposesThatNeedNoAnswer) {
  const Purposes purposes{
      purpose(2, 3, {attribute("!emails", 1), attribute("title", 3), attribute("nickName", 1)}),
      purpose(3, 1, {attribute("photos", 1)}), purpose(4, 1, {attribute("!", 1)})};
  const Decisions decisions{{2, 1, "emails", Consent::kAgreed},
                            {2, 1, "title", Consent::kAgreed},
                            {3, 1, "photos", Consent::kRefused}};
  EXPECT_EQ(written(pendingConsent(purposes, decisions)), "p2: title nickName; p4: ");
  EXPECT_TRUE(pendingConsent({}, decisions).empty());
}

TEST(DecisionsOfAnswers, AgreeToWhatIsNamedAndRefuseTheRest) {
  const auto mail = purpose(2, 5, {attribute("!emails", 1), attribute("title", 1)});
  const auto whole = purpose(3, 1, {attribute("!", 1)});
  const std::vector<AskedPurpose> asked{{mail, mail->attributes}, {whole, whole->attributes}};
  struct Case {
    const char* what;
    std::vector<ConsentAnswer> answers;
    const char* decisions;
  };
  const Case cases[] = {
      {"everything",
       {{"p2", 5, {"emails", "title"}}, {"p3", 1, {""}}},
       "2@5 emails=1; 2@5 title=1; 3@1 =1"},
      {"a part", {{"p2", 5, {"emails"}}, {"p3", 1, {}}}, "2@5 emails=1; 2@5 title=0; 3@1 =0"},
      {"nothing", {}, "2@5 emails=0; 2@5 title=0; 3@1 =0"},
      {"another version than was asked about",
       {{"p2", 4, {"emails", "title"}}},
       "2@5 emails=0; 2@5 title=0; 3@1 =0"},
      {"what was not asked about",
       {{"p2", 5, {"photos"}}, {"p9", 1, {"emails"}}},
       "2@5 emails=0; 2@5 title=0; 3@1 =0"},
  };
  for (const Case& look : cases) {
    SCOPED_TRACE(look.what);
    EXPECT_EQ(written(decisionsOf(asked, look.answers)), look.decisions);
  }
}

TEST(CombinedDecisions, ReplaceThoseAboutTheSameAndKeepTheOthers) {
  const Decisions before{{3, 1, "title", Consent::kRefused}, {2, 1, "title", Consent::kAgreed}};
  const Decisions made{{2, 4, "title", Consent::kRefused}, {2, 4, "", Consent::kAgreed}};
  EXPECT_EQ(written(combined(before, made)), "2@4 =1; 2@4 title=0; 3@1 title=0");
  EXPECT_EQ(written(combined({}, {})), "");
}

TEST(RefusedAttributes, StayAwayUnlessAnotherPurposeWasAgreedTo) {
  const auto target = AttributeTarget::bind(*schemas().registry, *schemas().user,
                                            R"(emails[type eq "work"].value)");
  ASSERT_TRUE(target);
  struct Case {
    const char* what;
    Decisions decisions;
    bool refused;
  };
  const Case cases[] = {
      {"nothing decided", {}, false},
      {"agreed", {{2, 1, "emails", Consent::kAgreed}}, false},
      {"refused", {{2, 1, "emails", Consent::kRefused}}, true},
      {"withdrawn", {{2, 1, "emails", Consent::kWithdrawn}}, true},
      {"refused here, agreed there",
       {{2, 1, "emails", Consent::kRefused}, {3, 1, "emails", Consent::kAgreed}},
       false},
      {"agreed here, withdrawn there",
       {{2, 1, "emails", Consent::kAgreed}, {3, 1, "emails", Consent::kWithdrawn}},
       false},
      {"another attribute refused", {{2, 1, "title", Consent::kRefused}}, false},
      {"refused, and a purpose as a whole agreed",
       {{1, 1, "", Consent::kAgreed}, {2, 1, "emails", Consent::kRefused}},
       true},
      {"a purpose as a whole withdrawn", {{1, 1, "", Consent::kWithdrawn}}, false},
  };
  for (const Case& look : cases) {
    SCOPED_TRACE(look.what);
    EXPECT_EQ(isRefused(look.decisions, *target), look.refused);
  }
}

}  // namespace
}  // namespace vestibule::jit
