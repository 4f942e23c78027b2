// The outbox and deliveries: what is written with a change, and what becomes of it.

#include "store/outbox_store.h"

#include <atomic>
#include <set>

#include "base/crypto.h"
#include "contract/store/store_fixture.h"
#include "store/delivery_store.h"
#include "store/event_key_store.h"
#include "store/feed_walk.h"
#include "support/scim_schemas.h"

namespace vestibule::store::test {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::seconds;
using Lines = std::vector<std::string>;

constexpr EventStreamNumber kOne = 901;
constexpr EventStreamNumber kOther = 902;

class OutboxTest : public StoreTest {
 protected:
  OutboxTest() {
    for (const auto stream : {kOne, kOther}) {
      run(
          {"INSERT INTO {control}.event_stream_progress (stream_number, due, failures, dropped) "
           "VALUES (" +
           std::to_string(stream) + ", 0, 0, 0)"});
    }
  }

  /// An event that tells of a change of the resource.
  static AuditEvent eventOf(const ResourceId& id, ChangeKind kind = ChangeKind::kPatch) {
    AuditEvent event;
    event.occurred = 5;
    event.action = "user.updated";
    event.correlation_id = "c-1";
    event.domain = AuditDomain{DomainNumber(7), DomainName("CORP")};
    event.resource = id;
    event.version_before = Version(1);
    event.version_after = Version(2);
    event.attributes = {"title"};
    event.announcement = Announcement{bitOf(kind), "ext", {}};
    return event;
  }
  std::string outbox() {
    std::string all;
    for (const auto& line : rows("SELECT kinds, version, external_id, attributes, correlation_id "
                                 "FROM {control}.event_outbox ORDER BY seq")) {
      all += line + "\n";
    }
    return all;
  }
  /// Writes a new user with the event.
  Result<void> insert(const NewUser& user, const AuditEvent& event) {
    return database().write([&](Session& session) {
      return insertUser(session, domain(), user.meta, user.write, "", {control(), event});
    });
  }
  void changes(int number) {
    for (int i = 0; i < number; ++i) {
      const auto user = userOf(R"({"userName":"u)" + std::to_string(++made_) + "\"}");
      valueOf(insert(user, eventOf(user.meta.id, ChangeKind::kCreate)));
    }
  }

  static std::vector<NewDelivery> forStreams(const std::vector<OutboxEvent>& events,
                                             const std::vector<EventStreamNumber>& streams) {
    std::vector<NewDelivery> deliveries;
    for (const auto& event : events) {
      for (const auto stream : streams) {
        deliveries.push_back({stream, randomBytes(16), &event, event.kinds});
      }
    }
    return deliveries;
  }
  std::uint64_t revision() {
    return std::stoull(row("SELECT revision FROM {control}.control_state"));
  }
  FindDomain tables() {
    return [this](DomainNumber) { return &domain(); };
  }
  FannedOut fan(const std::vector<EventStreamNumber>& streams = {kOne}) {
    return write([&](Session& session) {
      return fanOut(
          session, control(), revision(), 100,
          [&](const auto& events) { return forStreams(events, streams); }, tables());
    });
  }
  std::optional<ClaimedStream> claim(char lease, microseconds time = hours(1)) {
    return write([&](Session& session) {
      return claimStream(session, control(), {kOne, kOther}, leaseOf(lease), time);
    });
  }
  static Lease leaseOf(char name) { return Lease(std::string(16, name)); }
  std::vector<Delivery> next(EventStreamNumber stream = kOne) {
    return read([&](Session& session) { return nextDeliveries(session, control(), stream, 10); });
  }
  StreamProgress progress(EventStreamNumber stream = kOne) {
    return read([&](Session& session) { return readProgress(session, control(), {stream}); })
        .at(stream);
  }

 private:
  int made_ = 0;
};

TEST_F(OutboxTest, AChangeAndItsRowAreOneTransaction) {
  const auto user = userOf(R"({"userName":"bob"})");
  valueOf(insert(user, eventOf(user.meta.id)));
  EXPECT_EQ(outbox(), "4|2|ext|[\"title\"]|c-1\n");
  // The name is taken: nothing of the second is stored.
  const auto again = userOf(R"({"userName":"bob"})");
  EXPECT_FALSE(insert(again, eventOf(again.meta.id)));
  EXPECT_EQ(outbox(), "4|2|ext|[\"title\"]|c-1\n");
}

TEST_F(OutboxTest, WithoutAnAnnouncementThereIsNoRow) {
  const auto user = userOf(R"({"userName":"bob"})");
  auto event = eventOf(user.meta.id);
  event.announcement.reset();
  valueOf(insert(user, event));
  EXPECT_EQ(outbox(), "");
}

TEST_F(OutboxTest, WhatLeavesVersionAndGroupsAsTheyWereIsNotTold) {
  const auto user = userOf(R"({"userName":"bob"})");
  auto event = eventOf(user.meta.id);
  event.version_after = event.version_before;
  valueOf(insert(user, event));
  EXPECT_EQ(outbox(), "");
  const auto other = userOf(R"({"userName":"ann"})");
  event.granted = {"staff"};
  valueOf(insert(other, event));
  EXPECT_EQ(outbox(), "4|1|ext|[\"title\",\"groups\"]|c-1\n");
}

TEST_F(OutboxTest, AMembershipThatIsThereAlreadyIsNoChange) {
  const auto bob = addUser("bob");
  const auto group = addGroup("staff");
  const auto event = eventOf(group);
  const auto join = [&] {
    write([&](Session& session) {
      return changeGroup(
          session, domain(), *scim::test::schemas().group, group,
          [](const auto&) { return Result<std::optional<GroupWrite>>(std::nullopt); },
          {{bob}, {}, false}, 9, {control(), event}, {});
    });
  };
  const std::string row =
      "4|2|ext|{\"attributes\":[\"title\",\"members\"],\"members\":{\"add\":[\"" + bob.text() +
      "\"],\"remove\":[]}}|c-1\n";
  join();
  EXPECT_EQ(outbox(), row);
  join();
  EXPECT_EQ(outbox(), row);
}

TEST_F(OutboxTest, AChangeGoesToEachStreamOnce) {
  changes(3);
  EXPECT_EQ(fan({kOne, kOther}), FannedOut::kSome);
  EXPECT_EQ(outbox(), "");
  EXPECT_EQ(fan(), FannedOut::kNothing);
  EXPECT_EQ(progress(kOne).waiting, 3U);
  EXPECT_EQ(progress(kOther).waiting, 3U);
}

TEST_F(OutboxTest, DispatchersInARaceDeliverEachChangeOnceAndInOrder) {
  constexpr int kChanges = 60;
  std::atomic<bool> done{false};
  inParallel(5, [&](int thread) {
    if (thread == 0) {
      changes(kChanges);
      done = true;
      return;
    }
    while (true) {
      const bool last = done;
      const auto fanned = write([&](Session& session) {
        return fanOut(
            session, control(), revision(), 4,
            [&](const auto& events) { return forStreams(events, {kOne}); }, tables());
      });
      if (last && fanned == FannedOut::kNothing) return;
    }
  });
  EXPECT_EQ(row("SELECT COUNT(*), COUNT(DISTINCT resource_id) FROM {control}.event_deliveries"),
            "60|60");
  // In the order of their commits: users are made one after the other.
  EXPECT_EQ(rows("SELECT d.resource_id FROM {control}.event_deliveries d ORDER BY d.seq"),
            rows("SELECT u.id FROM {domain}.users u ORDER BY u.seq"));
}

TEST_F(OutboxTest, AFeedGoesFromTableToTableAndPassesOverDomainsThatAreGone) {
  const auto bob = addUser("bob");
  const auto staff = addGroup("staff");
  const DomainNumber gone(99);
  const FeedWalk walk{kOne, 0, {{gone, domain().number}, {gone}}};
  run(
      {"INSERT INTO {control}.event_streams (number, name, settings, version, created, modified) "
       "VALUES (901, 's', '{}', 1, 1, 1)",
       "INSERT INTO {domain}.resources (kind, id, version, created, modified, document) SELECT 17, "
       "id, 1, 1, 1, '{\"externalId\":\"e-1\"}' FROM {domain}.users",
       "INSERT INTO {control}.event_outbox (occurred, kinds, domain_number, resource_id, "
       "attributes, correlation_id) VALUES (9000000000000000, 0, 0, REPEAT('0', 16), '" +
           walkText(walk) + "', 'c-1')"});
  const FindDomain find = [&](DomainNumber number) { return number == gone ? nullptr : &domain(); };
  std::vector<FannedOut> turns;
  do {
    turns.push_back(write([&](Session& session) {
      return fanOut(
          session, control(), revision(), 100,
          [](const auto&) { return std::vector<NewDelivery>(); }, find);
    }));
  } while (turns.back() == FannedOut::kSome);
  EXPECT_EQ(turns.size(), 5U) << "a table in each, then what is gone, then nothing";
  const auto events = next();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].event.resource, bob);
  EXPECT_EQ(events[1].event.resource, staff);
  EXPECT_EQ(events[2].event.external_id, "e-1");
  for (const auto& event : events) {
    EXPECT_EQ(event.event.kinds, bitOf(ChangeKind::kFeedAdd));
    EXPECT_EQ(event.event.txn, events[0].event.txn);
    EXPECT_EQ(event.event.correlation_id, "c-1");
  }
}

TEST_F(OutboxTest, StreamsThatHaveChangedAreReadAgainFirst) {
  changes(1);
  const auto fanned = write([&](Session& session) {
    return fanOut(
        session, control(), revision() - 1, 100,
        [&](const auto&) { return std::vector<NewDelivery>(); }, tables());
  });
  EXPECT_EQ(fanned, FannedOut::kStale);
  EXPECT_NE(outbox(), "");
}

TEST_F(OutboxTest, AStreamHasOneSenderAsLongAsItsLeaseLasts) {
  EXPECT_FALSE(claim('a'));
  changes(2);
  fan();
  const auto claimed = claim('a', seconds(1));
  ASSERT_TRUE(claimed);
  EXPECT_EQ(claimed->stream, kOne);
  EXPECT_FALSE(claim('b'));
  run({"UPDATE {control}.event_stream_progress SET due = due - 2000000"});
  EXPECT_TRUE(claim('b'));
  // The first one comes late: the event is gone, but the stream is not its own any more.
  const auto first = next().front();
  EXPECT_FALSE(write([&](Session& session) {
    return finishDelivery(session, control(), {kOne, leaseOf('a'), hours(1)}, first.seq, 9);
  }));
  EXPECT_EQ(next().size(), 1U);
}

TEST_F(OutboxTest, ADeadReceiverDoesNotHoldUpAnother) {
  changes(2);
  fan({kOne, kOther});
  const auto claimed = claim('a');
  ASSERT_TRUE(claimed);
  const auto first = next(claimed->stream).front();
  write([&](Session& session) {
    return postponeStream(session, control(), {claimed->stream, leaseOf('a'), hours(1)}, first.seq,
                          {"http_500", "broken", true}, hours(1), 9);
  });
  const auto other = claim('b');
  ASSERT_TRUE(other);
  EXPECT_NE(other->stream, claimed->stream);
  EXPECT_FALSE(claim('c'));
  const auto state = progress(claimed->stream);
  EXPECT_EQ(state.failures, 1U);
  EXPECT_EQ(state.last_error, "broken");
  EXPECT_EQ(next(claimed->stream).front().attempts, 1U);
  EXPECT_EQ(next(claimed->stream).front().event_id, first.event_id);
}

TEST_F(OutboxTest, AnAttemptThatReachedNobodyDoesNotCount) {
  changes(1);
  fan();
  ASSERT_TRUE(claim('a'));
  write([&](Session& session) {
    return postponeStream(session, control(), {kOne, leaseOf('a'), hours(1)}, next().front().seq,
                          {"unreachable", "nobody", false}, seconds(0), 9);
  });
  EXPECT_EQ(next().front().attempts, 0U);
}

TEST_F(OutboxTest, ARefusedEventIsDeadUntilItIsSentAgainOrDropped) {
  changes(2);
  fan();
  ASSERT_TRUE(claim('a'));
  const auto events = next();
  for (const auto& event : events) {
    EXPECT_TRUE(write([&](Session& session) {
      return buryDelivery(session, control(), {kOne, leaseOf('a'), hours(1)}, event.seq,
                          {"invalid_request", "no", true}, 9);
    }));
  }
  EXPECT_EQ(progress().dead, 2U);
  EXPECT_TRUE(next().empty());
  const auto dead =
      read([&](Session& session) { return deadDeliveries(session, control(), kOne, 0, 10); });
  ASSERT_EQ(dead.size(), 2U);
  EXPECT_EQ(dead.front().code, "invalid_request");
  const auto again = [&](const std::optional<std::string>& id) {
    return write([&](Session& session) { return redeliver(session, control(), kOne, id); });
  };
  EXPECT_EQ(again(dead.front().event_id), 1U);
  EXPECT_EQ(again(dead.front().event_id), 0U);
  EXPECT_EQ(next().front().event_id, dead.front().event_id);
  const auto drop = [&](const std::string& id) {
    return write([&](Session& session) { return dropDelivery(session, control(), kOne, id); });
  };
  EXPECT_FALSE(drop(dead.front().event_id)) << "it is not dead any more";
  EXPECT_TRUE(drop(dead.back().event_id));
  EXPECT_EQ(again(std::nullopt), 0U);
}

TEST_F(OutboxTest, APollerSettlesWhatItHasOnce) {
  changes(3);
  fan();
  const auto events = next();
  const auto settle = [&] {
    return write([&](Session& session) {
      return settleDeliveries(session, control(), kOne, {events[0].event_id, std::string(16, 'x')},
                              {{events[1].event_id, {"invalid_key", "what?", true}}}, 9);
    });
  };
  const auto settled = settle();
  EXPECT_EQ(settled.acknowledged, 1U);
  EXPECT_EQ(settled.refused, 1U);
  EXPECT_EQ(settle().acknowledged, 0U);
  ASSERT_EQ(next().size(), 1U);
  EXPECT_EQ(next().front().event_id, events[2].event_id);
  EXPECT_EQ(progress().dead, 1U);
  EXPECT_EQ(progress().last_error, "what?");
  // Not those of another stream.
  fan({kOther});
  write([&](Session& session) {
    return settleDeliveries(session, control(), kOther, {events[2].event_id}, {}, 9);
  });
  EXPECT_EQ(next().size(), 1U);
}

TEST_F(OutboxTest, WhatIsTooOldGoesAndIsCounted) {
  changes(3);
  fan();
  const auto expire = [&](Timestamp moment) {
    return write([&](Session& session) { return removeOldDeliveries(session, control(), moment); });
  };
  EXPECT_TRUE(expire(5).empty());
  EXPECT_EQ(expire(6), (std::map<EventStreamNumber, std::uint64_t>{{kOne, 3}}));
  EXPECT_EQ(progress().waiting, 0U);
  EXPECT_EQ(progress().dropped, 3U);
}

TEST_F(OutboxTest, TheFirstKeyIsMadeOnceAndTwoStayBehindARotation) {
  inParallel(4, [&](int) {
    write(
        [&](Session& session) { return addFirstEventKey(session, control(), randomBytes(32), 1); });
  });
  const auto keys = [&] {
    return read([&](Session& session) { return readEventKeys(session, control()); });
  };
  ASSERT_EQ(keys().size(), 1U);
  const auto rotate = [&](Timestamp moment, std::optional<Timestamp> signs) {
    AuditEvent event;
    event.occurred = moment;
    write([&](Session& session) {
      return rotateEventKey(session, control(), randomBytes(32), signs, event);
    });
    std::string created;
    for (const auto& key : keys()) created += std::to_string(key.created) + " ";
    return created;
  };
  EXPECT_EQ(rotate(100, 0), "1 100 ") << "none was made by then";
  EXPECT_EQ(rotate(200, 150), "100 200 ");
  EXPECT_EQ(rotate(250, 150), "100 200 250 ");
  EXPECT_EQ(rotate(300, 260), "250 300 ");
  EXPECT_EQ(rotate(400, std::nullopt), "400 ");
}

}  // namespace
}  // namespace vestibule::store::test
