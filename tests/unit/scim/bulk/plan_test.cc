#include "scim/bulk/plan.h"

#include <gtest/gtest.h>

#include "unit/scim/bulk/bulk_fixture.h"

namespace vestibule::scim {
namespace {

using test::bulkOperations;
using test::groupPost;
using test::kEnterprise;
using test::schemas;
using test::userPost;
using test::userUnder;

/// `0 (1 2) !(3 4)`: the places of steps alone, in a circle, and in a circle without an order.
std::string planText(const std::vector<BulkOperation>& operations) {
  std::string text;
  for (const BulkStep& step : planBulk(operations)) {
    if (!text.empty()) text += ' ';
    if (!step.possible) text += '!';
    std::string places;
    for (const std::size_t each : step.operations) {
      places += (places.empty() ? "" : " ") + std::to_string(each);
    }
    text += step.operations.size() > 1 ? "(" + places + ")" : places;
  }
  return text;
}

std::string plan(const std::vector<std::string>& operations) {
  std::string list;
  for (const auto& operation : operations) list += (list.empty() ? "" : ",") + operation;
  return planText(bulkOperations("[" + list + "]"));
}

std::string onUser(const std::string& method, const std::string& id) {
  return R"({"method": ")" + method + R"(", "path": "/Users/)" + id + R"(", "data": {}})";
}

TEST(BulkPlan, M7_KeepsTheOrderOfTheRequest) {
  EXPECT_EQ(plan({onUser("DELETE", "1"), userPost("a"), onUser("PUT", "1"), userPost("b")}),
            "0 1 2 3");
  EXPECT_EQ(plan({userPost("a"), groupPost("g", {"a"}), onUser("PATCH", "bulkId:a")}), "0 1 2");
}

TEST(BulkPlan, M4_BringsForwardWhatIsReferredTo) {
  EXPECT_EQ(plan({groupPost("g", {"a", "b"}), userPost("a"), userPost("b")}), "1 2 0");
  EXPECT_EQ(plan({onUser("DELETE", "bulkId:a"), onUser("DELETE", "1"), userPost("a")}), "2 0 1");
  EXPECT_EQ(plan({groupPost("g", {"a"}), userUnder("a", "b"), userUnder("b", "c"), userPost("c")}),
            "3 2 1 0");
}

TEST(BulkPlan, M4_AReferenceToNoPostChangesNothing) {
  EXPECT_EQ(plan({groupPost("g", {"nobody"}), userPost("a")}), "0 1");
  EXPECT_EQ(plan({groupPost("g", {"p"}),
                  R"({"method": "PUT", "path": "/Users/1", "bulkId": "p", "data": {}})"}),
            "0 1");
}

TEST(BulkPlan, M5_ACircleIsOneStepAfterWhatItNeeds) {
  EXPECT_EQ(plan({userUnder("a", "b"), userUnder("b", "a")}), "(1 0)");
  EXPECT_EQ(plan({userUnder("a", "a")}), "0");
  EXPECT_EQ(plan({userUnder("a", "b"), userPost("z"), userUnder("b", "c"), userUnder("c", "a")}),
            "(3 2 0) 1");
  EXPECT_EQ(plan({groupPost("g", {"a"}), userUnder("a", "b"),
                  userPost("b", R"("title": "bulkId:z", ")" + std::string(kEnterprise) +
                                    R"(": {"manager": {"value": "bulkId:a"}})"),
                  userPost("z")}),
            "3 (2 1) 0");
}

TEST(BulkPlan, M5_WhatIsRequiredComesFirstInACircle) {
  // `userName` cannot wait, so the user it refers to is made before.
  EXPECT_EQ(plan({R"({"method": "POST", "path": "/Users", "bulkId": "a",
                      "data": {"userName": "bulkId:b"}})",
                  userUnder("b", "a")}),
            "(1 0)");
}

TEST(BulkPlan, M5_ACircleOfRequiredValuesHasNoOrder) {
  const auto named = [](const std::string& bulk_id, const std::string& after) {
    return R"({"method": "POST", "path": "/Users", "bulkId": ")" + bulk_id +
           R"(", "data": {"userName": "bulkId:)" + after + R"("}})";
  };
  EXPECT_EQ(plan({named("a", "a")}), "!0");
  EXPECT_EQ(plan({userPost("z"), named("a", "b"), named("b", "a"), userPost("y")}), "0 !(1 2) 3");
}

TEST(BulkPlan, M5_LongChainsAndLargeCirclesAreCheap) {
  constexpr std::size_t kOperations = 10'000;
  std::vector<std::string> chain;
  for (std::size_t i = 0; i < kOperations; ++i) {
    chain.push_back(userUnder(std::to_string(i), std::to_string(i + 1)));
  }
  std::string list;
  for (const auto& operation : chain) list += (list.empty() ? "" : ",") + operation;
  auto request = parseBulk(*schemas().registry, test::bulkMessage("[" + list + "]"), kOperations);
  ASSERT_TRUE(request);
  EXPECT_EQ(planText(request->operations).substr(0, 14), "9999 9998 9997");

  list += "," + userUnder(std::to_string(kOperations), "0");
  request = parseBulk(*schemas().registry, test::bulkMessage("[" + list + "]"), kOperations + 1);
  ASSERT_TRUE(request);
  const auto steps = planBulk(request->operations);
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].operations.size(), kOperations + 1);
  // Only the first of the order has to wait for its manager.
  EXPECT_EQ(steps[0].operations.front(), kOperations);
  EXPECT_EQ(steps[0].operations.back(), 0U);
}

}  // namespace
}  // namespace vestibule::scim
