#include "directory/recent_events.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace vestibule::directory {
namespace {

store::AuditEvent eventOf(const std::string& id, const std::string& action,
                          const std::string& trace = "[]") {
  store::AuditEvent event;
  event.correlation_id = id;
  event.action = action;
  event.trace = trace;
  return event;
}

std::string actionsOf(const RecentEvents& log, const std::string& id, std::size_t count = 100) {
  std::string actions;
  for (const auto& event : log.find(id, count)) actions += event.action + " ";
  return actions;
}

TEST(RecentEvents, FindsTheEventsOfARequestNewestFirst) {
  RecentEvents log;
  log.keep(eventOf("r-1", "a"));
  log.keep(eventOf("r-10", "b"));
  log.keep(eventOf("r-1", "c"));
  log.keep(eventOf("", "d"));
  EXPECT_EQ(actionsOf(log, "r-1"), "c a ");
  EXPECT_EQ(actionsOf(log, "r-1", 1), "c ");
  EXPECT_EQ(actionsOf(log, "r-10"), "b ");
  EXPECT_EQ(actionsOf(log, ""), "d ");
  EXPECT_EQ(actionsOf(log, "r"), "");
}

TEST(RecentEvents, ForgetsTheOldestBeyondItsNumber) {
  RecentEvents log(3);
  for (int i = 0; i < 10; ++i) log.keep(eventOf("r-" + std::to_string(i % 2), std::to_string(i)));
  EXPECT_EQ(actionsOf(log, "r-0"), "8 ");
  EXPECT_EQ(actionsOf(log, "r-1"), "9 7 ");
}

TEST(RecentEvents, ForgetsTheOldestBeyondItsBytes) {
  RecentEvents log(1'000, 50'000);
  for (int i = 0; i < 10; ++i) {
    log.keep(eventOf("r", std::to_string(i), std::string(20'000, 't')));
  }
  EXPECT_EQ(actionsOf(log, "r"), "9 8 ");
  // One that is larger than all that may be kept is not.
  log.keep(eventOf("r", "large", std::string(60'000, 't')));
  EXPECT_EQ(actionsOf(log, "r"), "");
}

TEST(RecentEvents, IsUsedByManyThreadsAtOnce) {
  RecentEvents log(50);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&log, t] {
      for (int i = 0; i < 500; ++i) {
        log.keep(eventOf("r-" + std::to_string(t), "a"));
        static_cast<void>(log.find("r-0", 10));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::size_t kept = 0;
  for (int t = 0; t < 4; ++t) kept += log.find("r-" + std::to_string(t), 100).size();
  EXPECT_EQ(kept, 50U);
}

}  // namespace
}  // namespace vestibule::directory
