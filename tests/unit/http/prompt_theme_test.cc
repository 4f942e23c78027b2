#include "http/prompt_theme.h"

#include <gtest/gtest.h>

#include <fstream>

#include "jit/prompt_settings.h"
#include "support/temporary_folder.h"

namespace vestibule::http {
namespace {

namespace fs = std::filesystem;

fs::path standardFolder() { return fs::path(VESTIBULE_SOURCE_DIR) / "web" / "prompt"; }

void write(const fs::path& file, const std::string& content) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << content;
}

TEST(PromptThemes, HaveTheStandardOne) {
  PromptThemes themes(standardFolder(), {});
  const auto theme = themes.theme("");
  ASSERT_TRUE(theme.has_value()) << theme.error().detail;
  EXPECT_EQ((*theme)->name(), "default");
  EXPECT_EQ(themes.theme("default")->get(), theme->get()) << "read once";
  ASSERT_NE((*theme)->file("style.css"), nullptr);
  ASSERT_NE((*theme)->file("prompt.js"), nullptr);
  EXPECT_EQ((*theme)->file("style.css")->media_type, "text/css; charset=utf-8");
  EXPECT_EQ((*theme)->file("page.html"), nullptr) << "a template is no static file";
  EXPECT_EQ((*theme)->file("text.en.json"), nullptr);
  EXPECT_EQ((*theme)->url("/v", "style.css"),
            "/v/provision/assets/default/style.css?v=" + (*theme)->file("style.css")->version);
}

TEST(PromptThemes, TakeWhatAThemeLeavesOutFromTheStandardOne) {
  const test::TemporaryFolder folder;
  write(folder.path() / "blue" / "style.css", "body{color:blue}");
  write(folder.path() / "blue" / "logo.svg", "<svg/>");
  write(folder.path() / "blue" / "README.md", "not served");
  write(folder.path() / "blue" / ".hidden.css", "not served");
  write(folder.path() / "blue" / "empty.css", "");
  write(folder.path() / "blue" / "folder" / "x.css", "not served");
  PromptThemes themes(standardFolder(), folder.path());
  const auto theme = themes.theme("blue");
  ASSERT_TRUE(theme.has_value()) << theme.error().detail;
  EXPECT_EQ((*theme)->file("style.css")->content, "body{color:blue}");
  EXPECT_EQ((*theme)->file("logo.svg")->media_type, "image/svg+xml");
  EXPECT_EQ((*theme)->file("empty.css")->content, "");
  EXPECT_NE((*theme)->file("prompt.js"), nullptr);
  for (const auto* name : {"README.md", ".hidden.css", "x.css", "folder/x.css", "../style.css"}) {
    EXPECT_EQ((*theme)->file(name), nullptr) << name;
  }
  EXPECT_NE((*theme)->file("style.css")->version,
            (*themes.theme("default"))->file("style.css")->version);
}

TEST(PromptThemes, HaveAnExampleThatCanBeUsed) {
  PromptThemes themes(standardFolder(),
                      fs::path(VESTIBULE_SOURCE_DIR) / "docs" / "examples" / "themes");
  const auto theme = themes.theme("acme");
  ASSERT_TRUE(theme.has_value()) << theme.error().detail;
  EXPECT_EQ((*theme)->texts().choose("de", "").text("titleNew"), "Willkommen bei Acme");
  EXPECT_NE((*theme)->file("logo.svg"), nullptr);
}

struct BrokenTheme {
  std::string file;
  std::string content;
  std::string reason;
};
void PrintTo(const BrokenTheme& theme, std::ostream* out) { *out << theme.file; }

class BrokenThemeFile : public testing::TestWithParam<BrokenTheme> {};

TEST_P(BrokenThemeFile, IsToldByNameAndReason) {
  const test::TemporaryFolder folder;
  write(folder.path() / "blue" / GetParam().file, GetParam().content);
  PromptThemes themes(standardFolder(), folder.path());
  const auto checked = themes.checkTheme("blue");
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().detail, "theme blue: " + GetParam().reason);
  EXPECT_FALSE(themes.theme("blue").has_value());
}

INSTANTIATE_TEST_SUITE_P(
    Files, BrokenThemeFile,
    testing::Values(
        BrokenTheme{"page.html", "{{csrf}}\n{{{title}}}",
                    "page.html, line 2: text is never written without escaping: {{name}}, not "
                    "{{{name}}} or {{&name}}"},
        BrokenTheme{"page.html", "<form></form>",
                    "page.html has no {{csrf}}: no answer could be accepted from it"},
        BrokenTheme{"outcome.html", "{{#a}}", "outcome.html, line 1: Unclosed section \"a\""},
        BrokenTheme{"head.html", "{{",
                    "page.html, head.html, line 1: the tag {{ is never closed "
                    "by }}"},
        BrokenTheme{"text.de.json", R"({"texts":{"x":"y"}})",
                    "text.de.json: there is no text called x"}));

TEST(PromptThemes, AreMissedAloud) {
  const test::TemporaryFolder folder;
  write(folder.path() / "file", "no folder");
  PromptThemes with(standardFolder(), folder.path());
  PromptThemes without(standardFolder(), {});
  EXPECT_EQ(with.theme("blue").error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(with.theme("file").error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(without.theme("blue").error().kind, ErrorKind::kNotFound);
  for (const auto* name :
       {"..", "../default", "a/b", "Blue", "-blue", "_x", "bl ue", "/etc", "."}) {
    EXPECT_EQ(with.theme(name).error().kind, ErrorKind::kInvalidValue) << name;
    EXPECT_FALSE(jit::isThemeName(name)) << name;
  }
  EXPECT_FALSE(jit::isThemeName(std::string(65, 'a')));
  EXPECT_TRUE(jit::isThemeName(std::string(64, 'a')));
  EXPECT_FALSE(PromptThemes(folder.path() / "nowhere", {}).theme("").has_value());
}

TEST(PromptThemes, FollowTheirFilesAndOutliveABrokenOne) {
  const test::TemporaryFolder folder;
  const auto style = folder.path() / "blue" / "style.css";
  write(style, "one");
  PromptThemes themes(standardFolder(), folder.path());
  EXPECT_EQ((*themes.theme("blue"))->file("style.css")->content, "one");
  write(style, "number two");
  EXPECT_EQ((*themes.theme("blue"))->file("style.css")->content, "number two");
  write(folder.path() / "blue" / "page.html", "{{{");
  write(style, "number three");
  EXPECT_EQ((*themes.theme("blue"))->file("style.css")->content, "number two");
  EXPECT_FALSE(themes.checkTheme("blue").has_value());
  fs::remove(folder.path() / "blue" / "page.html");
  EXPECT_EQ((*themes.theme("blue"))->file("style.css")->content, "number three");
}

}  // namespace
}  // namespace vestibule::http
