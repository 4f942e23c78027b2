#include "jit/queue_workers.h"

#include <condition_variable>
#include <mutex>

#include "base/crypto.h"
#include "contract/jit/jit_test.h"

namespace vestibule::jit::test {
namespace {

using std::chrono::milliseconds;

class QueueWorkersTest : public JitTest {
 protected:
  QueueWorkersTest() {
    gateway_.token_id = std::string(32, 'a');
    usual();
    options_.poll = milliseconds(20);
  }
  std::unique_ptr<QueueWorkers> start() {
    return std::make_unique<QueueWorkers>(context_, *providers_, options_, [this] {
      const std::lock_guard lock(mutex_);
      ++ran_;
      changed_.notify_all();
    });
  }
  void queue(const std::string& subject, const std::string& title) {
    OperationRequest asked;
    asked.request =
        request(subject, R"({"uid": "user-)" + subject + R"(", "title": ")" + title + "\"}");
    asked.body_digest = randomBytes(32);
    must(queueOperation(context_, gateway_, asked));
  }
  void awaitRuns(int number) {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, std::chrono::seconds(60), [&] { return ran_ >= number; }));
  }
  std::uint64_t inState(int state) {
    return onlooker_.number("SELECT COUNT(*) FROM " + table("control.operations") +
                            " WHERE state = " + std::to_string(state));
  }

  QueueOptions options_;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int ran_ = 0;
};

TEST_F(QueueWorkersTest, RunsWhatIsQueuedBeforeAndAfterItStarts) {
  for (int i = 0; i < 20; ++i) queue(std::to_string(i), "Engineer");
  const auto workers = start();
  awaitRuns(20);
  for (int i = 20; i < 40; ++i) {
    queue(std::to_string(i), "Engineer");
    workers->wake();
  }
  awaitRuns(40);
  workers->stop();
  EXPECT_EQ(inState(4), 40U);
  EXPECT_EQ(count("corp.users"), 40U);
}

TEST_F(QueueWorkersTest, FindsWhatOthersHaveQueuedWithoutACall) {
  const auto workers = start();
  queue("1", "Engineer");
  awaitRuns(1);
}

TEST_F(QueueWorkersTest, BeginsAtOnceWhenCalled) {
  options_.poll = std::chrono::hours(1);
  const auto workers = start();
  queue("1", "Engineer");
  workers->wake();
  awaitRuns(1);
}

TEST_F(QueueWorkersTest, TwoServersKeepTheOrderOfEachSubject) {
  constexpr int kSubjects = 8;
  constexpr int kEach = 12;
  const auto one = start();
  const auto two = start();
  for (int i = 0; i < kEach; ++i) {
    for (int subject = 0; subject < kSubjects; ++subject) {
      queue(std::to_string(subject), "title " + std::to_string(i));
      one->wake();
    }
  }
  awaitRuns(kSubjects * kEach);
  one->stop();
  two->stop();
  EXPECT_EQ(inState(4), std::uint64_t{kSubjects * kEach});
  for (int subject = 0; subject < kSubjects; ++subject) {
    const auto name = std::to_string(subject);
    const auto result = login(name, R"({"uid": "user-)" + name + R"(", "title": "title )" +
                                        std::to_string(kEach - 1) + "\"}");
    EXPECT_EQ(outcome(result), "unchanged") << "the last title is the one queued last";
    EXPECT_EQ(versionOf(result), std::uint64_t{kEach}) << "each has been applied once";
  }
}

TEST_F(QueueWorkersTest, TakesOverWhatADeadServerHasLeft) {
  queue("1", "Engineer");
  const store::Lease lease(randomBytes(16));
  must(database_->write([&](store::Session& session) {
    return store::claimOperations(session, database_->controlSchema(), lease,
                                  std::chrono::microseconds(0), 10);
  }));
  ASSERT_EQ(inState(2), 1U);
  const auto workers = start();
  awaitRuns(1);
  EXPECT_EQ(count("corp.users"), 1U);
}

TEST_F(QueueWorkersTest, ForgetsWhatIsOld) {
  options_.operations.keep = std::chrono::microseconds(0);
  options_.poll = milliseconds(1);
  const auto workers = start();
  queue("1", "Engineer");
  awaitRuns(1);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (count("control.operations") > 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();
  }
  EXPECT_EQ(count("control.operations"), 0U);
}

TEST_F(QueueWorkersTest, CountsWhatIsNotDone) {
  queue("1", "Engineer");
  onlooker_.run("UPDATE " + table("control.operations") + " SET state = 3");
  options_.poll = milliseconds(1);
  const auto workers = start();
  const auto dead = [&] {
    for (const auto& count : workers->counts().value_or(WaitingLogins()).operations) {
      if (count.state == store::OperationState::kDead) return count.number;
    }
    return std::uint64_t{0};
  };
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (dead() == 0 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  EXPECT_EQ(dead(), 1U);
}

TEST_F(QueueWorkersTest, AStopLeavesTheRestInTheQueue) {
  for (int i = 0; i < 200; ++i) queue(std::to_string(i), "Engineer");
  const auto workers = start();
  awaitRuns(1);
  workers->stop();
  EXPECT_EQ(inState(2), 0U) << "nothing is left leased";
  EXPECT_EQ(inState(1) + inState(4), 200U);
  EXPECT_EQ(count("corp.users"), inState(4));
}

}  // namespace
}  // namespace vestibule::jit::test
