#include "http/prompt_headers.h"

#include <gtest/gtest.h>

namespace vestibule::http {
namespace {

struct Source {
  std::string url;
  std::string source;
};
void PrintTo(const Source& source, std::ostream* out) { *out << source.url; }

class ReturnSource : public testing::TestWithParam<Source> {};

TEST_P(ReturnSource, IsTheOriginOrNothing) {
  EXPECT_EQ(returnSource(GetParam().url), GetParam().source);
}

INSTANTIATE_TEST_SUITE_P(
    Urls, ReturnSource,
    testing::Values(Source{"https://gw.example/a?b=c#d", "https://gw.example"},
                    Source{"HTTP://GW.Example:8080", "http://gw.example:8080"},
                    Source{"http://127.0.0.1:9/x", "http://127.0.0.1:9"},
                    Source{"my.app+1:/callback", "my.app+1:"}, Source{"", ""}, Source{"/path", ""},
                    Source{"//gw.example/", ""}, Source{"https:gw.example", ""},
                    Source{"https:///x", ""}, Source{"https://[::1]/", ""},
                    Source{"https://user@gw.example/", ""},
                    Source{"https://gw.example;script-src *", ""},
                    Source{"https://gw.example,x/", ""}, Source{"https://gw.example 'unsafe'/", ""},
                    Source{"https://gw.example\r\nX: y/", ""}, Source{"https://*/", ""},
                    Source{"https://gw.example\\@evil.example/", "https://gw.example"},
                    Source{"javascript:alert(1)", ""}, Source{"JavaScript:alert(1)", ""},
                    Source{"java\nscript:alert(1)", ""}, Source{" javascript:alert(1)", ""},
                    Source{"data:text/html,x", ""}, Source{"vbscript:x", ""},
                    Source{"file:///etc/passwd", ""}, Source{"blob:x", ""}, Source{"1a:x", ""}));

TEST(PageHeaders, AllowTheThemesFilesAndNothingElse) {
  const auto texts = LanguageTexts::read("de", "{}");
  Response response;
  setPageHeaders(response, *texts, "https://gw.example/back");
  const auto& headers = response.headers;
  EXPECT_EQ(headers.first("Content-Security-Policy"),
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
            "font-src 'self'; connect-src 'self'; form-action 'self' https://gw.example; "
            "frame-ancestors 'none'; base-uri 'none'");
  EXPECT_EQ(headers.first("X-Frame-Options"), "DENY");
  EXPECT_EQ(headers.first("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(headers.first("Cache-Control"), "no-store");
  EXPECT_EQ(headers.first("Referrer-Policy"), "no-referrer");
  EXPECT_EQ(headers.first("Cross-Origin-Opener-Policy"), "same-origin");
  EXPECT_EQ(headers.first("Content-Language"), "de");
  EXPECT_EQ(headers.first("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(headers.first("Vary"), "Accept, Accept-Language, Cookie");
}

TEST(PageHeaders, SendTheFormHereAloneWithoutAReturn) {
  const auto texts = LanguageTexts::read("de", "{}");
  Response response;
  setPageHeaders(response, *texts, "");
  EXPECT_NE(response.headers.first("Content-Security-Policy")->find("form-action 'self'; "),
            std::string_view::npos);
}

}  // namespace
}  // namespace vestibule::http
