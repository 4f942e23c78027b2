#include "store/database_url.h"

#include <gtest/gtest.h>

namespace vestibule::store {
namespace {

TEST(DatabaseUrl, ReadsEveryPart) {
  const auto url = parseDatabaseUrl(
      "mysql://us%65r:p%40ss%3A@db.example.org:3307/"
      "?ssl_ca=/ca.pem&ssl_cert=/c%20c.pem&ssl_key=/k.pem&ssl_verify=false");
  ASSERT_TRUE(url) << url.error().detail;
  EXPECT_EQ(url->user, "user");
  EXPECT_EQ(url->password, "p@ss:");
  EXPECT_EQ(url->host, "db.example.org");
  EXPECT_EQ(url->port, 3307U);
  EXPECT_EQ(url->socket, "");
  EXPECT_EQ(url->ssl_ca, "/ca.pem");
  EXPECT_EQ(url->ssl_cert, "/c c.pem");
  EXPECT_EQ(url->ssl_key, "/k.pem");
  EXPECT_FALSE(url->ssl_verify);
  EXPECT_TRUE(url->wantsTls());
}

TEST(DatabaseUrl, ReadsASocket) {
  const auto url = parseDatabaseUrl("mysql://root@/?socket=/run/my%20sql.sock");
  ASSERT_TRUE(url) << url.error().detail;
  EXPECT_EQ(url->socket, "/run/my sql.sock");
  EXPECT_EQ(url->host, "");
  EXPECT_FALSE(url->wantsTls());
}

TEST(DatabaseUrl, ReadsAddressesOfVersion6) {
  for (const char* text : {"mysql://u@[::1]:3306/", "mysql://u@[::1]:3306"}) {
    const auto url = parseDatabaseUrl(text);
    ASSERT_TRUE(url) << url.error().detail;
    EXPECT_EQ(url->host, "::1");
    EXPECT_EQ(url->port, 3306U);
  }
  EXPECT_TRUE(parseDatabaseUrl("mysql://u@[::1]"));
}

TEST(DatabaseUrl, AnAuthorityMeansThatTheServerIsVerified) {
  EXPECT_TRUE(parseDatabaseUrl("mysql://u@h/?ssl_ca=/ca.pem")->ssl_verify);
  EXPECT_TRUE(parseDatabaseUrl("mysql://u@h/?ssl_verify=true")->ssl_verify);
  EXPECT_FALSE(parseDatabaseUrl("mysql://u@h/")->ssl_verify);
}

TEST(DatabaseUrl, RefusesEverythingElseWithoutRepeatingIt) {
  for (const char* text : {
           "",
           "hunter2",
           "mysql:/hunter2",
           "postgres://hunter2@h/",
           "mysql://h/",
           "mysql://:hunter2@h/",
           "mysql://u:hunter2@/",
           "mysql://u:hunter2@h/schema",
           "mysql://u:hunter2@h:0/",
           "mysql://u:hunter2@h:/",
           "mysql://u:hunter2@h:65536/",
           "mysql://u:hunter2@h:3306x/",
           "mysql://u:hunter2@h:-1/",
           "mysql://u:hunter2%@h/",
           "mysql://u:hunter2%zz@h/",
           "mysql://u:hunter2%00@h/",
           "mysql://u:hunter2#@h/",
           "mysql://u:hunter2@[::1/",
           "mysql://u:hunter2@[::1]x/",
           "mysql://u:hunter2@[::1]:/",
           "mysql://u:hunter2@vestibule:%2f%2f/",
           "mysql://u@h/?socket=/hunter2",
           "mysql://u@/?socket=/a&socket=/hunter2",
           "mysql://u@/?socket=",
           "mysql://u@/?socket",
           "mysql://u@h/?hunter2=1",
           "mysql://u@h/?ssl_verify=hunter2",
           "mysql://u@h/?ssl_cert=/hunter2",
           "mysql://u@h/?ssl_key=/hunter2",
           "mysql://u@/?socket=/s&ssl_ca=/hunter2",
       }) {
    SCOPED_TRACE(text);
    const auto url = parseDatabaseUrl(text);
    ASSERT_FALSE(url);
    EXPECT_EQ(url.error().kind, ErrorKind::kInvalidValue);
    EXPECT_EQ(url.error().detail.find("hunter2"), std::string::npos) << url.error().detail;
  }
}

}  // namespace
}  // namespace vestibule::store
