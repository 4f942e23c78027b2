#include "base/request_rate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace vestibule {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr RequestRate::Clock::time_point kStart{std::chrono::hours(1)};

TEST(RequestRate, AdmitsAMinutesWorthAtOnceAndThenOneAShare) {
  RequestRate rate;
  for (int i = 0; i < 60; ++i) EXPECT_EQ(rate.admit(60, kStart), 0U) << i;
  EXPECT_EQ(rate.admit(60, kStart), 1U);
  EXPECT_EQ(rate.admit(60, kStart + milliseconds(999)), 1U);
  EXPECT_EQ(rate.admit(60, kStart + seconds(1)), 0U);
  EXPECT_EQ(rate.admit(60, kStart + seconds(1)), 1U);
}

TEST(RequestRate, SaysInHowManySecondsToAskAgain) {
  RequestRate rate;
  EXPECT_EQ(rate.admit(2, kStart), 0U);
  EXPECT_EQ(rate.admit(2, kStart), 0U);
  EXPECT_EQ(rate.admit(2, kStart), 30U);
  EXPECT_EQ(rate.admit(2, kStart + milliseconds(500)), 30U);
  EXPECT_EQ(rate.admit(2, kStart + seconds(29)), 1U);
  EXPECT_EQ(rate.admit(2, kStart + seconds(30)), 0U);
}

TEST(RequestRate, WhatIsRefusedCostsNothing) {
  RequestRate rate;
  EXPECT_EQ(rate.admit(1, kStart), 0U);
  for (int i = 0; i < 1'000; ++i) EXPECT_EQ(rate.admit(1, kStart + seconds(59)), 1U);
  EXPECT_EQ(rate.admit(1, kStart + seconds(60)), 0U);
}

TEST(RequestRate, AQuietTimeGivesNoMoreThanAMinutesWorth) {
  RequestRate rate;
  EXPECT_EQ(rate.admit(3, kStart), 0U);
  const auto later = kStart + std::chrono::hours(100);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(rate.admit(3, later), 0U) << i;
  EXPECT_EQ(rate.admit(3, later), 20U);
}

TEST(RequestRate, ManyThreadsTogetherGetWhatOneWouldGet) {
  RequestRate rate;
  std::atomic<int> admitted{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 1'000; ++n) {
        if (rate.admit(500, kStart) == 0) ++admitted;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(admitted.load(), 500);
}

TEST(RequestRate, TheHighestRateStillHasAShare) {
  RequestRate rate;
  EXPECT_EQ(rate.admit(kMostRequestsPerMinute, kStart), 0U);
}

}  // namespace
}  // namespace vestibule
