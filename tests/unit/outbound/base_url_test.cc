#include "outbound/base_url.h"

#include <gtest/gtest.h>

namespace vestibule::outbound {
namespace {

TEST(BaseUrl, IsTakenWithoutSlashesAtItsEnd) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"https://hr.example/scim/v2", "https://hr.example/scim/v2"},
      {"https://hr.example/scim/v2//", "https://hr.example/scim/v2"},
      {"HTTPS://hr.example:8443", "HTTPS://hr.example:8443"},
      {"http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"},
      {"http://127.8.0.1", "http://127.8.0.1"},
      {"http://localhost", "http://localhost"},
      {"http://[::1]:8080/x", "http://[::1]:8080/x"},
  };
  for (const auto& [text, taken] : rows) {
    const auto read = readBaseUrl(text, false);
    ASSERT_TRUE(read) << text << ": " << read.error().detail;
    EXPECT_EQ(*read, taken);
  }
}

TEST(BaseUrl, IsRefusedWhereASecretWouldGoAstray) {
  for (const char* text :
       {"", "hr.example", "ftp://hr.example", "http://hr.example", "http://127.0.0.1.evil.example",
        "http://127.evil.example", "http://localhost.evil.example", "https://", "https://:443/",
        "https://u:p@hr.example", "https://hr.example/?a=b", "https://hr.example/#f",
        "https://hr.example/ x", "https://hr.exämple", "https://hr.example/\r\nX: y"}) {
    EXPECT_FALSE(readBaseUrl(text, false)) << text;
  }
  EXPECT_FALSE(readBaseUrl("https://hr.example/" + std::string(2'000, 'x'), false));
}

TEST(BaseUrl, IsTakenOverHttpWhereThatIsSaid) {
  EXPECT_TRUE(readBaseUrl("http://hr.example", true));
  EXPECT_FALSE(readBaseUrl("ftp://hr.example", true));
}

TEST(EndpointUrl, StaysAsItIsAndMayHaveAQuery) {
  for (const char* text : {"https://id.example/token/", "https://id.example/token?tenant=a"}) {
    const auto read = readEndpointUrl(text, false);
    ASSERT_TRUE(read) << text << ": " << read.error().detail;
    EXPECT_EQ(*read, text);
  }
  for (const char* text : {"", "id.example", "http://id.example", "https://id.example/#f",
                           "https://u:p@id.example", "https://id.example/ x"}) {
    EXPECT_FALSE(readEndpointUrl(text, false)) << text;
  }
  EXPECT_TRUE(readEndpointUrl("http://id.example/token", true));
}

TEST(PercentEncoded, LeavesNothingThatEndsASegmentOrAValue) {
  EXPECT_EQ(percentEncoded("a-Z_0.~"), "a-Z_0.~");
  EXPECT_EQ(percentEncoded("a/b?c&d=\"e\" ü"), "a%2Fb%3Fc%26d%3D%22e%22%20%C3%BC");
  EXPECT_EQ(percentEncoded(".."), "..");
}

}  // namespace
}  // namespace vestibule::outbound
