#include <atomic>
#include <chrono>

#include "contract/store/database_fixture.h"
#include "support/temporary_folder.h"

namespace vestibule::store::test {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

/// A server of this test's own, which it can stop and start.
class OutageTest : public testing::Test {
 protected:
  OutageTest() {
    vestibule::test::prepareDataDir(folder_.path());
    start();
    DatabaseOptions options;
    options.url = server_->url();
    options.sessions = 8;
    database_ = databaseWith(options);
  }
  void start() {
    app::EmbeddedDatabaseOptions options;
    options.data_dir = folder_.path();
    options.tuning = vestibule::test::quickTuning();
    auto started = app::EmbeddedDatabase::start(options);
    if (!started) throw std::runtime_error("no server: " + started.error().internal);
    server_ = *std::move(started);
  }
  Result<std::string> ask() {
    return database_->read([](Session& session) -> Result<std::string> {
      StatementBatch batch;
      auto results = batch.add("SELECT 42").run(session);
      if (!results) return propagate(results);
      return results->front().rows.at(0).at(0).value_or("");
    });
  }
  /// Opens as many sessions as there may be, and lets them lie idle.
  void fillPool() {
    std::vector<SessionLease> leases;
    for (unsigned i = 0; i < database_->options().sessions; ++i) {
      auto lease = database_->lease();
      ASSERT_TRUE(lease);
      leases.push_back(*std::move(lease));
    }
  }

  vestibule::test::TemporaryFolder folder_;
  std::unique_ptr<app::EmbeddedDatabase> server_;
  std::unique_ptr<Database> database_;
};

TEST_F(OutageTest, AServerThatIsGoneIsUnavailableAtOnceAndComesBackWithoutARestart) {
  fillPool();
  ASSERT_TRUE(ask());
  server_->stop();

  const auto before = SteadyClock::now();
  std::atomic<int> unavailable{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        const auto answer = ask();
        if (!answer && answer.error().kind == ErrorKind::kUnavailable) ++unavailable;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(unavailable, 16 * 50);
  EXPECT_LT(SteadyClock::now() - before, std::chrono::seconds(5));
  EXPECT_EQ(database_->sessionCounts(), (std::pair<unsigned, unsigned>(0, 0)));

  server_.reset();
  start();
  const auto deadline = SteadyClock::now() + std::chrono::seconds(10);
  auto answer = ask();
  while (!answer && SteadyClock::now() < deadline) {
    std::this_thread::yield();
    answer = ask();
  }
  ASSERT_TRUE(answer) << answer.error().internal;
  EXPECT_EQ(*answer, "42");
}

TEST_F(OutageTest, IdleSessionsOfBeforeARestartFailNobody) {
  fillPool();
  server_.reset();
  start();
  for (unsigned i = 0; i < database_->options().sessions; ++i) {
    const auto answer = ask();
    EXPECT_TRUE(answer) << answer.error().internal;
  }
}

}  // namespace
}  // namespace vestibule::store::test
