#include "directory/list_cursor.h"

#include <gtest/gtest.h>

#include "base/crypto.h"

namespace vestibule::directory {
namespace {

CursorSeal sealer(char key = 'k') {
  return CursorSeal(Secret(std::string(32, key)), std::chrono::hours(1));
}

ListCursor someCursor() {
  ListCursor cursor;
  cursor.place.kind = ResourceKind::kGroup;
  cursor.place.domain = DomainNumber(513);
  cursor.place.position = {true, std::string("k\0y", 3), 0xFEDCBA9876543210U};
  cursor.count = 50;
  cursor.total = 1'000'000;
  return cursor;
}

TEST(ListCursor, ComesBackAsItWas) {
  const auto seal = sealer();
  const auto text = seal.seal(someCursor(), "q", 1'000);
  EXPECT_EQ(
      text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"),
      std::string::npos)
      << "RFC 9865: no character that a URL would encode";
  const auto opened = seal.open(text, "q", 2'000);
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_EQ(opened->place.kind, ResourceKind::kGroup);
  EXPECT_EQ(opened->place.domain, DomainNumber(513));
  EXPECT_EQ(opened->place.position, someCursor().place.position);
  EXPECT_EQ(opened->count, 50U);
  EXPECT_EQ(opened->total, 1'000'000U);

  auto without_total = someCursor();
  without_total.total.reset();
  EXPECT_FALSE(seal.open(seal.seal(without_total, "q", 0), "q", 0)->total);
}

TEST(ListCursor, TheLongestKeyFits) {
  auto cursor = someCursor();
  cursor.place.position.key = std::string(2'100, 'x');
  const auto seal = sealer();
  EXPECT_TRUE(seal.open(seal.seal(cursor, "q", 0), "q", 0));
}

TEST(ListCursor, R7_IsWorthNothingElsewhere) {
  const auto seal = sealer();
  const auto text = seal.seal(someCursor(), "q", 0);
  const auto expectInvalid = [](const Result<ListCursor>& opened) {
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, ErrorKind::kInvalidCursor);
  };
  expectInvalid(seal.open(text, "another query", 0));
  expectInvalid(sealer('l').open(text, "q", 0));
  for (const std::string& bad : {std::string("x"), std::string("!!"), text.substr(1), text + "AAAA",
                                 std::string(5'000, 'A')}) {
    expectInvalid(seal.open(bad, "q", 0));
  }
}

TEST(ListCursor, R7_ExpiresAfterItsTime) {
  const auto seal = sealer();
  const auto text = seal.seal(someCursor(), "q", 0);
  constexpr Timestamp kHour = 3'600'000'000;
  EXPECT_TRUE(seal.open(text, "q", kHour - 1));
  const auto late = seal.open(text, "q", kHour);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::kExpiredCursor);
}

}  // namespace
}  // namespace vestibule::directory
