#include "jit/consent_purpose.h"

#include <gtest/gtest.h>

#include "jit/language_tag.h"
#include "unit/jit/jit_fixture.h"

namespace vestibule::jit {
namespace {

using test::parsed;
using test::schemas;

Result<ConsentPurpose> compilePurpose(std::string_view document) {
  return compileConsentPurpose(*schemas().registry, *schemas().user, parsed(document));
}

/// A purpose with these members beside its name and an English text.
std::string with(const std::string& members) {
  return R"({"name": "p", "texts": {"en": {"title": "T", "description": "D"}})" +
         (members.empty() ? "" : ", " + members) + "}";
}

ConsentPurpose purpose(const std::string& members) {
  auto compiled = compilePurpose(with(members));
  EXPECT_TRUE(compiled) << compiled.error().detail;
  return compiled ? *std::move(compiled) : ConsentPurpose();
}

/// `emails=1 title=3`: since when each attribute's terms hold.
std::string terms(const ConsentPurpose& purpose) {
  std::string text;
  for (const auto& attribute : purpose.attributes) {
    text +=
        (text.empty() ? "" : " ") + attribute.path.text() + "=" + std::to_string(attribute.since);
  }
  return text;
}

TEST(ConsentPurpose, WritesItsDefaultsOutInAFormThatReadsAsItself) {
  struct Case {
    const char* members;
    const char* canonical;
  };
  const Case cases[] = {
      {"",
       R"({"name":"p","texts":{"en":{"title":"T","description":"D"}},"attributes":[],"onWithdrawal":"disableUser"})"},
      {R"("attributes": [{"attribute": "EMAILS"}, {"attribute": "name.givenname", "mandatory": true}])",
       R"({"name":"p","texts":{"en":{"title":"T","description":"D"}},"attributes":[{"attribute":"emails","mandatory":false},{"attribute":"name.givenName","mandatory":true}],"onWithdrawal":"removeValues"})"},
      {R"("attributes": [{"attribute": "emails"}], "onWithdrawal": "disableUser")",
       R"({"name":"p","texts":{"en":{"title":"T","description":"D"}},"attributes":[{"attribute":"emails","mandatory":false}],"onWithdrawal":"disableUser"})"},
  };
  for (const Case& look : cases) {
    SCOPED_TRACE(look.members);
    const auto compiled = purpose(look.members);
    EXPECT_EQ(json::write(compiled.document), look.canonical);
    const auto again = compilePurpose(json::write(compiled.document));
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(again->document, compiled.document);
  }
}

TEST(ConsentPurpose, WithoutAttributesIsAgreedToAsAWhole) {
  const auto whole = purpose("");
  ASSERT_EQ(whole.attributes.size(), 1U);
  EXPECT_EQ(whole.attributes[0].path.text(), "");
  EXPECT_TRUE(whole.attributes[0].mandatory);
  EXPECT_EQ(whole.on_withdrawal, OnWithdrawal::kDisableUser);
}

TEST(ConsentPurpose, NamesWhatIsWrongAndIgnoresNothing) {
  const std::string text = R"({"title": "T", "description": "D"})";
  const std::string long_title(201, 't');
  struct Case {
    std::string document;
    const char* part_of_text;
  };
  const Case cases[] = {
      {"[]", "JSON object"},
      {"{}", "/name"},
      {R"({"name": "a/b", "texts": {"en": )" + text + "}}", "/name"},
      {R"({"name": "p"})", "/texts"},
      {R"({"name": "p", "texts": []})", "/texts"},
      {R"({"name": "p", "texts": {"de": )" + text + "}}", "'en'"},
      {R"({"name": "p", "texts": {"en": "T"}})", "/texts/en"},
      {R"({"name": "p", "texts": {"en": {"title": "T"}}})", "/texts/en/description"},
      {R"({"name": "p", "texts": {"en": {"title": " ", "description": "D"}}})", "/texts/en/title"},
      {R"({"name": "p", "texts": {"en": {"title": ")" + long_title + R"(", "description": "D"}}})",
       "/texts/en/title"},
      {R"({"name": "p", "texts": {"en": {"title": "a\nb", "description": "D"}}})",
       "/texts/en/title"},
      {R"({"name": "p", "texts": {"en": {"title": "T", "description": "\u0001"}}})",
       "/texts/en/description"},
      {R"({"name": "p", "texts": {"en": {"title": "T", "description": "D", "x": 1}}})",
       "/texts/en"},
      {R"({"name": "p", "texts": {"en": )" + text + R"(, "english": )" + text + "}}", "english"},
      {R"({"name": "p", "texts": {"en": )" + text + R"(, "pt-BR": )" + text + R"(, "pt_BR": )" +
           text + "}}",
       "pt_BR"},
      {with(R"("extra": 1)"), "extra"},
      {with(R"("attributes": {})"), "/attributes"},
      {with(R"("attributes": ["emails"])"), "/attributes/0"},
      {with(R"("attributes": [{}])"), "/attributes/0/attribute"},
      {with(R"("attributes": [{"attribute": "nothing"}])"), "/attributes/0/attribute"},
      {with(R"("attributes": [{"attribute": "userName"}])"), "/attributes/0/attribute"},
      {with(R"("attributes": [{"attribute": "emails", "mandatory": "yes"}])"),
       "/attributes/0/mandatory"},
      {with(R"("attributes": [{"attribute": "emails", "since": 1}])"), "since"},
      {with(R"("attributes": [{"attribute": "emails"}, {"attribute": "EMAILS"}])"),
       "/attributes/1/attribute"},
      {with(R"("attributes": [{"attribute": "name.givenName"}, {"attribute": "name"}])"),
       "/attributes/1/attribute"},
      {with(R"("onWithdrawal": "nothing")"), "/onWithdrawal"},
      {with(R"("onWithdrawal": "removeValues")"), "/onWithdrawal"},
  };
  for (const Case& look : cases) {
    SCOPED_TRACE(look.document);
    const auto compiled = compilePurpose(look.document);
    ASSERT_FALSE(compiled);
    EXPECT_NE(compiled.error().detail.find(look.part_of_text), std::string::npos)
        << compiled.error().detail;
  }
}

TEST(ConsentPurpose, AsksAgainOnlyForWhatHasChanged) {
  const std::string both =
      R"("attributes": [{"attribute": "emails"}, {"attribute": "title", "mandatory": true}])";
  const std::string reworded =
      R"({"name": "p", "texts": {"en": {"title": "T", "description": "Other"}}, )" + both + "}";
  struct Case {
    const char* what;
    std::string document;
    bool editorial;
    const char* terms;
  };
  const Case cases[] = {
      {"an attribute is new",
       with(R"("attributes": [{"attribute": "emails"}, {"attribute": "title", "mandatory": true},
            {"attribute": "nickName"}])"),
       false, "emails=4 title=4 nickName=5"},
      {"an attribute became mandatory",
       with(R"("attributes": [{"attribute": "emails", "mandatory": true},
            {"attribute": "title", "mandatory": true}])"),
       false, "emails=5 title=4"},
      {"an attribute became optional",
       with(R"("attributes": [{"attribute": "emails"}, {"attribute": "title"}])"), false,
       "emails=4 title=4"},
      {"an attribute is gone", with(R"("attributes": [{"attribute": "emails"}])"), false,
       "emails=4"},
      {"a text changed", reworded, false, "emails=5 title=5"},
      {"a text changed editorially", reworded, true, "emails=4 title=4"},
      {"an editorial change adds an attribute", with(R"("attributes": [{"attribute": "photos"}])"),
       true, "photos=5"},
      {"no attribute is named any more", with(""), false, "=5"},
      {"only what a withdrawal does changed", with(both + R"(, "onWithdrawal": "disableUser")"),
       false, "emails=4 title=4"},
  };
  auto before = purpose(both);
  settleTerms(before, 4, nullptr, false);
  ASSERT_EQ(terms(before), "emails=4 title=4");
  for (const Case& look : cases) {
    SCOPED_TRACE(look.what);
    auto after = compilePurpose(look.document);
    ASSERT_TRUE(after) << after.error().detail;
    settleTerms(*after, 5, &before, look.editorial);
    EXPECT_EQ(terms(*after), look.terms);
    EXPECT_EQ(after->version, 5U);
  }
}

TEST(ConsentPurpose, ComesBackFromItsRow) {
  auto made = purpose(R"("attributes": [{"attribute": "emails"}])");
  settleTerms(made, 3, nullptr, false);
  store::ConsentPurposeRow row;
  row.number = 7;
  row.name = "p";
  row.version = 4;
  row.text = textOf(made);
  const auto compiled = compileConsentPurpose(*schemas().registry, *schemas().user, row);
  ASSERT_TRUE(compiled) << compiled.error().detail;
  EXPECT_EQ(compiled->number, 7U);
  EXPECT_EQ(compiled->version, 4U);
  EXPECT_EQ(terms(*compiled), "emails=3");
  for (const char* bad : {"", "[]", "{}", R"({"emails": "3"})", R"({"emails": 0})"}) {
    row.text.terms = bad;
    const auto broken = compileConsentPurpose(*schemas().registry, *schemas().user, row);
    ASSERT_FALSE(broken) << bad;
    EXPECT_EQ(broken.error().kind, ErrorKind::kInternal);
  }
}

TEST(ConsentPurpose, SpeaksTheLanguageTheRegionlessOneOrEnglish) {
  const auto compiled = compilePurpose(
      R"({"name": "p", "texts": {"en": {"title": "en", "description": "D"},
          "DE": {"title": "de", "description": "D"}, "pt-br": {"title": "br", "description": "D"}}})");
  ASSERT_TRUE(compiled) << compiled.error().detail;
  const std::pair<const char*, const char*> cases[] = {
      {"de", "de"}, {"de-AT", "de"}, {"pt-BR", "br"}, {"PT-br", "br"},
      {"pt", "en"}, {"fr", "en"},    {"", "en"},      {"../..", "en"}};
  for (const auto& [wanted, title] : cases) {
    EXPECT_EQ(textIn(*compiled, wanted).second.title, title) << wanted;
  }
}

TEST(LanguageTag, IsWrittenAsTheRfcWritesIt) {
  const std::pair<const char*, const char*> cases[] = {{"de", "de"},
                                                       {"DE", "de"},
                                                       {"pt-br", "pt-BR"},
                                                       {"ZH-hant", "zh-Hant"},
                                                       {"sr-latn-rs", "sr-Latn-RS"},
                                                       {"de-1996", "de-1996"},
                                                       {"en-x-us", "en-x-us"},
                                                       {"gsw", "gsw"}};
  for (const auto& [tag, canonical] : cases) EXPECT_EQ(canonicalLanguage(tag), canonical) << tag;
  for (const char* bad : {"", "e", "english", "de_AT", "de-", "-de", "de--AT", "12", "d3",
                          "de-123456789", "en-aaaaaaaa-bbbbbbbb-cccccccc-dddddddd", "d\xc3\xa9"}) {
    EXPECT_FALSE(canonicalLanguage(bad)) << bad;
  }
}

}  // namespace
}  // namespace vestibule::jit
