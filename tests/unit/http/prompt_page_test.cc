#include "http/prompt_page.h"

#include <gtest/gtest.h>

#include "support/hostile_texts.h"
#include "support/html_outline.h"
#include "support/prompt_forms.h"

namespace vestibule::http {
namespace {

using jit::FieldProblem;
using Reason = FieldProblem::Reason;

class PromptPage : public testing::Test {
 protected:
  PromptPage() : themes_(std::string(VESTIBULE_SOURCE_DIR) + "/web/prompt", {}) {
    auto theme = themes_.theme("");
    if (!theme) throw std::runtime_error(theme.error().detail);
    theme_ = *theme;
    state_.address = {"", "ticket", false};
    state_.csrf = "token";
  }

  const LanguageTexts& texts(std::string_view language) const {
    return theme_->texts().choose(language, "");
  }
  std::string page(const jit::PromptForm& form, std::string_view language = "en") const {
    return renderPrompt(*theme_, texts(language), form, state_);
  }
  static bool holds(const std::string& page, std::string_view text) {
    return page.find(text) != std::string::npos;
  }

  PromptThemes themes_;
  std::shared_ptr<const PromptTheme> theme_;
  PageState state_;
};

TEST_F(PromptPage, AsksExactlyWhatTheFormAsks) {
  const auto html = page(test::fullForm());
  const test::HtmlOutline outline(html);
  EXPECT_EQ(outline.complaints(), "");
  for (const auto* name :
       {"csrf", "userName", "password", "passwordConfirmation", "attribute:displayName",
        "attribute:phoneNumbers[type eq &quot;mobile&quot;].value",
        "attribute:urn:example:params:User:workStation", "consent:terms:3",
        "agree:terms:", "consent:directory:3", "agree:directory:name", "agree:directory:emails",
        "agree:newsletter:emails"}) {
    EXPECT_NE(outline.find("name", name), nullptr) << name;
  }
  const auto* form = outline.find("method", "post");
  ASSERT_NE(form, nullptr);
  EXPECT_EQ(form->at("action"), "/provision/ticket");
  EXPECT_EQ(form->at("data-check-url"), "/provision/ticket/user-name");
}

TEST_F(PromptPage, HasNoFieldThatNobodyAskedFor) {
  auto form = test::emptyForm();
  form.claims = test::someClaims();
  const test::HtmlOutline outline(page(form));
  EXPECT_EQ(outline.complaints(), "");
  EXPECT_EQ(outline.count("input"), 1U) << "the token alone";
  EXPECT_EQ(outline.count("select"), 0U);
  EXPECT_EQ(outline.count("button"), 2U);
  EXPECT_EQ(outline.find("method", "post")->at("data-check-url"), "");
}

TEST_F(PromptPage, ShowsClaimsWithoutFields) {
  auto form = test::emptyForm();
  form.claims = {{"emails", json::Array{json::Object{{"value", "a@example.com"}}, "b@example.com"}},
                 {"active", true},
                 {"urn:example:User:size", 7},
                 {"addresses", json::Object{{"locality", "Ulm"}, {"country", "DE"}}},
                 {"photos", std::string(1'000, 'x')}};
  const auto html = page(form, "de");
  for (const auto* text : {"a@example.com", "b@example.com", ">Ja<", ">7<", "Ulm", "Konto aktiv"}) {
    EXPECT_TRUE(holds(html, text)) << text;
  }
  EXPECT_FALSE(holds(html, std::string(301, 'x'))) << "long values are cut";
}

TEST_F(PromptPage, FillsInAFreeNameAndSaysWhy) {
  const test::HtmlOutline outline(page(test::fullForm()));
  const auto* input = outline.find("name", "userName");
  EXPECT_EQ(input->at("value"), "ada2");
  EXPECT_EQ(input->at("aria-describedby"), "user-name-taken user-name-hint");
  EXPECT_EQ(input->at("autocomplete"), "username");
  EXPECT_EQ(outline.find("name", "password")->at("autocomplete"), "new-password");
}

TEST_F(PromptPage, ShowsAnswersAgainButNoPassword) {
  jit::PromptAnswers previous;
  previous.user_name = "grace";
  previous.password.emplace("hunter2hunter2");
  previous.password_confirmation.emplace("hunter2hunter3");
  previous.attributes = {{"displayName", "Grace"},
                         {"urn:example:params:User:workStation", "door"},
                         {"urn:example:params:User:isContractor", "false"},
                         {"urn:example:params:User:startsAt", "2026-11-30T10:00:00Z"}};
  previous.consents = {{"directory", 3, {"emails"}}, {"terms", 3, {""}}};
  state_.previous = &previous;
  state_.problems = {{"passwordConfirmation", Reason::kMismatch, ""}};
  const auto html = page(test::fullForm());
  const test::HtmlOutline outline(html);
  EXPECT_EQ(outline.complaints(), "");
  EXPECT_FALSE(holds(html, "hunter2"));
  EXPECT_EQ(outline.find("name", "userName")->at("value"), "grace");
  EXPECT_EQ(outline.find("name", "attribute:displayName")->at("value"), "Grace");
  EXPECT_TRUE(outline.find("value", "door")->has("selected"));
  EXPECT_FALSE(outline.find("value", "window")->has("selected"));
  EXPECT_TRUE(outline.find("value", "false")->has("selected"));
  EXPECT_EQ(outline.find("type", "datetime-local")->at("value"), "2026-11-30T10:00:00");
  EXPECT_TRUE(outline.find("name", "agree:directory:emails")->has("checked"));
  EXPECT_TRUE(outline.find("name", "agree:terms:")->has("checked"));
  EXPECT_FALSE(outline.find("name", "agree:newsletter:emails")->has("checked"));
  EXPECT_FALSE(outline.find("name", "agree:directory:name")->has("checked"));
}

TEST_F(PromptPage, TicksNothingByItself) {
  const test::HtmlOutline outline(page(test::fullForm()));
  for (const auto& element : outline.elements()) {
    EXPECT_FALSE(element.has("checked"));
    EXPECT_FALSE(element.has("selected"));
  }
}

TEST_F(PromptPage, TellsEachProblemAboveAndBesideItsField) {
  state_.problems = {{"nothing", Reason::kNotAskedFor, "x"},
                     {"consent.directory.name", Reason::kMandatory, "x"},
                     {"consent.terms", Reason::kMandatory, "x"},
                     {"consent.newsletter", Reason::kOutdated, "x"},
                     {"attributes.urn:example:params:User:floor", Reason::kInvalid, "x"},
                     {"attributes.urn:example:params:User:startsAt", Reason::kInvalid, "x"},
                     {"attributes.displayName", Reason::kMissing, "x"},
                     {"passwordConfirmation", Reason::kMismatch, "x"},
                     {"password", Reason::kPolicy, "At least <12> characters"},
                     {"userName", Reason::kPolicy, "Only letters"},
                     {"userName", Reason::kTaken, "x"}};
  const auto html = page(test::fullForm());
  const test::HtmlOutline outline(html);
  EXPECT_EQ(outline.complaints(), "");
  const std::vector<std::string> ids = {"user-name",   "password",    "password-confirmation",
                                        "attribute-0", "attribute-4", "attribute-5",
                                        "consent-0-0", "consent-1-0", "consent-2-0"};
  for (const auto& id : ids) {
    EXPECT_NE(outline.find("href", '#' + id), nullptr) << id;
    EXPECT_EQ(outline.find("id", id)->at("aria-invalid"), "true") << id;
    EXPECT_TRUE(holds(outline.find("id", id)->at("aria-describedby"), "-problem")) << id;
  }
  EXPECT_EQ(outline.find("name", "agree:directory:emails")->at("aria-invalid"), "");
  EXPECT_EQ(outline.find("role", "alert")->at("tabindex"), "-1");
  EXPECT_TRUE(outline.find("role", "alert")->has("autofocus"));
  // In the order of the page, with the one that no field has at the end.
  std::size_t last = 0;
  for (const auto& id : ids) {
    const auto at = html.find("href=\"#" + id + '"');
    EXPECT_GT(at, last) << id;
    last = at;
  }
  EXPECT_GT(html.find("Something was sent that nobody asked for"), last);
  for (const auto* text :
       {"<title>Error: Set up your account</title>", "Only letters", "The user name is taken",
        "At least &lt;12&gt; characters", "“Floor” has to be a number", "“Display name” is missing",
        "“Starts at” has to be a date with a time", "“Newsletter” has changed",
        "Your consent to “Terms of use” is needed",
        "Your consent to “Company directory: Name” is needed"}) {
    EXPECT_TRUE(holds(html, text)) << text;
  }
}

TEST_F(PromptPage, SaysAPolicysTextOnceWhereItIsTheProblem) {
  const auto form = test::fullForm();
  state_.problems = {{"userName", Reason::kPolicy, form.user_name->hint},
                     {"password", Reason::kPolicy, form.password->hint}};
  const test::HtmlOutline outline(page(form));
  EXPECT_EQ(outline.complaints(), "");
  for (const auto* id : {"user-name", "password"}) {
    EXPECT_EQ(outline.find("id", std::string(id) + "-hint"), nullptr) << id;
    EXPECT_NE(outline.find("id", std::string(id) + "-problem"), nullptr) << id;
  }
}

TEST_F(PromptPage, HasAPolicysTextOfItsOwnWhereTheDomainHasNone) {
  state_.problems = {{"userName", Reason::kPolicy, ""}, {"password", Reason::kPolicy, ""}};
  const auto html = page(test::fullForm(), "de");
  EXPECT_TRUE(holds(html, "Dieser Name ist nicht erlaubt."));
  EXPECT_TRUE(holds(html, "Dieses Passwort entspricht nicht den Regeln."));
}

TEST_F(PromptPage, SpeaksTheLanguageThatWasChosen) {
  const auto german = page(test::fullForm(), "de");
  EXPECT_TRUE(holds(german, "<html lang=\"de\" dir=\"ltr\">"));
  for (const auto* text : {"Konto einrichten", "Benutzername", "Telefon (mobil)", "Rundbrief",
                           "erforderlich", "freiwillig", "Example Corp"}) {
    EXPECT_TRUE(holds(german, text)) << text;
  }
  const test::HtmlOutline outline(german);
  EXPECT_TRUE(outline.find("hreflang", "de")->has("aria-current"));
  EXPECT_EQ(outline.find("hreflang", "en")->at("href"), "/provision/ticket?lang=en");
  EXPECT_EQ(outline.find("method", "post")->at("action"), "/provision/ticket");
  state_.address.language_was_asked_for = true;
  const test::HtmlOutline asked_for(page(test::fullForm(), "de"));
  EXPECT_EQ(asked_for.find("method", "post")->at("action"), "/provision/ticket?lang=de");
}

TEST_F(PromptPage, ShowsAPurposeInTheNextBestLanguageAndSaysWhich) {
  auto form = test::emptyForm();
  auto purpose = std::make_shared<jit::ConsentPurpose>();
  purpose->name = "cookies";
  purpose->texts = {{"en", {"Cookies", "Small ones."}}, {"fr", {"Biscuits", "Petits."}}};
  purpose->attributes = {{jit::ConsentPath::ofText("emails"), false, 1}};
  form.purposes = {{purpose, purpose->attributes}};
  const auto html = page(form, "de");
  EXPECT_TRUE(holds(html, "<bdi lang=\"en\">Cookies</bdi>"));
  EXPECT_FALSE(holds(page(form, "en"), "<bdi lang="));
}

TEST_F(PromptPage, StandsBelowThePathOfThePublicUrl) {
  state_.address.base = "/vestibule";
  const test::HtmlOutline outline(page(test::fullForm()));
  EXPECT_EQ(outline.find("method", "post")->at("action"), "/vestibule/provision/ticket");
  EXPECT_TRUE(holds(outline.find("rel", "stylesheet")->at("href"),
                    "/vestibule/provision/assets/default/style.css?v="));
}

TEST_F(PromptPage, HasNoScriptAndNoStyleOfItsOwn) {
  const auto html = page(test::fullForm());
  const test::HtmlOutline outline(html);
  EXPECT_EQ(outline.count("style"), 0U);
  EXPECT_EQ(outline.count("script"), 1U);
  for (const auto& element : outline.elements()) {
    EXPECT_FALSE(element.has("style")) << element.tag;
    for (const auto& [name, value] : element.attributes) {
      EXPECT_FALSE(name.starts_with("on")) << element.tag << ' ' << name;
    }
    EXPECT_TRUE(element.tag != "script" || element.has("src"));
  }
}

/// A form whose every text is `text`.
jit::PromptForm formOf(const std::string& text) {
  auto form = test::fullForm();
  form.identity_provider = text;
  form.description = text;
  form.domain = text;
  form.fixed_user_name = text;
  form.user_name = jit::AskedUserName{text, text, text, text};
  form.password = jit::AskedPassword{text, text};
  form.attributes = {{text, scim::AttributeType::kString, {text}, text},
                     {text + "2", scim::AttributeType::kString, {}, text}};
  form.claims = {{text, text},
                 {text, json::Array{text, json::Object{{text, text}}, json::Array{text}}}};
  form.purposes = {test::askedPurpose(text, {text, text}, {text, text}, {text, '!' + text + "2"}),
                   test::askedPurpose(text + "2", {text, text}, {text, text}, {})};
  return form;
}

TEST_F(PromptPage, IsTheSameElementsWhateverTheTextsHold) {
  jit::PromptAnswers previous;
  const auto outlineOf = [&](const std::string& text) {
    previous = {};
    previous.user_name = text;
    previous.attributes = {{text + "2", text}};
    previous.consents = {{text, 3, {text}}};
    state_.previous = &previous;
    state_.csrf = text;
    state_.address.ticket = text;
    state_.problems = {{"userName", Reason::kPolicy, text},
                       {text, Reason::kPolicy, text},
                       {"attributes." + text, Reason::kMissing, text},
                       {"consent." + text, Reason::kMandatory, text},
                       {"consent." + text + '.' + text, Reason::kMandatory, text}};
    return test::HtmlOutline(page(formOf(text), "en"));
  };
  const auto plain = outlineOf("plain");
  ASSERT_EQ(plain.complaints(), "");
  std::vector<std::string> texts = test::hostileTexts();
  for (const auto* text : {"<script>alert(1)</script>", "</title><script>alert(1)</script>",
                           "\"><img src=x onerror=a>", "' onfocus='alert(1)' autofocus='",
                           "--><svg onload=alert(1)>", "{{{csrf}}}", "{{>head}}", "{{#problems}}",
                           "</textarea>", "&lt;b&gt;", "javascript:alert(1)", "]]>", "<!--"}) {
    texts.emplace_back(text);
  }
  for (const auto& text : texts) {
    const auto outline = outlineOf(text);
    EXPECT_EQ(outline.complaints(), "") << text;
    ASSERT_EQ(outline.elements().size(), plain.elements().size()) << text;
    for (std::size_t i = 0; i < plain.elements().size(); ++i) {
      const auto& expected = plain.elements()[i];
      const auto& element = outline.elements()[i];
      EXPECT_EQ(element.tag, expected.tag) << text;
      ASSERT_EQ(element.attributes.size(), expected.attributes.size()) << text << element.tag;
      for (const auto& [name, value] : expected.attributes) {
        EXPECT_TRUE(element.has(name)) << text << ": " << name;
      }
    }
  }
}

TEST_F(PromptPage, CarriesManyPurposesAndLongTexts) {
  auto form = test::fullForm();
  form.purposes.clear();
  const std::string lengthy(5'000, 'x');
  for (int i = 0; i < 30; ++i) {
    form.purposes.push_back(test::askedPurpose("purpose-" + std::to_string(i), {lengthy, lengthy},
                                               {lengthy, lengthy}, {"!name", "emails"}));
  }
  const test::HtmlOutline outline(page(form));
  EXPECT_EQ(outline.complaints(), "");
  EXPECT_EQ(outline.count("fieldset"), 32U);
}

struct OutcomeCase {
  PromptOutcome outcome;
  int status;
  std::string english;
  std::string german;
};

TEST_F(PromptPage, SaysHowItEnded) {
  const std::vector<OutcomeCase> cases = {
      {PromptOutcome::kDone, 200, "All done", "Alles erledigt"},
      {PromptOutcome::kDeclined, 200, "Cancelled", "Abgebrochen"},
      {PromptOutcome::kAnswered, 410, "Already answered", "Schon beantwortet"},
      {PromptOutcome::kExpired, 410, "This page has expired", "Diese Seite ist abgelaufen"},
      {PromptOutcome::kUnknown, 404, "Page not found", "Seite nicht gefunden"},
      {PromptOutcome::kRefused, 403, "could not be set up", "konnte nicht eingerichtet werden"},
      {PromptOutcome::kMalformed, 400, "did not arrive", "nicht angekommen"},
      {PromptOutcome::kBusy, 503, "try again in a moment", "gleich noch einmal"},
      {PromptOutcome::kFailed, 500, "Something went wrong", "Etwas ist schiefgegangen"}};
  for (const auto& [outcome, status, english, german] : cases) {
    EXPECT_EQ(statusOf(outcome), status);
    const OutcomePage about{state_.address, outcome, "", "JIT-<b>"};
    const auto html = renderOutcome(*theme_, texts("en"), about);
    const test::HtmlOutline outline(html);
    EXPECT_EQ(outline.complaints(), "");
    EXPECT_EQ(outline.count("script") + outline.count("form"), 0U);
    EXPECT_TRUE(holds(html, english)) << english;
    EXPECT_TRUE(holds(html, "JIT-&lt;b&gt;"));
    EXPECT_TRUE(holds(renderOutcome(*theme_, texts("de"), about), german)) << german;
  }
}

TEST_F(PromptPage, GoesOnToTheReturnUrl) {
  OutcomePage about{state_.address, PromptOutcome::kDone, "https://gw.example/?a=1&prompt=\"x", ""};
  const test::HtmlOutline outline(renderOutcome(*theme_, texts("en"), about));
  EXPECT_EQ(outline.find("http-equiv", "refresh")->at("content"),
            "0; url=https://gw.example/?a=1&amp;prompt=&quot;x");
  EXPECT_NE(outline.find("href", "https://gw.example/?a=1&amp;prompt=&quot;x"), nullptr);
  for (const auto* url : {"javascript:alert(1)", "data:text/html,x", ""}) {
    about.return_url = url;
    const test::HtmlOutline nowhere(renderOutcome(*theme_, texts("en"), about));
    EXPECT_EQ(nowhere.find("http-equiv", "refresh"), nullptr) << url;
    EXPECT_EQ(nowhere.count("a"), 0U) << url;
  }
}

}  // namespace
}  // namespace vestibule::http
