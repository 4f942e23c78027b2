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

TEST(RecentEvents, ARefusalRepeatsItselfForAMinute) {
  const auto refusal = [](const char* actor, const char* provider, const char* subject,
                          const char* code) {
    auto event = eventOf("r", "jit.refused");
    event.actor_id = actor;
    event.identity_provider = provider;
    event.subject = Subject(subject);
    event.code = code;
    return event;
  };
  RecentEvents log;
  std::chrono::steady_clock::time_point time(std::chrono::hours(1));
  EXPECT_FALSE(log.repeats(refusal("t", "idp", "s", "JIT-1401"), time));
  EXPECT_TRUE(log.repeats(refusal("t", "idp", "s", "JIT-1401"), time));
  EXPECT_FALSE(log.repeats(refusal("u", "idp", "s", "JIT-1401"), time));
  EXPECT_FALSE(log.repeats(refusal("t", "idp2", "s", "JIT-1401"), time));
  EXPECT_FALSE(log.repeats(refusal("t", "idp", "s2", "JIT-1401"), time));
  EXPECT_FALSE(log.repeats(refusal("t", "idp", "s", "JIT-1202"), time));
  EXPECT_FALSE(log.repeats(refusal("t", "idps", "", "JIT-1401"), time)) << "no text runs on";
  time += std::chrono::seconds(59);
  EXPECT_TRUE(log.repeats(refusal("t", "idp", "s", "JIT-1401"), time));
  time += std::chrono::seconds(1);
  EXPECT_FALSE(log.repeats(refusal("t", "idp", "s", "JIT-1401"), time)) << "the minute is over";
  EXPECT_TRUE(log.repeats(refusal("t", "idp", "s", "JIT-1401"), time));
}

TEST(RecentEvents, RemembersSoManyRefusals) {
  constexpr int kRefusals = 10'000;
  RecentEvents log;
  std::chrono::steady_clock::time_point time(std::chrono::hours(1));
  auto event = eventOf("r", "jit.refused");
  for (int i = 0; i < kRefusals; ++i) {
    event.subject = Subject(std::to_string(i));
    ASSERT_FALSE(log.repeats(event, time));
  }
  event.subject = Subject("one more");
  EXPECT_FALSE(log.repeats(event, time));
  EXPECT_FALSE(log.repeats(event, time)) << "there is no room for it";
  event.subject = Subject("0");
  EXPECT_TRUE(log.repeats(event, time));
  time += std::chrono::minutes(1);
  event.subject = Subject("one more");
  EXPECT_FALSE(log.repeats(event, time));
  EXPECT_TRUE(log.repeats(event, time)) << "the others are forgotten";
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
