#include "http/page_template.h"

#include <gtest/gtest.h>

#include "json/parse.h"
#include "support/hostile_texts.h"

namespace vestibule::http {
namespace {

std::string rendered(const std::string& text, const std::string& values,
                     const TemplatePieces& pieces = {}) {
  const auto page = PageTemplate::compile(text, pieces);
  if (!page) return "refused: " + page.error().detail;
  return page->render(*json::parse(values));
}

struct Page {
  std::string text;
  std::string values;
  std::string page;
};
void PrintTo(const Page& page, std::ostream* out) { *out << page.text << " of " << page.values; }

class FilledTemplate : public testing::TestWithParam<Page> {};

TEST_P(FilledTemplate, IsTheText) {
  EXPECT_EQ(rendered(GetParam().text, GetParam().values), GetParam().page);
}

INSTANTIATE_TEST_SUITE_P(
    Templates, FilledTemplate,
    testing::Values(Page{"plain }} { text", "{}", "plain }} { text"},
                    Page{"{{a}}", R"({"a":"x"})", "x"}, Page{"{{ a }}{{b}}", R"({"a":"x"})", "x"},
                    Page{"{{a.b}}", R"({"a":{"b":"x"}})", "x"},
                    Page{"{{a}}", R"({"a":12.50})", "12.50"}, Page{"{{a}}", R"({"a":null})", ""},
                    Page{"{{a}}", R"({"a":"<i>&\"'</i>"})", "&lt;i&gt;&amp;&quot;&apos;&lt;/i&gt;"},
                    Page{"{{a}}", R"({"a":"{{b}}","b":"no"})", "{{b}}"},
                    Page{"{{#a}}x{{/a}}{{^a}}y{{/a}}", R"({"a":true})", "x"},
                    Page{"{{#a}}x{{/a}}{{^a}}y{{/a}}", R"({"a":false})", "y"},
                    Page{"{{#a}}x{{/a}}{{^a}}y{{/a}}", R"({"a":""})", "y"},
                    Page{"{{#a}}x{{/a}}{{^a}}y{{/a}}", R"({"a":[]})", "y"},
                    Page{"{{#a}}x{{/a}}{{^a}}y{{/a}}", R"({"a":null})", "y"},
                    Page{"{{#a}}x{{/a}}{{^a}}y{{/a}}", "{}", "y"},
                    Page{"{{#a}}<{{.}}>{{/a}}", R"({"a":["1","<"]})", "<1><&lt;>"},
                    Page{"{{#a}}{{b}}{{c}};{{/a}}",
                         R"({"a":[{"b":"1"},{"b":""}],"b":"outer","c":"!"})", "1!;!;"},
                    Page{"{{! says nothing }}x", "{}", "x"}));

TEST(PageTemplate, TakesInPieces) {
  EXPECT_EQ(rendered("<{{>head}}>{{#a}}{{> head}}{{/a}}", R"({"a":{"b":"2"},"b":"1"})",
                     {{"head", "b={{b}}"}}),
            "<b=1>b=2");
}

TEST(PageTemplate, TakesInNoPieceFromTheValues) {
  const auto page = PageTemplate::compile("{{>name}}", {});
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().detail, "line 1: there is no piece name (name.html)");
}

struct Refused {
  std::string text;
  std::string reason;
};
void PrintTo(const Refused& refused, std::ostream* out) { *out << refused.text; }

class RefusedTemplate : public testing::TestWithParam<Refused> {};

TEST_P(RefusedTemplate, SaysWhereAndWhy) {
  const auto page = PageTemplate::compile(
      GetParam().text, {{"deep", "a\n{{>head}}"}, {"head", "h"}, {"raw", "\n\n{{{a}}}"}});
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().kind, ErrorKind::kInvalidValue);
  EXPECT_NE(page.error().detail.find(GetParam().reason), std::string::npos) << page.error().detail;
}

INSTANTIATE_TEST_SUITE_P(
    Templates, RefusedTemplate,
    testing::Values(Refused{"a\n{{b", "line 2: the tag {{ is never closed"},
                    Refused{"{{", "line 1: the tag {{ is never closed"},
                    Refused{"\n\n{{{a}}}", "line 3: text is never written without escaping"},
                    Refused{"{{& a}}", "line 1: text is never written without escaping"},
                    Refused{"{{ &a}}", "line 1: text is never written without escaping"},
                    Refused{"{{ {a}}}", "line 1: text is never written without escaping"},
                    Refused{"{{=<% %>=}}", "line 1: the delimiters {{ and }} cannot be changed"},
                    Refused{"{{}}", "line 1: the tag {{}} names nothing"},
                    Refused{"{{a{{b}}", "line 1: a tag holds another brace"},
                    Refused{"x\n{{#a}}", "line 2: Unclosed section \"a\""},
                    Refused{"x\n{{/a}}", "line 2: Unopened section \"a\""},
                    Refused{"{{#a}}{{#b}}{{/a}}{{/b}}", "line 1: Unclosed section"},
                    Refused{"{{>deep}}", "deep.html, line 2: a piece cannot take in another"},
                    Refused{"{{>raw}}", "raw.html, line 3: text is never written"},
                    Refused{"{{>nothing}}", "line 1: there is no piece nothing"}));

TEST(PageTemplate, EscapesWhateverAValueHolds) {
  const auto page = PageTemplate::compile("<p title=\"{{a}}\" class='{{a}}'>{{a}}</p>", {});
  ASSERT_TRUE(page.has_value());
  for (const auto& hostile : test::hostileTexts()) {
    for (const auto& text : {hostile, "<script>" + hostile + "</script>", "\"'>" + hostile}) {
      const auto html = page->render(json::Object{{"a", text}});
      std::string bare = html;
      const std::string frame = "<p title=\"\" class=''></p>";
      // Of the five characters, only those of the template are left.
      std::erase_if(bare, [](char c) { return std::string("<>\"'").find(c) == std::string::npos; });
      std::string expected = frame;
      std::erase_if(expected,
                    [](char c) { return std::string("<>\"'").find(c) == std::string::npos; });
      EXPECT_EQ(bare, expected) << text;
    }
  }
}

TEST(PageTemplate, KnowsWhatItMentions) {
  const auto page = PageTemplate::compile("{{ csrf }}{{>more}}", {{"more", "{{other}}"}});
  ASSERT_TRUE(page.has_value());
  EXPECT_TRUE(page->mentions("csrf"));
  EXPECT_TRUE(page->mentions("other"));
  EXPECT_FALSE(page->mentions("cs"));
}

}  // namespace
}  // namespace vestibule::http
