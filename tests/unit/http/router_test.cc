#include "http/router.h"

#include <gtest/gtest.h>

namespace vestibule::http {
namespace {

Handler named(std::string name) {
  return [name = std::move(name)](const Request&) {
    Response response;
    response.body = name;
    return response;
  };
}

std::string answerOf(const Router& router, Method method, std::string_view path) {
  const auto match = router.find(method, path);
  return match.route == nullptr ? "none" : match.route->handler({}).body;
}

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    router_.add(Method::kGet, "/", named("root"));
    router_.add(Method::kGet, "/scim/v2/Users", named("list"));
    router_.add(Method::kPost, "/scim/v2/Users", named("create"));
    router_.add(Method::kGet, "/scim/v2/Users/{id}", named("get"));
    router_.add(Method::kDelete, "/scim/v2/Users/{id}", named("delete"));
    router_.add(Method::kPost, "/scim/v2/Users/.search", named("search"));
    router_.add(Method::kGet, "/domains/{domain}/scim/v2/Users/{id}", named("domain get"));
    router_.add(Method::kGet, "/a/b/c", named("abc"));
    router_.add(Method::kGet, "/a/{x}/d", named("axd"));
  }
  Router router_;
};

TEST_F(RouterTest, FindsByMethodAndPath) {
  EXPECT_EQ(answerOf(router_, Method::kGet, "/"), "root");
  EXPECT_EQ(answerOf(router_, Method::kGet, "/scim/v2/Users"), "list");
  EXPECT_EQ(answerOf(router_, Method::kPost, "/scim/v2/Users"), "create");
  EXPECT_EQ(answerOf(router_, Method::kGet, "/scim/v2/Users/7"), "get");
}

TEST_F(RouterTest, GivesTheValuesOfNamedSegments) {
  const auto match = router_.find(Method::kGet, "/domains/CORP/scim/v2/Users/7;x");
  ASSERT_NE(match.route, nullptr);
  const std::vector<std::pair<std::string, std::string>> expected = {{"domain", "CORP"},
                                                                     {"id", "7;x"}};
  EXPECT_EQ(match.parameters, expected);
}

TEST_F(RouterTest, SegmentSpeltOutBeatsNamedOne) {
  EXPECT_EQ(answerOf(router_, Method::kPost, "/scim/v2/Users/.search"), "search");
  EXPECT_EQ(answerOf(router_, Method::kGet, "/scim/v2/Users/.search"), "none");
  EXPECT_EQ(router_.find(Method::kGet, "/scim/v2/Users/.search").allow, "POST, OPTIONS");
}

TEST_F(RouterTest, GoesBackToTheNamedSegmentWhenTheSpeltOneLeadsNowhere) {
  EXPECT_EQ(answerOf(router_, Method::kGet, "/a/b/c"), "abc");
  const auto match = router_.find(Method::kGet, "/a/b/d");
  ASSERT_NE(match.route, nullptr);
  ASSERT_EQ(match.parameters.size(), 1U);
  EXPECT_EQ(match.parameters[0].second, "b");
}

TEST_F(RouterTest, HeadIsAnsweredByGet) {
  EXPECT_EQ(answerOf(router_, Method::kHead, "/scim/v2/Users/7"), "get");
}

TEST_F(RouterTest, TellsAllowedMethods) {
  EXPECT_EQ(router_.find(Method::kPut, "/scim/v2/Users/7").allow, "GET, HEAD, DELETE, OPTIONS");
  EXPECT_EQ(router_.find(Method::kOptions, "/scim/v2/Users").allow, "GET, HEAD, POST, OPTIONS");
  EXPECT_NE(router_.find(Method::kOptions, "*").allow, "");
  EXPECT_EQ(router_.find(Method::kGet, "*").allow, "");
}

TEST_F(RouterTest, UnknownPathsHaveNothing) {
  for (const char* path : {"/scim", "/scim/v2", "/scim/v2/users", "/SCIM/v2/Users",
                           "/scim/v2/Users/7/8", "/scim/v2/Users/7/8/9", "/domains/x", "/{id}"}) {
    const auto match = router_.find(Method::kGet, path);
    EXPECT_EQ(match.route, nullptr) << path;
    EXPECT_EQ(match.allow, "") << path;
  }
}

TEST_F(RouterTest, StraysAreAnsweredAsTold) {
  EXPECT_FALSE(router_.strayAnswer("/nowhere"));
  router_.answerStrays([](std::string_view path) -> std::optional<Response> {
    if (path != "/old") return std::nullopt;
    Response gone;
    gone.status = 410;
    return gone;
  });
  ASSERT_TRUE(router_.strayAnswer("/old"));
  EXPECT_EQ(router_.strayAnswer("/old")->status, 410);
  EXPECT_FALSE(router_.strayAnswer("/nowhere"));
}

TEST_F(RouterTest, ListsEveryRouteInOrder) {
  const auto routes = router_.routes();
  ASSERT_EQ(routes.size(), 9U);
  EXPECT_EQ(routes[2]->pattern, "/scim/v2/Users");
  EXPECT_EQ(routes[2]->method, Method::kPost);
}

TEST_F(RouterTest, VeryDeepPathsAreHarmless) {
  std::string path;
  for (int i = 0; i < 100'000; ++i) path += "/a";
  EXPECT_EQ(router_.find(Method::kGet, path).route, nullptr);
}

using RouterDeathTest = RouterTest;

TEST_F(RouterDeathTest, MistakesInThePatternEndTheProgram) {
  EXPECT_DEATH(router_.add(Method::kGet, "/scim/v2/Users", named("again")), "");
  EXPECT_DEATH(router_.add(Method::kGet, "scim", named("x")), "");
  EXPECT_DEATH(router_.add(Method::kGet, "/scim/", named("x")), "");
  EXPECT_DEATH(router_.add(Method::kGet, "/scim//x", named("x")), "");
}

}  // namespace
}  // namespace vestibule::http
