#include "base/log.h"

#include <gtest/gtest.h>

namespace vestibule {
namespace {

TEST(Log, KeepsTextOfClientsOnOneLine) {
  // Security case H-10: neither a line nor a terminal sequence of a client reaches the log.
  EXPECT_EQ(printable("bob\r\n2026 info admin \x1B[31mred\x7F"),
            "bob\\x0d\\x0a2026 info admin \\x1b[31mred\\x7f");
}

TEST(Log, KeepsReadableTextAsItIs) { EXPECT_EQ(printable("Zoë \"Núñez\" \\"), "Zoë \"Núñez\" \\"); }

TEST(Log, EscapesTextThatIsNotUtf8) { EXPECT_EQ(printable("a\xFFz\xC3"), "a\\xffz\\xc3"); }

TEST(Log, NeverCutsInsideACharacter) { EXPECT_EQ(printable("aë", 2), "aë"); }

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
