#include "base/log.h"

#include <gtest/gtest.h>

namespace vestibule {
namespace {

TEST(Log, KeepsTextOfClientsOnOneLine) {
  // Security case H-10: neither a line nor a terminal sequence of a client reaches the log.
  const std::string shown = printable("bob\r\n2026 info admin \x1B[31mred\x7F\xC3\xA9\"\\");
  for (const char c : shown) {
    EXPECT_GE(c, ' ');
    EXPECT_LT(static_cast<unsigned char>(c), 0x7F);
  }
  EXPECT_EQ(shown.find('"'), std::string::npos);
  EXPECT_NE(shown.find("bob"), std::string::npos);
}

TEST(Log, CutsLongText) {
  EXPECT_EQ(printable(std::string(500, 'a'), 10), "aaaaaaaaaa...");
  EXPECT_EQ(printable("aaaa", 4), "aaaa");
}

TEST(Log, RefusesAnUnknownLevel) {
  EXPECT_FALSE(startLog("loud", false));
  EXPECT_TRUE(startLog("off", false));
}

}  // namespace
}  // namespace vestibule
