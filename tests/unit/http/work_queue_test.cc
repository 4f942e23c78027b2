#include "http/work_queue.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <future>
#include <stdexcept>
#include <system_error>

#include "support/sanitized.h"

namespace vestibule::http {
namespace {

class FunctionJob final : public Job {
 public:
  explicit FunctionJob(
      std::function<void()> on_run, std::function<void()> on_drop = [] {})
      : on_run_(std::move(on_run)), on_drop_(std::move(on_drop)) {}
  void run() override { on_run_(); }
  void drop() override { on_drop_(); }

 private:
  std::function<void()> on_run_;
  std::function<void()> on_drop_;
};

std::unique_ptr<Job> job(
    std::function<void()> on_run, std::function<void()> on_drop = [] {}) {
  return std::make_unique<FunctionJob>(std::move(on_run), std::move(on_drop));
}

/// Keeps a worker busy until it is opened.
class Gate {
 public:
  std::unique_ptr<Job> job() {
    return http::job([this] {
      entered_.set_value();
      opened_.wait();
    });
  }
  void waitUntilEntered() { entered_.get_future().wait(); }
  void open() { open_.set_value(); }

 private:
  std::promise<void> entered_;
  std::promise<void> open_;
  std::shared_future<void> opened_ = open_.get_future().share();
};

TEST(WorkQueue, RunsEveryJobOnce) {
  std::atomic<int> runs{0};
  {
    WorkQueue queue({.workers = 4, .capacity = 2000});
    std::promise<void> all;
    for (int i = 0; i < 1000; ++i) {
      auto next = job([&] {
        if (++runs == 1000) all.set_value();
      });
      ASSERT_TRUE(queue.offer(next));
      EXPECT_EQ(next, nullptr);
    }
    all.get_future().wait();
    EXPECT_EQ(queue.counts().accepted, 1000U);
  }
  EXPECT_EQ(runs, 1000);
}

TEST(WorkQueue, OneWorkerKeepsTheOrder) {
  WorkQueue queue({.workers = 1});
  std::vector<int> order;
  std::promise<void> done;
  for (int i = 0; i < 10; ++i) {
    auto next = job([&order, &done, i] {
      order.push_back(i);
      if (i == 9) done.set_value();
    });
    ASSERT_TRUE(queue.offer(next));
  }
  done.get_future().wait();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

TEST(WorkQueue, RefusesAtOnceWhenFull) {
  Gate gate;
  WorkQueue queue({.workers = 1, .capacity = 2});
  auto blocker = gate.job();
  ASSERT_TRUE(queue.offer(blocker));
  gate.waitUntilEntered();
  auto first = job([] {});
  auto second = job([] {});
  auto third = job([] {});
  EXPECT_TRUE(queue.offer(first));
  EXPECT_TRUE(queue.offer(second));
  EXPECT_FALSE(queue.offer(third));
  EXPECT_NE(third, nullptr) << "a refused job stays with its owner";
  const auto counts = queue.counts();
  EXPECT_EQ(counts.waiting, 2U);
  EXPECT_EQ(counts.running, 1U);
  EXPECT_EQ(counts.refused, 1U);
  gate.open();
}

TEST(WorkQueue, DropsJobsThatWaitedTooLong) {
  Gate gate;
  WorkQueue queue({.workers = 1, .capacity = 8, .max_age = std::chrono::milliseconds(20)});
  auto blocker = gate.job();
  ASSERT_TRUE(queue.offer(blocker));
  gate.waitUntilEntered();
  std::promise<std::string> outcome;
  auto late = job([&] { outcome.set_value("run"); }, [&] { outcome.set_value("dropped"); });
  ASSERT_TRUE(queue.offer(late));
  // The clock is the thing under test: let the job grow old.
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  gate.open();
  EXPECT_EQ(outcome.get_future().get(), "dropped");
  EXPECT_EQ(queue.counts().expired, 1U);
}

TEST(WorkQueue, SurvivesWhateverAJobThrowsAndDropsIt) {
  WorkQueue queue({.workers = 1});
  int dropped = 0;
  auto first = job([] { throw std::runtime_error("secret"); }, [&] { ++dropped; });
  auto second = job([] { throw 42; }, [] { throw 43; });
  std::promise<void> after;
  auto third = job([&] { after.set_value(); });
  ASSERT_TRUE(queue.offer(first));
  ASSERT_TRUE(queue.offer(second));
  ASSERT_TRUE(queue.offer(third));
  after.get_future().wait();
  EXPECT_EQ(dropped, 1);
  EXPECT_EQ(queue.counts().failed, 2U);
}

TEST(WorkQueue, StopDropsWhatWaitsAndFinishesWhatRuns) {
  Gate gate;
  WorkQueue queue({.workers = 1});
  std::atomic<int> dropped{0};
  auto blocker = gate.job();
  ASSERT_TRUE(queue.offer(blocker));
  gate.waitUntilEntered();
  for (int i = 0; i < 3; ++i) {
    auto waiting = job([] { ADD_FAILURE() << "ran after the stop"; },
                       [&, last = i == 2] {
                         ++dropped;
                         if (last) gate.open();
                       });
    ASSERT_TRUE(queue.offer(waiting));
  }
  queue.stop();
  EXPECT_EQ(dropped, 3);
  auto refused = job([] {});
  EXPECT_FALSE(queue.offer(refused));
  queue.stop();
}

TEST(WorkQueue, WorkersWorkAtTheSameTime) {
  WorkQueue queue({.workers = 2});
  std::promise<void> one;
  std::promise<void> two;
  std::promise<void> done;
  auto first = job([&] {
    one.set_value();
    two.get_future().wait();
    done.set_value();
  });
  auto second = job([&] {
    one.get_future().wait();
    two.set_value();
  });
  ASSERT_TRUE(queue.offer(first));
  ASSERT_TRUE(queue.offer(second));
  EXPECT_EQ(done.get_future().wait_for(std::chrono::seconds(10)), std::future_status::ready);
}

#ifndef VESTIBULE_SANITIZED
TEST(WorkQueueDeathTest, EndsInAnExceptionWhenTheSystemHasNoMoreThreads) {
  // In a process of its own, which gets memory for the stacks of some threads but not of all.
  const auto start_too_many = [] {
    const rlimit little{256UL << 20, 256UL << 20};
    ::setrlimit(RLIMIT_AS, &little);
    try {
      const WorkQueue queue({.workers = 1000});
    } catch (const std::system_error&) {
      std::exit(0);
    }
    std::exit(1);
  };
  EXPECT_EXIT(start_too_many(), testing::ExitedWithCode(0), "");
}
#endif

}  // namespace
}  // namespace vestibule::http
