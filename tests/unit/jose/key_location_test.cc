#include "jose/key_location.h"

#include <gtest/gtest.h>

namespace vestibule::jose {
namespace {

TEST(KeyLocation, IsAFileOrAnHttpsUrl) {
  const struct {
    const char* text;
    bool is_file;
    const char* target;
  } cases[] = {
      {"https://idp.example/keys", false, "https://idp.example/keys"},
      {"HTTPS://idp.example:8443/keys?tenant=a", false, "HTTPS://idp.example:8443/keys?tenant=a"},
      {"https://[::1]/keys", false, "https://[::1]/keys"},
      {"/etc/vestibule/keys.json", true, "/etc/vestibule/keys.json"},
      {"file:///etc/keys.json", true, "/etc/keys.json"},
  };
  for (const auto& look : cases) {
    const auto location = readKeyLocation(look.text);
    ASSERT_TRUE(location) << look.text << ": " << location.error().detail;
    EXPECT_EQ(location->is_file, look.is_file) << look.text;
    EXPECT_EQ(location->target, look.target);
  }
}

TEST(KeyLocation, J9_IsNothingElse) {
  for (const std::string& text :
       std::vector<std::string>{"",
                                "http://idp.example/keys",
                                "Http://idp.example/",
                                "ftp://idp.example/",
                                "keys.json",
                                "./keys.json",
                                "file://keys.json",
                                "file://host/keys.json",
                                "file:///a%20b",
                                "https://",
                                "https:///keys",
                                "https://:443/",
                                "https://?x",
                                "https://me@idp.example/",
                                "https://me:pw@idp.example/",
                                "https://idp.example/#frag",
                                "https://idp.example/a b",
                                "https://idp.example/\n",
                                "https://idp.exämple/",
                                "data:application/json,{}",
                                "/with blank",
                                "https://idp.example/" + std::string(2'000, 'a')}) {
    const auto location = readKeyLocation(text);
    ASSERT_FALSE(location) << text.substr(0, 60);
    EXPECT_EQ(location.error().kind, ErrorKind::kInvalidValue);
  }
}

}  // namespace
}  // namespace vestibule::jose
