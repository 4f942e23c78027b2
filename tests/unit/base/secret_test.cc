#include "base/secret.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace vestibule {
namespace {

static_assert(!std::is_copy_constructible_v<Secret>);
static_assert(!std::is_copy_assignable_v<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<std::string, Secret>);

TEST(Secret, ShowsItsTextOnlyWhenAsked) {
  const Secret secret(std::string("opensesame"));
  EXPECT_EQ(secret.exposeSecret(), "opensesame");
  EXPECT_FALSE(secret.empty());
  EXPECT_TRUE(Secret().empty());
}

TEST(Secret, ComparesByValue) {
  const Secret secret(std::string("opensesame"));
  EXPECT_TRUE(secret.matches("opensesame"));
  EXPECT_FALSE(secret.matches("opensesam"));
  EXPECT_FALSE(secret.matches("Opensesame"));
  EXPECT_FALSE(secret.matches(""));
}

TEST(Secret, LeavesNothingBehindWhenMoved) {
  Secret from(std::string("a text too long to be kept inside a std::string"));
  const Secret to(std::move(from));
  EXPECT_EQ(to.exposeSecret(), "a text too long to be kept inside a std::string");
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): this is what is tested

  Secret target(std::string("old"));
  Secret source(std::string("new"));
  target = std::move(source);
  EXPECT_EQ(target.exposeSecret(), "new");
  EXPECT_TRUE(source.empty());  // NOLINT(bugprone-use-after-move)
}

TEST(Secret, SurvivesAMoveToItself) {
  Secret secret(std::string("opensesame"));
  Secret& same = secret;
  secret = std::move(same);
  EXPECT_EQ(secret.exposeSecret(), "opensesame");
}

}  // namespace
}  // namespace vestibule
