#include "store/server_version.h"

#include <gtest/gtest.h>

namespace vestibule::store {
namespace {

struct Case {
  const char* version;
  const char* comment;
  bool supported;
};

TEST(ServerVersion, TellsWhatIsSupported) {
  for (const auto& test : {
           Case{"10.11.19-MariaDB-0+deb12u1", "Debian 12", true},
           Case{"10.6.0-MariaDB", "", true},
           Case{"10.5.29-MariaDB-log", "", false},
           Case{"11.8.3-MariaDB", "", true},
           Case{"5.5.5-10.11.2-MariaDB", "", true},
           Case{"5.5.5-10.4.2-MariaDB", "", false},
           Case{"10.11.2", "mariadb.org binary distribution", true},
           Case{"10.3.2-custom", "MariaDB Server", false},
           Case{"8.0.21", "MySQL Community Server - GPL", true},
           Case{"8.0.20", "MySQL Community Server - GPL", false},
           Case{"8.0", "MySQL Community Server - GPL", false},
           Case{"8.4.0", "MySQL Community Server - GPL", true},
           Case{"8.0.36", "MySQL Community Server - GPL", true},
           Case{"8.0.35-27", "Percona Server", true},
           Case{"9.7.4", "(Debian)", true},
           Case{"5.7.44-log", "MySQL Community Server", false},
       }) {
    SCOPED_TRACE(test.version);
    const auto version = parseServerVersion(test.version, test.comment);
    ASSERT_TRUE(version);
    EXPECT_EQ(version->supported(), test.supported);
  }
}

TEST(ServerVersion, OtherTextIsNone) {
  for (const char* text : {"", "MySQL", "8", "8.", "x.1", ".1"}) {
    EXPECT_FALSE(parseServerVersion(text, "")) << text;
  }
}

}  // namespace
}  // namespace vestibule::store
