#include "app/progress_line.h"

#include <gtest/gtest.h>

namespace vestibule::app {
namespace {

TEST(ProgressLine, GroupsThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1'000), "1,000");
  EXPECT_EQ(grouped(1'234'567), "1,234,567");
}

TEST(ProgressLine, SaysHowMuchIsLeftOnceItCanTell) {
  EXPECT_EQ(progressText(0.5, 500'000, "users", 400'000, 50, "3 rejected"),
            "[###############---------------]  50%  500,000 users  8,000/s  1:02 left  3 rejected");
  EXPECT_EQ(progressText(0.0, 0, "users", 0, 0, ""),
            "[------------------------------]   0%  0 users");
  EXPECT_EQ(progressText(1.0, 10, "users", 10, 2, ""),
            "[##############################] 100%  10 users  5/s");
  EXPECT_EQ(progressText(std::nullopt, 10, "groups", 10, 5, ""), "10 groups  2/s");
  EXPECT_EQ(progressText(7.0, 1, "users", 0, 5, ""),
            "[##############################] 100%  1 users")
      << "a file that grows";
}

}  // namespace
}  // namespace vestibule::app
