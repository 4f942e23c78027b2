#include "http/prompt_text.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace vestibule::http {
namespace {

std::string standardFile(const std::string& tag) {
  std::ifstream file(std::string(VESTIBULE_SOURCE_DIR) + "/web/prompt/text." + tag + ".json");
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

LanguageTexts standardTexts(const std::string& tag) {
  auto texts = LanguageTexts::read(tag, standardFile(tag));
  if (!texts) throw std::runtime_error(texts.error().detail);
  return *texts;
}

std::vector<std::string> keysOf(const std::map<std::string, std::string, std::less<>>& texts) {
  std::vector<std::string> keys;
  for (const auto& [key, text] : texts) keys.push_back(key);
  return keys;
}

std::vector<std::string> placesOf(const std::string& text) {
  std::vector<std::string> places;
  for (auto open = text.find('{'); open != std::string::npos; open = text.find('{', open + 1)) {
    places.push_back(text.substr(open, text.find('}', open) - open + 1));
  }
  std::sort(places.begin(), places.end());
  return places;
}

TEST(StandardTexts, SayTheSameInEveryLanguage) {
  const auto english = standardTexts("en");
  const auto german = standardTexts("de");
  EXPECT_EQ(keysOf(english.texts()), keysOf(german.texts()));
  EXPECT_EQ(keysOf(english.labels()), keysOf(german.labels()));
  EXPECT_EQ(keysOf(english.kinds()), keysOf(german.kinds()));
  for (const auto& [key, text] : english.texts()) {
    EXPECT_EQ(placesOf(text), placesOf(german.texts().at(key))) << key;
  }
}

struct Label {
  std::string path;
  std::string english;
  std::string german;
};
void PrintTo(const Label& label, std::ostream* out) { *out << label.path; }

class AttributeLabel : public testing::TestWithParam<Label> {};

TEST_P(AttributeLabel, IsWhatPeopleSay) {
  EXPECT_EQ(standardTexts("en").label(GetParam().path), GetParam().english);
  EXPECT_EQ(standardTexts("de").label(GetParam().path), GetParam().german);
}

INSTANTIATE_TEST_SUITE_P(
    Paths, AttributeLabel,
    testing::Values(
        Label{"name.givenName", "First name", "Vorname"}, Label{"emails", "E-mail", "E-Mail"},
        Label{R"(emails[type eq "work"].value)", "E-mail (work)", "E-Mail (Arbeit)"},
        Label{R"(emails[type eq "b:c"].value)", "E-mail (b:c)", "E-Mail (b:c)"},
        Label{R"(addresses[type eq "home"].locality)", "City (home)", "Ort (privat)"},
        Label{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "Department",
              "Abteilung"},
        Label{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", "Manager",
              "Führungskraft"},
        Label{"urn:example:User:costCenterCode", "Cost center code", "Cost center code"},
        Label{"urn:example:User:badge.serialNumber", "Badge: serial number",
              "Badge: serial number"},
        Label{"employeeID", "Employee ID", "Employee ID"}, Label{"x", "X", "X"},
        Label{"badges[primary eq true].code", "Badges: code", "Badges: code"},
        Label{"urn:example:User:", "urn:example:User:", "urn:example:User:"},
        Label{R"(things[type eq ")", "Things", "Things"}, Label{"[", "[", "["}));

TEST(AttributeLabel, IsKnownOrNot) {
  EXPECT_TRUE(standardTexts("en").hasLabel(R"(emails[type eq "work"].value)"));
  EXPECT_FALSE(standardTexts("en").hasLabel("urn:example:User:costCenterCode"));
}

TEST(LanguageTexts, PutsValuesInTheirPlacesOnce) {
  const auto texts =
      LanguageTexts::read("en", R"({"texts":{"a":"{x} and {y}, {z} {","b":"{x}{x}"}})");
  ASSERT_TRUE(texts.has_value()) << texts.error().detail;
  EXPECT_EQ(texts->text("a", {{"x", "{y}"}, {"y", "2"}}), "{y} and 2, {z} {");
  EXPECT_EQ(texts->text("b", {{"x", "1"}}), "11");
  EXPECT_EQ(texts->text("c"), "c");
}

struct BadFile {
  std::string content;
  std::string reason;
};
void PrintTo(const BadFile& file, std::ostream* out) { *out << file.content; }

class BadTextFile : public testing::TestWithParam<BadFile> {};

TEST_P(BadTextFile, IsRefusedByName) {
  const auto texts =
      PromptTexts::combine({{"en", standardFile("en")}}, {{"en", GetParam().content}});
  ASSERT_FALSE(texts.has_value());
  EXPECT_TRUE(texts.error().detail.starts_with("text.en.json: ")) << texts.error().detail;
  EXPECT_NE(texts.error().detail.find(GetParam().reason), std::string::npos)
      << texts.error().detail;
}

INSTANTIATE_TEST_SUITE_P(
    Files, BadTextFile,
    testing::Values(BadFile{"", ""}, BadFile{"[]", "JSON object"},
                    BadFile{R"({"text":{}})", "no member text"},
                    BadFile{R"({"texts":[]})", "texts is an object"},
                    BadFile{R"({"texts":{"titleNew":1}})", "texts.titleNew is a text"},
                    BadFile{R"({"labels":{"name":""}})", "labels.name is a text"},
                    BadFile{R"({"direction":"up"})", "direction is ltr or rtl"},
                    BadFile{R"({"language":1})", "language is a text"},
                    BadFile{R"({"texts":{"titelNew":"x"}})", "no text called titelNew"}));

TEST(PromptTexts, OfAThemeStandOverTheStandardOnes) {
  const auto texts =
      PromptTexts::combine({{"en", standardFile("en")}, {"de", standardFile("de")}},
                           {{"de", R"({"texts":{"titleNew":"Willkommen"},"labels":{"x":"Ix"}})"}});
  ASSERT_TRUE(texts.has_value()) << texts.error().detail;
  const auto& german = texts->choose(std::nullopt, "de");
  EXPECT_EQ(german.text("titleNew"), "Willkommen");
  EXPECT_EQ(german.label("x"), "Ix");
  EXPECT_EQ(german.text("continueLabel"), "Weiter");
  EXPECT_EQ(texts->choose(std::nullopt, "").text("titleNew"), "Set up your account");
}

TEST(PromptTexts, NeedEveryTextOfALanguage) {
  const auto half = PromptTexts::combine({{"en", standardFile("en")}},
                                         {{"fr", R"({"language":"Français","texts":{}})"}});
  ASSERT_FALSE(half.has_value());
  EXPECT_NE(half.error().detail.find("text.fr.json: the text "), std::string::npos);
  const auto whole =
      PromptTexts::combine({{"en", standardFile("en")}}, {{"fr", standardFile("en")}});
  ASSERT_TRUE(whole.has_value()) << whole.error().detail;
  EXPECT_EQ(whole->languages().size(), 2U);
  EXPECT_FALSE(PromptTexts::combine({{"de", standardFile("de")}}, {}).has_value());
  EXPECT_FALSE(
      PromptTexts::combine({{"en", standardFile("en")}}, {{"..", standardFile("en")}}).has_value());
}

TEST(PromptTexts, AreChosenByNameBeforeTheBrowsersWish) {
  const auto texts =
      PromptTexts::combine({{"en", standardFile("en")}, {"de", standardFile("de")}}, {});
  ASSERT_TRUE(texts.has_value()) << texts.error().detail;
  EXPECT_EQ(texts->choose("de", "en").tag(), "de");
  EXPECT_EQ(texts->choose(std::nullopt, "de-CH, en;q=0.5").tag(), "de");
  EXPECT_EQ(texts->choose("<script>", "de").tag(), "de");
  EXPECT_EQ(texts->choose("fr", "de").tag(), "de");
  EXPECT_EQ(texts->choose("DE", "en").tag(), "de");
}

}  // namespace
}  // namespace vestibule::http
