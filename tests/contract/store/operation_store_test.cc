#include "store/operation_store.h"

#include <set>
#include <thread>

#include "base/crypto.h"
#include "contract/store/store_fixture.h"

namespace vestibule::store::test {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::seconds;
using Ids = std::vector<std::string>;

const std::string kToken(32, 'a');

/// A name of one letter as the 16 or 32 bytes that a column holds.
std::string filled(std::size_t size, char with) { return std::string(size, with); }

class OperationStoreTest : public StoreTest {
 protected:
  /// An operation of this lane under a name of one letter.
  static NewOperation operation(char name, char lane) {
    NewOperation made;
    made.id = OperationId(filled(16, name));
    made.lane = filled(32, lane);
    made.token_id = kToken;
    made.request_digest = filled(32, name);
    made.identity_provider = "okta";
    made.subject = Subject(std::string("s\xff", 2) + lane);
    made.correlation_id = "c-1";
    made.request = R"({"claims":{}})";
    return made;
  }
  void queue(char name, char lane) {
    write([&](Session& session) {
      return insertOperation(session, control(), operation(name, lane), std::nullopt, 1'000);
    });
  }
  std::vector<Operation> claimAll(const Lease& lease, microseconds time = hours(1),
                                  std::uint64_t limit = 10) {
    return write(
        [&](Session& session) { return claimOperations(session, control(), lease, time, limit); });
  }
  Ids claim(char lease, microseconds time = hours(1), std::uint64_t limit = 10) {
    Ids names;
    for (const auto& claimed : claimAll(Lease(filled(16, lease)), time, limit)) {
      names.push_back(claimed.id.value().substr(0, 1));
    }
    return names;
  }
  Operation get(char name) {
    auto found = read([&](Session& session) {
      return findOperation(session, control(), OperationId(filled(16, name)));
    });
    if (!found) throw std::runtime_error("no such operation");
    return *found;
  }
  bool isThere(char name) {
    return read([&](Session& session) {
             return findOperation(session, control(), OperationId(filled(16, name)));
           })
        .has_value();
  }
  OperationEnd endOf(char name, char lease) {
    OperationEnd end;
    end.seq = get(name).seq;
    end.lease = Lease(filled(16, lease));
    end.outcome = "created";
    return end;
  }
  bool finish(const OperationEnd& end) {
    return write([&](Session& session) { return finishOperation(session, control(), end, 5'000); });
  }
  bool bury(char name, char lease) {
    auto failed = endOf(name, lease);
    failed.code = "JIT-1901";
    failed.detail = "the database is away";
    return write(
        [&](Session& session) { return buryOperation(session, control(), failed, 6'000); });
  }
  Retry retry(char name) {
    return write([&](Session& session) {
      return retryOperation(session, control(), OperationId(filled(16, name)));
    });
  }
};

TEST_F(OperationStoreTest, WhatIsQueuedIsClaimedAsItIs) {
  queue('a', '1');
  const auto claimed = claimAll(Lease(filled(16, 'L')));
  ASSERT_EQ(claimed.size(), 1U);
  const auto& found = claimed.front();
  EXPECT_EQ(found.id, OperationId(filled(16, 'a')));
  EXPECT_EQ(found.state, OperationState::kRunning);
  EXPECT_EQ(found.attempts, 1U);
  EXPECT_EQ(found.token_id, kToken);
  EXPECT_EQ(found.request_digest, filled(32, 'a'));
  EXPECT_EQ(found.identity_provider, "okta");
  EXPECT_EQ(found.subject, Subject(std::string("s\xff", 2) + "1"));
  EXPECT_EQ(found.correlation_id, "c-1");
  EXPECT_EQ(found.request, R"({"claims":{}})");
  EXPECT_EQ(found.created, 1'000);
  EXPECT_FALSE(found.finished);
  EXPECT_EQ(claim('M'), Ids()) << "somebody has it";
}

TEST_F(OperationStoreTest, OfALaneOnlyTheFirstIsClaimed) {
  for (const char name : {'a', 'b', 'c'}) queue(name, '1');
  queue('d', '2');
  EXPECT_EQ(claim('L'), (Ids{"a", "d"}));
  EXPECT_EQ(claim('M'), Ids()) << "b and c wait for a";
  EXPECT_TRUE(finish(endOf('a', 'L')));
  EXPECT_EQ(claim('M'), Ids{"b"});
  write([&](Session& session) {
    return postponeOperation(session, control(), endOf('b', 'M'), hours(1));
  });
  EXPECT_EQ(claim('N'), Ids()) << "the turn is b's though it waits";
}

TEST_F(OperationStoreTest, TheLongestDueComesFirst) {
  for (const char name : {'a', 'b', 'c', 'd', 'e'}) queue(name, name);
  EXPECT_EQ(claim('L', hours(1), 2), (Ids{"a", "b"}));
  EXPECT_EQ(claim('M', hours(1), 2), (Ids{"c", "d"}));
}

TEST_F(OperationStoreTest, WhoClaimsAtOnceGetsEachOperationOnce) {
  constexpr int kOperations = 200;
  for (int i = 0; i < kOperations; ++i) {
    auto made = operation('x', 'l');
    made.id = OperationId(randomBytes(16));
    made.lane = randomBytes(32);
    write([&](Session& session) {
      return insertOperation(session, control(), made, std::nullopt, 1);
    });
  }
  std::mutex mutex;
  std::multiset<std::uint64_t> claimed;
  std::vector<std::thread> workers;
  for (int i = 0; i < 4; ++i) {
    workers.emplace_back([&] {
      for (int empty = 0; empty < 3;) {
        const auto some = claimAll(Lease(randomBytes(16)), hours(1), 7);
        if (some.empty()) ++empty;
        const std::lock_guard lock(mutex);
        for (const auto& one : some) claimed.insert(one.seq);
      }
    });
  }
  for (auto& worker : workers) worker.join();
  for (const auto& one : claimAll(Lease(randomBytes(16)), hours(1), kOperations)) {
    claimed.insert(one.seq);
  }
  EXPECT_EQ(claimed.size(), std::size_t{kOperations});
  EXPECT_EQ(std::set(claimed.begin(), claimed.end()).size(), std::size_t{kOperations});
}

TEST_F(OperationStoreTest, AnEndIsRememberedAndTheRequestIsNot) {
  queue('a', '1');
  claim('L');
  auto end = endOf('a', 'L');
  end.domain = DomainNumber(7);
  end.user = ResourceId::generate(DomainNumber(7), ResourceKind::kUser);
  end.groups = R"({"granted":[]})";
  end.code = "JIT-1202";
  end.detail = "too short";
  EXPECT_TRUE(finish(end));
  const auto done = get('a');
  EXPECT_EQ(done.state, OperationState::kDone);
  EXPECT_FALSE(done.request);
  EXPECT_EQ(done.outcome, "created");
  EXPECT_EQ(done.domain, end.domain);
  EXPECT_EQ(done.user, end.user);
  EXPECT_EQ(done.groups, end.groups);
  EXPECT_EQ(done.code, "JIT-1202");
  EXPECT_EQ(done.detail, "too short");
  EXPECT_EQ(done.finished, 5'000);
  EXPECT_FALSE(finish(end)) << "it has ended";
}

TEST_F(OperationStoreTest, WhoseLeaseIsLostChangesNothing) {
  queue('a', '1');
  claim('L', microseconds(0));
  const auto requeued =
      write([&](Session& session) { return requeueExpired(session, control(), 10); });
  EXPECT_EQ(requeued, 1U);
  EXPECT_EQ(claim('M'), Ids{"a"});
  EXPECT_EQ(get('a').attempts, 2U);
  const auto late = endOf('a', 'L');
  EXPECT_FALSE(finish(late));
  EXPECT_FALSE(bury('a', 'L'));
  EXPECT_FALSE(write(
      [&](Session& session) { return postponeOperation(session, control(), late, seconds(0)); }));
  write([&](Session& session) {
    return releaseOperations(session, control(), late.lease, {late.seq});
  });
  write(
      [&](Session& session) { return forgetOperation(session, control(), late.seq, late.lease); });
  EXPECT_EQ(get('a').state, OperationState::kRunning);
  EXPECT_TRUE(finish(endOf('a', 'M')));
}

TEST_F(OperationStoreTest, ALeaseThatLastsIsLeftAlone) {
  queue('a', '1');
  claim('L');
  EXPECT_EQ(write([&](Session& session) { return requeueExpired(session, control(), 10); }), 0U);
}

TEST_F(OperationStoreTest, WhatIsGivenBackHasNotBeenTried) {
  for (const char name : {'a', 'b'}) queue(name, name);
  claim('L');
  write([&](Session& session) {
    return releaseOperations(session, control(), Lease(filled(16, 'L')),
                             {get('a').seq, get('b').seq});
  });
  EXPECT_EQ(get('a').attempts, 0U);
  EXPECT_EQ(claim('M'), (Ids{"a", "b"}));
}

TEST_F(OperationStoreTest, APostponedOperationComesAgainWithWhatWentWrong) {
  queue('a', '1');
  claim('L');
  auto failed = endOf('a', 'L');
  failed.code = "JIT-1901";
  failed.detail = "away";
  write(
      [&](Session& session) { return postponeOperation(session, control(), failed, seconds(0)); });
  EXPECT_EQ(get('a').code, "JIT-1901");
  const auto again = claimAll(Lease(filled(16, 'M')));
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again.front().attempts, 2U);
  EXPECT_EQ(again.front().detail, "away");
}

TEST_F(OperationStoreTest, ADeadOperationWaitsForAnOperator) {
  for (const char name : {'a', 'b'}) queue(name, '1');
  EXPECT_EQ(claim('L'), Ids{"a"});
  EXPECT_TRUE(bury('a', 'L'));
  EXPECT_EQ(get('a').state, OperationState::kDead);
  EXPECT_EQ(get('a').detail, "the database is away");
  EXPECT_TRUE(get('a').request);
  EXPECT_EQ(claim('M'), Ids{"b"}) << "the lane goes on";
  EXPECT_EQ(retry('b'), Retry::kNotDead);
  EXPECT_EQ(retry('z'), Retry::kNone);
  EXPECT_EQ(retry('a'), Retry::kQueued);
  EXPECT_EQ(get('a').attempts, 0U);
  EXPECT_EQ(claim('N'), Ids{"a"});
}

TEST_F(OperationStoreTest, ADeadOperationIsNotRunAfterALaterOne) {
  for (const char name : {'a', 'b'}) queue(name, '1');
  claim('L');
  bury('a', 'L');
  claim('M');
  EXPECT_TRUE(finish(endOf('b', 'M')));
  EXPECT_EQ(retry('a'), Retry::kSuperseded);
  EXPECT_EQ(get('a').state, OperationState::kDead);
}

TEST_F(OperationStoreTest, DropsWhatIsDeadOrQueuedAndNothingElse) {
  const auto drop = [&](char name) {
    return write([&](Session& session) {
      return dropOperation(session, control(), OperationId(filled(16, name)));
    });
  };
  for (const char name : {'a', 'b', 'c', 'd'}) queue(name, name);
  claim('L', hours(1), 3);
  bury('a', 'L');
  finish(endOf('b', 'L'));
  EXPECT_TRUE(drop('a'));
  EXPECT_FALSE(drop('b')) << "its key is remembered";
  EXPECT_FALSE(drop('c')) << "it runs";
  EXPECT_TRUE(drop('d'));
  EXPECT_FALSE(drop('z'));
  EXPECT_FALSE(isThere('a'));
  EXPECT_TRUE(isThere('b'));
  EXPECT_TRUE(isThere('c'));
  EXPECT_FALSE(isThere('d'));
}

TEST_F(OperationStoreTest, AKeyIsTakenOnce) {
  auto first = operation('a', '1');
  first.key_digest = filled(32, 'k');
  auto second = operation('b', '1');
  second.key_digest = first.key_digest;
  const auto insert = [&](const NewOperation& made) {
    return database().write([&](Session& session) {
      return insertOperation(session, control(), made,
                             std::pair(Lease(filled(16, 'L')), microseconds(hours(1))), 1);
    });
  };
  EXPECT_TRUE(insert(first));
  const auto taken = insert(second);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind, ErrorKind::kUniqueness);
  EXPECT_EQ(taken.error().attribute, "key");
  const auto found = read(
      [&](Session& session) { return findOperationByKey(session, control(), *first.key_digest); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, first.id);
  EXPECT_EQ(found->state, OperationState::kRunning) << "by whoever stored it";
  EXPECT_EQ(claim('M'), Ids());
  write([&](Session& session) {
    return forgetOperation(session, control(), found->seq, Lease(filled(16, 'L')));
  });
  EXPECT_TRUE(insert(second)) << "the key is free again";
}

TEST_F(OperationStoreTest, ListsAStatePageByPage) {
  for (const char name : {'a', 'b', 'c', 'd', 'e'}) queue(name, name);
  claim('L', hours(1), 4);
  for (const char name : {'c', 'a', 'd'}) bury(name, 'L');
  Ids seen;
  OperationPlace place;
  for (;;) {
    const auto page = read([&](Session& session) {
      return listOperations(session, control(), OperationState::kDead, place, 2);
    });
    for (const auto& one : page) seen.push_back(one.id.value().substr(0, 1));
    if (page.size() < 2) break;
    place = {page.back().due, page.back().seq};
  }
  EXPECT_EQ(seen, (Ids{"c", "a", "d"})) << "the longest dead first";
}

TEST_F(OperationStoreTest, TellsWhichHaveEnded) {
  for (const char name : {'a', 'b', 'c', 'd'}) queue(name, name);
  claim('L', hours(1), 3);
  finish(endOf('a', 'L'));
  bury('b', 'L');
  std::vector<OperationId> asked;
  for (const char name : {'a', 'b', 'c', 'd', 'z'}) asked.emplace_back(filled(16, name));
  const auto ended = read([&](Session& session) { return endedAmong(session, control(), asked); });
  EXPECT_EQ(std::set(ended.begin(), ended.end()), (std::set{asked[0], asked[1]}));
  EXPECT_TRUE(read([&](Session& session) { return endedAmong(session, control(), {}); }).empty());
}

TEST_F(OperationStoreTest, ForgetsWhatIsDoneWhenItsTimeIsOver) {
  for (const char name : {'a', 'b', 'c'}) queue(name, name);
  claim('L');
  auto kept = endOf('a', 'L');
  kept.keep = hours(1);
  finish(kept);
  finish(endOf('b', 'L'));
  bury('c', 'L');
  EXPECT_EQ(write([&](Session& session) { return removeOldOperations(session, control(), 10); }),
            1U);
  EXPECT_TRUE(isThere('a'));
  EXPECT_FALSE(isThere('b'));
  EXPECT_TRUE(isThere('c')) << "an operator has to see it";
}

TEST_F(OperationStoreTest, CountsWhatIsNotDone) {
  for (const char name : {'a', 'b', 'c', 'd', 'e'}) queue(name, name);
  claim('L', hours(1), 3);
  finish(endOf('a', 'L'));
  bury('b', 'L');
  std::map<OperationState, std::uint64_t> numbers;
  for (const auto& count :
       read([&](Session& session) { return countOperations(session, control()); })) {
    numbers[count.state] = count.number;
    EXPECT_GE(count.oldest.count(), 0);
  }
  EXPECT_EQ(numbers, (std::map<OperationState, std::uint64_t>{{OperationState::kQueued, 2},
                                                              {OperationState::kRunning, 1},
                                                              {OperationState::kDead, 1}}));
}

}  // namespace
}  // namespace vestibule::store::test
