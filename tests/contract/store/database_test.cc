#include "store/database.h"

#include <barrier>
#include <future>

#include "contract/store/database_fixture.h"

namespace vestibule::store::test {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

DatabaseOptions smallPool() {
  auto options = privateOptions();
  options.sessions = 3;
  options.lease_wait = milliseconds(300);
  return options;
}

class PoolTest : public DatabaseTest {
 protected:
  PoolTest() : DatabaseTest(smallPool()) {}
  std::uint64_t leasedConnection() {
    auto lease = database_->lease();
    if (!lease) throw std::runtime_error(lease.error().internal);
    return connectionOf(**lease);
  }
};

TEST_F(PoolTest, ASessionComesBackAndIsUsedAgain) {
  const auto first = leasedConnection();
  EXPECT_EQ(leasedConnection(), first);
  EXPECT_EQ(database_->sessionCounts(), (std::pair<unsigned, unsigned>(0, 1)));
}

TEST_F(PoolTest, NoMoreSessionsThanAllowedAreOpened) {
  std::vector<SessionLease> leases;
  for (int i = 0; i < 3; ++i) {
    auto lease = database_->lease();
    ASSERT_TRUE(lease);
    leases.push_back(*std::move(lease));
  }
  EXPECT_EQ(database_->sessionCounts(), (std::pair<unsigned, unsigned>(3, 3)));
  const auto before = SteadyClock::now();
  const auto fourth = database_->lease();
  ASSERT_FALSE(fourth);
  EXPECT_EQ(fourth.error().kind, ErrorKind::kUnavailable);
  EXPECT_GE(SteadyClock::now() - before, options_.lease_wait);
}

TEST_F(PoolTest, AWaiterGetsTheSessionThatComesBack) {
  options_.lease_wait = std::chrono::minutes(1);
  options_.sessions = 1;
  database_ = databaseWith(options_);
  auto first = database_->lease();
  ASSERT_TRUE(first);
  const auto connection = connectionOf(**first);
  auto second = std::async(std::launch::async, [&] { return leasedConnection(); });
  { const auto back = std::move(*first); }
  EXPECT_EQ(second.get(), connection);
}

TEST_F(PoolTest, WhoWaitedFirstIsServedFirst) {
  options_.lease_wait = std::chrono::minutes(1);
  options_.sessions = 1;
  database_ = databaseWith(options_);
  auto held = std::make_unique<Result<SessionLease>>(database_->lease());
  ASSERT_TRUE(*held);
  std::mutex mutex;
  std::string order;
  std::vector<std::thread> threads;
  for (char name = 'a'; name <= 'e'; ++name) {
    threads.emplace_back([&, name] {
      auto lease = database_->lease();
      const std::lock_guard lock(mutex);
      order += name;
    });
    // The next one comes once this one waits.
    while (database_->waiting() != threads.size()) std::this_thread::yield();
  }
  held.reset();
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(order, "abcde");
}

TEST_F(PoolTest, ALostSessionMakesRoomForAWaiter) {
  options_.lease_wait = std::chrono::minutes(1);
  options_.sessions = 1;
  database_ = databaseWith(options_);
  auto first = database_->lease();
  ASSERT_TRUE(first);
  const auto connection = connectionOf(**first);
  auto second = std::async(std::launch::async, [&] { return leasedConnection(); });
  (**first).markUnusable();
  { const auto back = std::move(*first); }
  EXPECT_NE(second.get(), connection);
  EXPECT_EQ(database_->sessionCounts(), (std::pair<unsigned, unsigned>(0, 1)));
}

TEST_F(PoolTest, AnOpenTransactionDoesNotOutliveItsLease) {
  for (const bool through_soci : {false, true}) {
    SCOPED_TRACE(through_soci);
    {
      auto lease = database_->lease();
      ASSERT_TRUE(lease);
      if (through_soci) {
        ASSERT_TRUE((**lease).guard([&] {
          auto& sql = (**lease).soci();
          sql << "BEGIN";
          sql << "INSERT INTO " << things_ << " (id) VALUES (1)";
        }));
      } else {
        ASSERT_TRUE(beginInsert(**lease, 1, "x"));
      }
    }
    EXPECT_EQ(count(), "0");
    auto lease = database_->lease();
    ASSERT_TRUE(lease);
    EXPECT_FALSE((**lease).inTransaction());
    EXPECT_TRUE(insert(**lease, 7, "y"));
    operator_.run("DELETE FROM " + things_);
  }
}

TEST_F(PoolTest, AnIdleSessionThatWasKilledIsReplacedBeforeAnyoneGetsIt) {
  const auto connection = leasedConnection();
  operator_.kill(connection);
  operator_.waitFor("SELECT COUNT(*) FROM information_schema.processlist WHERE id = ?", "0",
                    {connection});
  // A commit in the first round trip: were the loss seen there, nobody could tell whether it took
  // effect.
  const auto inserted = database_->write([&](Session& session) { return insert(session, 1, "x"); });
  EXPECT_TRUE(inserted) << inserted.error().internal;
  EXPECT_EQ(count(), "1");
}

TEST_F(PoolTest, NothingLeaks) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 250;
  std::atomic<int> done{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < kRounds; ++round) {
        const auto result = database_->write([&](Session& session) -> Result<void> {
          switch ((i + round) % 5) {
            case 0:
              return raise(session, 1062);
            case 1:
              return raise(session, 4444);
            case 2:
              if (auto begun = beginInsert(session, 1, "x"); !begun) return begun;
              return failure(ErrorKind::kConflict, "changed its mind");
            case 3:
              return raise(session, 1290);  // such a session is closed
            default: {
              StatementBatch batch;
              auto results = batch.add("SELECT 1").run(session);
              if (!results) return propagate(results);
              return {};
            }
          }
        });
        if (result || result.error().detail != "the server is too busy; try again later") ++done;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(done, kThreads * kRounds) << "nobody had to wait in vain";
  EXPECT_EQ(database_->sessionCounts().first, 0U);
  EXPECT_LE(database_->sessionCounts().second, options_.sessions);
  EXPECT_EQ(count(), "0");
  database_.reset();
  operator_.waitFor(
      "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'root' AND id <> "
      "CONNECTION_ID()",
      "0");
}

class UnitOfWorkTest : public DatabaseTest {};

TEST_F(UnitOfWorkTest, ADeadlockIsRunAgainAndBothSucceed) {
  ASSERT_TRUE(database_->write([&](Session& session) { return insert(session, 1, "a"); }));
  ASSERT_TRUE(database_->write([&](Session& session) { return insert(session, 2, "b"); }));
  std::barrier both_hold_one(2);
  std::atomic<int> runs{0};
  const auto swap = [&](std::uint64_t first, std::uint64_t second) {
    bool met = false;
    return database_->write([&, met](Session& session) mutable -> Result<void> {
      ++runs;
      const auto touch =
          "UPDATE " + things_ + " SET bytes = CONCAT(COALESCE(bytes, ''), 'x') WHERE id = ?";
      StatementBatch batch;
      auto results = batch.begin().add(touch, {first}).run(session);
      if (!results) return propagate(results);
      if (!std::exchange(met, true)) both_hold_one.arrive_and_wait();
      results = batch.add(touch, {second}).commit().run(session);
      if (!results) return propagate(results);
      return {};
    });
  };
  auto other = std::async(std::launch::async, [&] { return swap(2, 1); });
  const auto mine = swap(1, 2);
  const auto theirs = other.get();
  EXPECT_TRUE(mine) << mine.error().internal;
  EXPECT_TRUE(theirs) << theirs.error().internal;
  EXPECT_GE(runs, 3) << "one of them was the victim";
  EXPECT_EQ(operator_.value("SELECT GROUP_CONCAT(bytes) FROM " + things_), "xx,xx");
}

TEST_F(UnitOfWorkTest, ALockWaitIsTriedAgainAndThenGivenUp) {
  ASSERT_TRUE(database_->write([&](Session& session) { return insert(session, 1, "a"); }));
  auto holder = database_->lease();
  ASSERT_TRUE(holder);
  StatementBatch batch;
  const auto lock = "SELECT id FROM " + things_ + " WHERE id = 1 FOR UPDATE";
  ASSERT_TRUE(batch.begin().add(lock).run(**holder));
  int runs = 0;
  const auto waited = database_->write([&](Session& session) -> Result<void> {
    ++runs;
    if (auto begun = beginInsert(session, 2, "b"); !begun) return begun;
    StatementBatch locking;
    auto results = locking.add(lock).run(session);
    if (!results) return propagate(results);
    return commit(session);
  });
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(runs, 5);
  EXPECT_EQ(count(), "1");
}

TEST_F(UnitOfWorkTest, EachErrorLeavesNothingBehindAndIsRunAgainOnlyWhereThatHelps) {
  struct Case {
    unsigned number;
    int runs;
    ErrorKind kind;
  };
  const std::vector<Case> cases = {
      {1040, 1, ErrorKind::kUnavailable}, {1205, 5, ErrorKind::kUnavailable},
      {1213, 5, ErrorKind::kUnavailable}, {1290, 1, ErrorKind::kUnavailable},
      {1021, 1, ErrorKind::kUnavailable}, {1406, 1, ErrorKind::kInvalidValue},
      {1062, 1, ErrorKind::kUniqueness},  {2006, 5, ErrorKind::kUnavailable},
      {2013, 5, ErrorKind::kUnavailable}, {1836, 1, ErrorKind::kUnavailable},
      {1874, 1, ErrorKind::kUnavailable}, {1030, 1, ErrorKind::kUnavailable},
      {1146, 1, ErrorKind::kUnavailable}, {1049, 1, ErrorKind::kUnavailable},
      {1047, 1, ErrorKind::kUnavailable}, {1180, 1, ErrorKind::kUnavailable},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.number);
    int runs = 0;
    const auto result = database_->write([&](Session& session) -> Result<void> {
      ++runs;
      EXPECT_FALSE(session.inTransaction()) << "no session is handed out dirty";
      if (auto begun = beginInsert(session, 1, "x"); !begun) return begun;
      if (auto raised = raise(session, test.number); !raised) return raised;
      return commit(session);
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, test.kind);
    EXPECT_EQ(runs, test.runs);
    EXPECT_EQ(count(), "0");
  }
}

TEST_F(UnitOfWorkTest, ARefusalByTheFunctionItselfStandsAndRollsBack) {
  int runs = 0;
  const auto result = database_->write([&](Session& session) -> Result<void> {
    ++runs;
    if (auto begun = beginInsert(session, 1, "x"); !begun) return begun;
    return failure(ErrorKind::kVersionMismatch, "not that version");
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kVersionMismatch);
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(count(), "0");
}

TEST_F(UnitOfWorkTest, AReadOnAKilledConnectionIsRunOnceMore) {
  int runs = 0;
  const auto result = database_->read([&](Session& session) -> Result<std::string> {
    if (++runs == 1) operator_.kill(connectionOf(session));
    StatementBatch batch;
    auto results = batch.add("SELECT 42").run(session);
    if (!results) return propagate(results);
    return results->front().rows.at(0).at(0).value_or("");
  });
  ASSERT_TRUE(result) << result.error().internal;
  EXPECT_EQ(*result, "42");
  EXPECT_EQ(runs, 2);

  runs = 0;
  const auto never = database_->read([&](Session& session) -> Result<void> {
    ++runs;
    operator_.kill(connectionOf(session));
    StatementBatch batch;
    auto results = batch.add("SELECT 42").run(session);
    if (!results) return propagate(results);
    return {};
  });
  ASSERT_FALSE(never);
  EXPECT_EQ(never.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(runs, 2);
}

TEST_F(UnitOfWorkTest, AReadThroughSociOnAKilledConnectionIsRunOnceMore) {
  struct One {
    One(Session& session, const std::string&)
        : statement((session.soci().prepare << "SELECT 1", soci::into(value))) {}
    int value = 0;
    soci::statement statement;
  };
  int runs = 0;
  const auto result = database_->read([&](Session& session) -> Result<int> {
    if (++runs == 1) {
      EXPECT_TRUE(session.guard([&] { session.prepared<One>(schema_).statement.execute(true); }));
      operator_.kill(connectionOf(session));
    }
    return session.guard([&] {
      auto& one = session.prepared<One>(schema_);
      one.statement.execute(true);
      return one.value;
    });
  });
  ASSERT_TRUE(result) << result.error().internal;
  EXPECT_EQ(*result, 1);
  EXPECT_EQ(runs, 2);
}

TEST_F(UnitOfWorkTest, ASlowAnswerIsNoLostConnection) {
  options_.read_seconds = 1;
  database_ = databaseWith(options_);
  // Another session of the same time, which has to stay.
  std::uint64_t other = 0;
  const auto ask = [](Session& session, const char* sql) -> Result<void> {
    StatementBatch batch;
    auto results = batch.add(sql).run(session);
    if (!results) return propagate(results);
    return {};
  };
  for (const bool writes : {false, true}) {
    SCOPED_TRACE(writes);
    int runs = 0;
    const auto slow = [&](Session& session) {
      ++runs;
      auto idle = database_->lease();
      EXPECT_TRUE(idle);
      other = connectionOf(**idle);
      return ask(session, "SELECT SLEEP(2)");
    };
    const auto result = writes ? database_->write(slow) : database_->read(slow);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::kUnavailable);
    EXPECT_EQ(runs, 1);
    auto next = database_->lease();
    ASSERT_TRUE(next);
    EXPECT_EQ(connectionOf(**next), other);
  }
}

TEST_F(UnitOfWorkTest, AWriteLostBeforeItsCommitIsRunAgain) {
  int runs = 0;
  const auto result = database_->write([&](Session& session) -> Result<void> {
    ++runs;
    if (auto begun = beginInsert(session, 1, "x"); !begun) return begun;
    if (runs == 1) {
      operator_.kill(connectionOf(session));
      StatementBatch batch;
      auto lost = batch.add("SELECT 1").run(session);
      if (!lost) return propagate(lost);
    }
    return commit(session);
  });
  EXPECT_TRUE(result) << result.error().internal;
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(count(), "1");
}

TEST_F(UnitOfWorkTest, AWriteLostInItsCommitIsNotRunAgain) {
  int runs = 0;
  const auto result = database_->write([&](Session& session) -> Result<void> {
    ++runs;
    if (auto begun = beginInsert(session, 1, "x"); !begun) return begun;
    operator_.kill(connectionOf(session));
    return commit(session);
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(result.error().detail.find("not known"), std::string::npos);
  EXPECT_EQ(runs, 1);
}

TEST(DatabaseOptionsTest, BadOptionsAreRefusedBeforeAnyConnection) {
  const auto refuses = [](const auto& change) {
    DatabaseOptions options;
    options.url = "mysql://root@localhost/";
    change(options);
    const auto database = Database::create(options);
    return !database && database.error().kind == ErrorKind::kInvalidValue;
  };
  EXPECT_FALSE(refuses([](auto&) {}));
  EXPECT_TRUE(refuses([](auto& options) { options.url = "postgres://x@y/"; }));
  EXPECT_TRUE(refuses([](auto& options) { options.schema_prefix = ""; }));
  EXPECT_TRUE(refuses([](auto& options) { options.schema_prefix = "a`b"; }));
  EXPECT_TRUE(refuses([](auto& options) { options.schema_prefix = "Upper"; }));
  EXPECT_TRUE(refuses([](auto& options) { options.schema_prefix = std::string(25, 'a'); }));
  EXPECT_TRUE(refuses([](auto& options) { options.sessions = 0; }));
}

}  // namespace
}  // namespace vestibule::store::test
