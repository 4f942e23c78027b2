#include "jit/return_url.h"

#include <gtest/gtest.h>

#include <string>

namespace vestibule::jit {
namespace {

TEST(OriginOfUrl, IsSchemeHostAndPort) {
  const struct {
    const char* url;
    const char* origin;
  } cases[] = {
      {"https://gateway.example", "https://gateway.example"},
      {"https://gateway.example/", "https://gateway.example"},
      {"https://gateway.example/a/b?c=d", "https://gateway.example"},
      {"https://gateway.example?c=https://evil.example", "https://gateway.example"},
      {"HTTPS://GATEWAY.Example:443/", "https://gateway.example"},
      {"http://localhost:3000/x", "http://localhost:3000"},
      {"http://127.0.0.1:80/", "http://127.0.0.1"},
      {"https://[2001:DB8::1]:8443/", "https://[2001:db8::1]:8443"},
      {"https://[::1]/", "https://[::1]"},
  };
  for (const auto& look : cases) {
    const auto origin = originOfUrl(look.url);
    ASSERT_TRUE(origin) << look.url << ": " << origin.error().detail;
    EXPECT_EQ(*origin, look.origin);
  }
}

TEST(OriginOfUrl, RefusesWhatMightBeReadInTwoWays) {
  const std::string cases[] = {
      "",
      "gateway.example",
      "/back",
      "//gateway.example/",
      "https:gateway.example",
      "https:///path",
      "ftp://gateway.example/",
      "javascript://gateway.example/%0aalert(1)",
      "https://user@gateway.example/",
      "https://user:word@gateway.example/",
      "https://gateway.example\\.evil.example/",
      "https://evil.example\\@gateway.example/",
      "https://gateway.example/#part",
      "https://gateway.example/a b",
      "https://gateway.example/\xC3\xA9",
      "https://g\xC3\xA9teway.example/",
      std::string("https://gateway.example/\0x", 26),
      "https://gateway.example/\r\nLocation: x",
      "https://gateway.example:/",
      "https://gateway.example:https/",
      "https://gateway.example:123456/",
      "https://[::1/",
      "https://[]/",
      "https://%67ateway.example/",
      " https://gateway.example/",
      "https://gateway.example/" + std::string(2'000, 'x'),
  };
  for (const auto& url : cases) EXPECT_FALSE(originOfUrl(url)) << url;
}

TEST(ReturnUrl, GetsAParameterMore) {
  EXPECT_EQ(withParameter("https://g.example/", "p", "1"), "https://g.example/?p=1");
  EXPECT_EQ(withParameter("https://g.example/?a=b", "p", "1"), "https://g.example/?a=b&p=1");
}

}  // namespace
}  // namespace vestibule::jit
