#include "http/prompt_assets.h"

#include <gtest/gtest.h>

#include "http/error_response.h"

namespace vestibule::http {
namespace {

class PromptAssets : public testing::Test {
 protected:
  PromptAssets() : themes_(std::string(VESTIBULE_SOURCE_DIR) + "/web/prompt", {}) {
    addPromptAssetRoutes(router_, themes_);
  }

  Response get(const std::string& path, const std::string& version = "",
               const std::string& known = "") {
    auto match = router_.find(Method::kGet, path);
    if (match.route == nullptr) return problemRefusal(404, "no route");
    Request request;
    request.path = path;
    request.parameters = match.parameters;
    if (!version.empty()) request.query.emplace_back("v", version);
    if (!known.empty()) request.headers.add("If-None-Match", known);
    return match.route->handler(request);
  }

  PromptThemes themes_;
  Router router_;
};

TEST_F(PromptAssets, AreKeptForAYearUnderTheirVersion) {
  const auto* file = (*themes_.theme(""))->file("prompt.js");
  const auto answer = get("/provision/assets/default/prompt.js", file->version);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, file->content);
  EXPECT_EQ(answer.headers.first("Content-Type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(answer.headers.first("Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(answer.headers.first("ETag"), '"' + file->version + '"');
  EXPECT_EQ(answer.headers.first("Content-Security-Policy"), "default-src 'none'; sandbox");
}

TEST_F(PromptAssets, AreAskedForAgainWithoutIt) {
  for (const auto* version : {"", "older"}) {
    EXPECT_EQ(get("/provision/assets/default/style.css", version).headers.first("Cache-Control"),
              "no-cache");
  }
  const auto etag = std::string(*get("/provision/assets/default/style.css").headers.first("ETag"));
  for (const auto& known : {etag, "W/" + etag, "\"x\", " + etag, std::string("*")}) {
    const auto answer = get("/provision/assets/default/style.css", "", known);
    EXPECT_EQ(answer.status, 304) << known;
    EXPECT_TRUE(answer.body.empty());
    EXPECT_EQ(answer.headers.first("ETag"), etag);
  }
  EXPECT_EQ(get("/provision/assets/default/style.css", "", "\"x\"").status, 200);
}

TEST_F(PromptAssets, AreNothingElse) {
  for (const auto* path :
       {"/provision/assets/default/page.html", "/provision/assets/default/text.en.json",
        "/provision/assets/default/nothing.css", "/provision/assets/blue/style.css",
        "/provision/assets/default/..", "/provision/assets/../style.css",
        "/provision/assets/default/../prompt/style.css"}) {
    EXPECT_EQ(get(path).status, 404) << path;
  }
}

}  // namespace
}  // namespace vestibule::http
