#include "jose/remote_url.h"

#include <gtest/gtest.h>

namespace vestibule::jose {
namespace {

TEST(RemoteUrl, IsReadIntoItsParts) {
  const struct {
    const char* text;
    bool is_https;
    bool has_query;
    const char* origin;
  } cases[] = {
      {"https://crm.example/events", true, false, "https://crm.example:443"},
      {"HTTPS://CRM.example:443/", true, false, "https://crm.example:443"},
      {"https://crm.example:", true, false, "https://crm.example:443"},
      {"https://crm.example:8443?a=b", true, true, "https://crm.example:8443"},
      {"http://crm.example/a:b", false, false, "http://crm.example:80"},
      {"https://[2001:DB8::1]/x", true, false, "https://[2001:db8::1]:443"},
      {"https://[2001:db8::1]:0444/x", true, false, "https://[2001:db8::1]:444"},
  };
  for (const auto& look : cases) {
    const auto url = readRemoteUrl(look.text);
    ASSERT_TRUE(url) << look.text << ": " << url.error().detail;
    EXPECT_EQ(url->is_https, look.is_https) << look.text;
    EXPECT_EQ(url->has_query, look.has_query) << look.text;
    EXPECT_EQ(url->origin, look.origin);
    EXPECT_FALSE(url->is_loopback) << look.text;
  }
}

TEST(RemoteUrl, IsRefusedWithAReason) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "must be an https URL"},
      {"crm.example", "must be an https URL"},
      {"ftp://crm.example", "must be an https URL"},
      {"x?y=https://crm.example", "must be an https URL"},
      {"https://", "names no host"},
      {"https:///path", "names no host"},
      {"https://:443/", "names no host"},
      {"https://[::1/", "names no host"},
      {"https://[::1].evil.example/", "names no host"},
      {"https://u:p@crm.example", "must not name a user"},
      {"http://127.0.0.1\\@crm.example", "must not name a user"},
      {"https://crm.example/#f", "must not have a fragment"},
      {"https://crm.example:x", "has a port that is no number"},
      {"https://crm.example:70000", "has a port that is no number"},
      {"https://crm.example/ x", "has white space or characters beyond ASCII"},
      {"https://crm.exämple", "has white space or characters beyond ASCII"},
      {"https://crm.example/\r\nX: y", "has white space or characters beyond ASCII"},
      {"https://crm.example/" + std::string(2'000, 'x'), "is longer than 2000 bytes"},
  };
  for (const auto& [text, reason] : cases) {
    const auto url = readRemoteUrl(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().kind, ErrorKind::kInvalidValue);
    EXPECT_EQ(url.error().detail, reason) << text;
  }
}

TEST(RemoteUrl, StaysOnThisMachineOnlyWithAnAddressOrNameOfIt) {
  for (const char* text : {"http://localhost", "http://LOCALHOST:80/", "http://127.0.0.1:9/hook",
                           "http://127.255.0.17", "http://[::1]", "http://[::1]:9/"}) {
    const auto url = readRemoteUrl(text);
    ASSERT_TRUE(url) << text << ": " << url.error().detail;
    EXPECT_TRUE(url->is_loopback) << text;
  }
  for (const char* text :
       {"http://127.evil.example/", "http://127.0.0.1.evil.example/", "http://127.0.0.evil/",
        "http://localhost.evil.example/", "http://127.1", "http://127.0.0.256", "http://127.0.0.01",
        "http://127.0.0.", "http://127.0.0.1.", "http://127.0.0.1.1", "http://127.0.0.1\\.evil",
        "http://1270.0.0.1", "http://[::1%25lo]", "http://[::2]", "http://0.0.0.0"}) {
    const auto url = readRemoteUrl(text);
    EXPECT_FALSE(url && url->is_loopback) << text;
  }
}

}  // namespace
}  // namespace vestibule::jose
