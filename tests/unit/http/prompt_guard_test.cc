#include "http/prompt_guard.h"

#include <gtest/gtest.h>

namespace vestibule::http {
namespace {

Request posted(const std::string& cookie, const std::string& site = "same-origin") {
  Request request;
  request.method = Method::kPost;
  if (!cookie.empty()) request.headers.add("Cookie", cookie);
  if (!site.empty()) request.headers.add("Sec-Fetch-Site", site);
  return request;
}

TEST(PromptGuard, LetsThePageOfTheTicketThrough) {
  const auto secret = newPromptSecret();
  const auto token = promptToken(secret, "ticket");
  EXPECT_TRUE(isFromOwnPage(posted("vestibule_prompt=" + secret), "ticket", token, false));
  EXPECT_TRUE(
      isFromOwnPage(posted("a=b; vestibule_prompt=" + secret + "; c=d"), "ticket", token, false));
  EXPECT_TRUE(isFromOwnPage(posted("__Secure-vestibule_prompt=" + secret), "ticket", token, true));
  EXPECT_TRUE(isFromOwnPage(posted("vestibule_prompt=" + secret, ""), "ticket", token, false))
      << "an older browser says nothing";
  EXPECT_TRUE(isFromOwnPage(posted("vestibule_prompt=" + secret, "none"), "ticket", token, false));
}

TEST(PromptGuard, StopsEverythingElse) {
  const auto secret = newPromptSecret();
  const auto cookie = "vestibule_prompt=" + secret;
  const auto token = promptToken(secret, "ticket");
  EXPECT_FALSE(isFromOwnPage(posted(cookie), "ticket", "", false));
  EXPECT_FALSE(isFromOwnPage(posted(cookie), "ticket", secret, false));
  EXPECT_FALSE(isFromOwnPage(posted(cookie), "another", token, false));
  EXPECT_FALSE(
      isFromOwnPage(posted(cookie), "ticket", promptToken(newPromptSecret(), "ticket"), false));
  EXPECT_FALSE(isFromOwnPage(posted(""), "ticket", token, false));
  EXPECT_FALSE(
      isFromOwnPage(posted("vestibule_prompt="), "ticket", promptToken("", "ticket"), false));
  EXPECT_FALSE(isFromOwnPage(posted("vestibule_prompt=short"), "ticket",
                             promptToken("short", "ticket"), false));
  EXPECT_FALSE(isFromOwnPage(posted(cookie), "ticket", token, true))
      << "over HTTPS only the cookie that HTTPS alone can set";
  for (const auto* site : {"cross-site", "same-site", "", "SAME-ORIGIN"}) {
    auto request = posted(cookie, "");
    request.headers.add("sec-fetch-site", site);
    EXPECT_FALSE(isFromOwnPage(request, "ticket", token, false)) << site;
  }
}

TEST(PromptGuard, HandsOutASecretForThePathOfThePage) {
  const PageAddress address{"/v", "abc", false};
  EXPECT_EQ(promptCookie("S", address, true),
            "__Secure-vestibule_prompt=S; Path=/v/provision/abc; HttpOnly; SameSite=Lax; Secure");
  EXPECT_EQ(promptCookie("S", address, false),
            "vestibule_prompt=S; Path=/v/provision/abc; HttpOnly; SameSite=Lax");
  const auto secret = newPromptSecret();
  EXPECT_EQ(secret.size(), 43U);
  EXPECT_NE(secret, newPromptSecret());
  EXPECT_EQ(promptSecretOf(posted("vestibule_prompt=" + secret), false), secret);
}

}  // namespace
}  // namespace vestibule::http
