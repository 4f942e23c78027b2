// What a worker does is interrupted: by a deadlock, an error of the database, or another worker.

#include <atomic>

#include "base/crypto.h"
#include "contract/outbound/outbound_test.h"
#include "store/outbound_store.h"

namespace vestibule::outbound::test {
namespace {

class InterruptionsTest : public OutboundTest {
 protected:
  /// From now on each session meets this error once where it would clear a mark.
  void interruptEnds(unsigned error) {
    onlooker_.run("CREATE TRIGGER " + table("control.interrupts") + " BEFORE DELETE ON " +
                  table("control.outbound_pending") +
                  " FOR EACH ROW IF @interrupted IS NULL THEN SET @interrupted = 1; SIGNAL "
                  "SQLSTATE '45000' SET MYSQL_ERRNO = " +
                  std::to_string(error) + "; END IF");
  }
  void interruptNoMore() { onlooker_.run("DROP TRIGGER " + table("control.interrupts")); }
  void endLeases() {
    onlooker_.run("UPDATE " + table("control.outbound_pending") + " SET due = 0 WHERE state = 2");
  }

  static constexpr unsigned kDeadlock = 1213;
  static constexpr unsigned kTooLong = 1406;
};

TEST_F(InterruptionsTest, ADeadlockLosesNoMarkOfAGroup) {
  target(R"({"groups": ["staff"], "filter": "title ne \"secret\""})");
  const auto spy = user("spy", R"(, "title": "secret")");
  group("staff", {spy});
  deliver();
  ASSERT_EQ(service.groups(), Lines{"staff:"});
  interruptEnds(kDeadlock);
  scimPatch(spy, R"({"op": "remove", "path": "title"})");
  deliver();
  EXPECT_EQ(service.groups(), Lines{"staff: spy"});
}

TEST_F(InterruptionsTest, WhoIsMadeAnewKeepsItsMembershipsWhereThatIsInterrupted) {
  target(R"({"groups": ["*"]})");
  const auto ada = user("ada");
  group("staff", {ada});
  deliver();
  const json::Value status(must(describeResource(context_, "hr", ada)));
  service.erase(std::string(*status.stringAt("remoteId")));
  interruptEnds(kTooLong);
  scimPatch(ada, R"({"op": "replace", "path": "title", "value": "x"})");
  {
    const auto worker = start();
    await([&] { return service.requests("POST") == 3; });
  }
  ASSERT_EQ(marks("state = 2"), 1U) << "the account is made and reserved, and nothing more";
  interruptNoMore();
  endLeases();
  deliver();
  EXPECT_EQ(service.users(), Lines{"ada"});
  EXPECT_EQ(service.groups(), Lines{"staff: ? ada"});
}

TEST_F(InterruptionsTest, ARequestThatComesTooLateIsMadeGood) {
  target();
  const auto ada = user("ada");
  deliver();
  std::atomic<bool> stalls{true};
  std::atomic<bool> came{false};
  service.before([&](const RemoteRequest& request) {
    if (request.method != "PUT" || !stalls.exchange(false)) return;
    // Another server takes over and sends what is newer, before this request gets there.
    endLeases();
    scimPatch(ada, R"({"op": "replace", "path": "userName", "value": "ada2"})");
    deliver();
    EXPECT_EQ(service.users(), Lines{"ada2"});
    came = true;
  });
  scimPatch(ada, R"({"op": "replace", "path": "userName", "value": "ada1"})");
  const auto worker = start();
  while (!came) std::this_thread::yield();
  await([&] { return service.requests("PUT") == 3; });
  awaitQuiet();
  EXPECT_EQ(service.users(), Lines{"ada2"});
}

class LeasesTest : public InterruptionsTest {
 protected:
  LeasesTest() {
    target();
    number_ = must(targetRow(context_, "hr")).number;
    ada_ = user("ada");
  }
  template <typename Function>
  auto write(const Function& function) {
    return must(database_->write(
        [&](store::Session& session) { return function(session, database_->controlSchema()); }));
  }
  /// Claims whatever is marked, with a lease that is over at once.
  store::OutboundTurn claim() {
    const store::Lease lease(randomBytes(16));
    const auto claims = write([&](store::Session& session, const std::string& control) {
      return store::claimOutbound(session, control, number_, lease, std::chrono::seconds(0), 1);
    });
    EXPECT_EQ(claims.size(), 1U);
    return {number_, std::string(ada_.bytes()), claims.front().generation, lease};
  }
  void finish(const store::OutboundTurn& turn, char digest,
              store::LinkState state = store::LinkState::kActive) {
    write([&](store::Session& session, const std::string& control) {
      return store::finishOutbound(
          session, control,
          {turn, store::OutboundLink{"r1", state, std::string(32, digest), "userName"}, false, {}},
          1);
    });
  }
  /// That what the target has is taken for unknown.
  bool isSentAnew() {
    return onlooker_.number("SELECT COUNT(*) FROM " + table("control.outbound_links") +
                            " WHERE state = 1 AND digest = REPEAT('\\0', 32)") == 1;
  }

  store::OutboundTargetNumber number_ = 0;
  ResourceId ada_ = ResourceId::generate(DomainNumber(1), ResourceKind::kUser);
};

TEST_F(LeasesTest, AnEndThatHoldsItsLeaseClearsTheMark) {
  finish(claim(), 'a');
  EXPECT_EQ(marks(), 0U);
  EXPECT_FALSE(isSentAnew());
}

TEST_F(LeasesTest, AnEndBehindAnotherOneMarksAgain) {
  const auto first = claim();
  const auto second = claim();
  finish(second, 'b');
  ASSERT_EQ(marks(), 0U);
  finish(first, 'a');
  EXPECT_EQ(marks("state = 1"), 1U);
  EXPECT_TRUE(isSentAnew());
}

TEST_F(LeasesTest, WhoTookOverIsNotBelievedEither) {
  const auto first = claim();
  const auto second = claim();
  finish(first, 'a');
  EXPECT_EQ(marks("state = 2 AND lease IS NULL"), 1U) << "nobody begins while the second is at it";
  finish(second, 'b', store::LinkState::kLeft);
  EXPECT_EQ(marks(), 1U);
  EXPECT_TRUE(isSentAnew());
  finish(claim(), 'c');
  EXPECT_EQ(marks(), 0U);
}

TEST_F(LeasesTest, WhatIsPutBackTooLateIsMarkedAgain) {
  const store::OutboundFault fault{500, "no"};
  for (const bool fails : {false, true}) {
    const auto first = claim();
    finish(claim(), 'b');
    ASSERT_EQ(marks(), 0U);
    write([&](store::Session& session, const std::string& control) {
      return fails
                 ? store::failOutbound(session, control, first, fault)
                 : store::postponeOutbound(session, control, first, fault, std::chrono::seconds(9));
    });
    EXPECT_EQ(marks("state = 1"), 1U) << fails;
    EXPECT_TRUE(isSentAnew()) << fails;
  }
}

TEST_F(LeasesTest, AreExtendedByWhoHoldsThemAlone) {
  const auto extend = [&](const store::OutboundTurn& turn) {
    return write([&](store::Session& session, const std::string& control) {
      return store::extendOutbound(session, control, turn, std::chrono::hours(1));
    });
  };
  const auto first = claim();
  const auto second = claim();
  EXPECT_FALSE(extend(first));
  EXPECT_TRUE(extend(second));
  EXPECT_EQ(marks("due > " + std::to_string(now() + 3'000'000'000)), 1U);
}

TEST_F(LeasesTest, MarkingEverythingEndsWhenItIsToldSo) {
  user("bob");
  finish(claim(), 'a');
  onlooker_.run("DELETE FROM " + table("control.outbound_pending"));
  const auto catalog = catalog_->current();
  int left = 1;
  const store::GoOn go_on = [&]() -> Result<bool> { return left-- > 0; };
  EXPECT_FALSE(must(store::markDomain(*database_, catalog->primary().tables(), number_, 1, go_on)));
  EXPECT_EQ(marks(), 1U) << "one piece of one row";
  left = 1;
  onlooker_.run("DELETE FROM " + table("control.outbound_pending"));
  EXPECT_FALSE(must(store::markLinked(*database_, number_, 1, go_on)));
  EXPECT_EQ(marks(), 1U);
  left = 100;
  EXPECT_TRUE(must(store::markDomain(*database_, catalog->primary().tables(), number_, 1, go_on)));
  EXPECT_TRUE(must(store::markLinked(*database_, number_, 1, go_on)));
  EXPECT_EQ(marks(), 2U);
}

TEST_F(LeasesTest, NothingIsMarkedForATargetThatIsGone) {
  const auto turn = claim();
  must(removeTarget(context_, "hr"));
  finish(turn, 'a');
  EXPECT_EQ(marks(), 0U);
}

}  // namespace
}  // namespace vestibule::outbound::test
