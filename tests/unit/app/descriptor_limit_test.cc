#include "app/descriptor_limit.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <limits>

namespace vestibule::app {
namespace {

TEST(DescriptorLimit, IsRaisedToTheHardOne) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low{256, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(raiseDescriptorLimit(), before.rlim_max);
  rlimit after{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_cur, before.rlim_max);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST(DescriptorLimit, ConnectionsOfBothAddressesFitIntoIt) {
  constexpr auto kUnlimited = std::numeric_limits<std::size_t>::max();
  EXPECT_EQ(connectionsThatFit(kUnlimited, 4096, 100), 4096U);
  EXPECT_EQ(connectionsThatFit(4 * 4096 + 100, 4096, 100), 4096U);
  EXPECT_EQ(connectionsThatFit(4 * 4096 + 99, 4096, 100), 4095U);
  EXPECT_EQ(connectionsThatFit(1024, 4096, 124), 225U);
  EXPECT_EQ(connectionsThatFit(100, 4096, 124), 1U);
  EXPECT_EQ(connectionsThatFit(1024, 1, 124), 1U);
}

}  // namespace
}  // namespace vestibule::app
