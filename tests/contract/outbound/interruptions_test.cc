// What a worker does is interrupted: by a deadlock, an error of the database, or another worker.

#include "contract/outbound/outbound_test.h"

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

}  // namespace
}  // namespace vestibule::outbound::test
