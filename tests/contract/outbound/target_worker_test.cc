// From a change here to the other system, on a real database.

#include "outbound/target_worker.h"

#include <atomic>

#include "contract/outbound/outbound_test.h"

namespace vestibule::outbound::test {
namespace {

class TargetWorkerTest : public OutboundTest {
 protected:
  void remove(const ResourceId& group, const ResourceId& member) {
    changeMembers(group,
                  R"({"op": "remove", "path": "members[value eq \")" + member.text() + R"(\"]"})");
  }
  void add(const ResourceId& group, const ResourceId& member) {
    changeMembers(group, R"({"op": "add", "path": "members", "value": [{"value": ")" +
                             member.text() + "\"}]}");
  }
};

TEST_F(TargetWorkerTest, SendsWhatIsMadeChangedAndDeleted) {
  target();
  const auto ada = user("ada");
  const auto bob = user("bob");
  deliver();
  EXPECT_EQ(service.users(), (Lines{"ada", "bob"}));
  EXPECT_EQ(stateOf(ada), "synchronised");
  scimPatch(ada, R"({"op": "replace", "path": "userName", "value": "ada2"})");
  scimPatch(bob, R"({"op": "replace", "path": "active", "value": false})");
  deliver();
  EXPECT_EQ(service.users(), (Lines{"!bob", "ada2"}));
  scimDelete(ada);
  deliver();
  EXPECT_EQ(service.users(), (Lines{"!ada2", "!bob"}));
  EXPECT_EQ(stateOf(ada), "left");
}

TEST_F(TargetWorkerTest, AsksNothingWhereNothingThatIsSentHasChanged) {
  target(R"({"mappings": [{"target": "displayName", "source": "displayName"}]})");
  const auto ada = user("ada");
  deliver();
  const auto before = service.requests();
  scimPatch(ada, R"({"op": "replace", "path": "title", "value": "x"})");
  deliver();
  EXPECT_EQ(service.requests(), before);
}

TEST_F(TargetWorkerTest, DeletesThereWhereThatIsSaid) {
  target(R"({"onRemoval": "delete"})");
  const auto ada = user("ada");
  deliver();
  scimDelete(ada);
  deliver();
  EXPECT_EQ(service.users(), Lines{});
  EXPECT_EQ(stateOf(ada), "absent");
  EXPECT_EQ(count("control.outbound_links"), 0U);
}

TEST_F(TargetWorkerTest, FollowsWhoEntersAndLeavesTheFilter) {
  target(R"({"filter": "title eq \"Engineer\""})");
  const auto ada = user("ada");
  deliver();
  EXPECT_EQ(service.users(), Lines{});
  EXPECT_EQ(stateOf(ada), "absent");
  for (int i = 0; i < 2; ++i) {
    scimPatch(ada, R"({"op": "replace", "path": "title", "value": "Engineer"})");
    deliver();
    EXPECT_EQ(service.users(), Lines{"ada"});
    scimPatch(ada, R"({"op": "remove", "path": "title"})");
    deliver();
    EXPECT_EQ(service.users(), Lines{"!ada"});
  }
  EXPECT_EQ(service.requests("POST"), 1U) << "the same account, each time";
}

TEST_F(TargetWorkerTest, TakesWhoIsAMemberOfAGroup) {
  target(R"({"memberOf": ["staff"]})");
  const auto ada = user("ada");
  const auto bob = user("bob");
  const auto staff = group("staff", {ada});
  deliver();
  EXPECT_EQ(service.users(), Lines{"ada"});
  EXPECT_EQ(service.groups(), Lines{}) << "groups is empty";
  add(staff, bob);
  deliver();
  EXPECT_EQ(service.users(), (Lines{"ada", "bob"}));
  remove(staff, ada);
  deliver();
  EXPECT_EQ(service.users(), (Lines{"!ada", "bob"}));
}

TEST_F(TargetWorkerTest, SendsGroupsWithTheMembersThatTheTargetHas) {
  target(R"({"groups": ["staff"], "filter": "title ne \"secret\""})");
  const auto ada = user("ada");
  const auto bob = user("bob");
  const auto spy = user("spy", R"(, "title": "secret")");
  const auto staff = group("staff", {ada, spy});
  group("others", {ada});
  deliver();
  EXPECT_EQ(service.groups(), Lines{"staff: ada"});
  add(staff, bob);
  remove(staff, ada);
  deliver();
  EXPECT_EQ(service.groups(), Lines{"staff: bob"});
  scimPatch(spy, R"({"op": "remove", "path": "title"})");
  deliver();
  EXPECT_EQ(service.groups(), Lines{"staff: bob spy"}) << "who comes is a member as well";
  scimPatch(bob, R"({"op": "replace", "path": "title", "value": "secret"})");
  deliver();
  EXPECT_EQ(service.groups(), Lines{"staff: spy"}) << "who leaves is none any more";
  changeMembers(staff, R"({"op": "replace", "path": "displayName", "value": "crew"})");
  deliver();
  EXPECT_EQ(service.groups(), Lines{"staff: spy"}) << "a name that the target does not take";
}

TEST_F(TargetWorkerTest, SendsTheGrantsOfALogin) {
  target(R"({"groups": ["*"]})");
  usual();
  group("CORP/staff");
  group("CORP/sailors");
  const auto eve = idOf(login("1", R"({"uid": "eve", "groups": ["staff", "sailors"]})"));
  deliver();
  EXPECT_EQ(service.groups(), (Lines{"sailors: eve", "staff: eve"}));
  login("1", R"({"uid": "eve", "groups": ["sailors"]})");
  deliver();
  EXPECT_EQ(service.groups(), (Lines{"sailors: eve", "staff:"}));
  EXPECT_EQ(stateOf(eve), "synchronised");
}

TEST_F(TargetWorkerTest, SendsManyMembersInManyRequests) {
  target(R"({"groups": ["*"]})");
  std::vector<ResourceId> members;
  for (int i = 0; i < 250; ++i) members.push_back(user("user" + std::to_string(i)));
  const auto staff = group("staff", members);
  deliver();
  EXPECT_EQ(count("control.outbound_members"), 250U);
  const auto before = service.requests("PATCH");
  remove(staff, members.front());
  deliver();
  EXPECT_EQ(service.requests("PATCH"), before + 1) << "a change costs what changed";
  EXPECT_EQ(count("control.outbound_members"), 249U);
}

TEST_F(TargetWorkerTest, TakesOverAnAccountThatIsThere) {
  target();
  service.add("ada");
  user("ada");
  deliver();
  EXPECT_EQ(service.users(), Lines{"ada"});
  EXPECT_EQ(service.requests("POST"), 0U);
}

TEST_F(TargetWorkerTest, NeverGivesAnAccountToAnotherUser) {
  target();
  const auto first = user("ada");
  deliver();
  scimDelete(first);
  deliver();
  ASSERT_EQ(service.users(), Lines{"!ada"});
  const auto second = user("ada");
  for (int attempt = 1; attempt <= 8; ++attempt) {
    const auto worker = start();
    await([&] { return marks("state = 1 AND attempts = " + std::to_string(attempt)) == 1; });
    onlooker_.run("UPDATE " + table("control.outbound_pending") + " SET due = 0");
  }
  deliver();
  EXPECT_EQ(stateOf(second), "failed") << "its name may get free, but not for ever";
  EXPECT_EQ(service.users(), Lines{"!ada"}) << "the account of the first stays as it is";
}

TEST_F(TargetWorkerTest, GivesANameToAnotherOnceItIsFree) {
  target();
  const auto first = user("jdoe");
  deliver();
  scimPatch(first, R"({"op": "replace", "path": "userName", "value": "jdoe2"})");
  onlooker_.run("UPDATE " + table("control.outbound_pending") + " SET due = 9000000000000000000");
  const auto second = user("jdoe");
  {
    const auto worker = start();
    await([&] { return marks("state = 1 AND attempts = 1") == 1; });
  }
  EXPECT_EQ(stateOf(second), "waiting");
  EXPECT_EQ(service.users(), Lines{"jdoe"}) << "the first is to be renamed yet";
  onlooker_.run("UPDATE " + table("control.outbound_pending") + " SET due = attempts");
  deliver();
  EXPECT_EQ(service.users(), (Lines{"jdoe", "jdoe2"}));
  EXPECT_EQ(service.requests("POST"), 2U);
}

TEST_F(TargetWorkerTest, MakesAnewWhoIsGoneThereWithItsMemberships) {
  target(R"({"groups": ["*"]})");
  const auto ada = user("ada");
  group("staff", {ada});
  deliver();
  const json::Value status(must(describeResource(context_, "hr", ada)));
  service.erase(std::string(*status.stringAt("remoteId")));
  EXPECT_EQ(service.groups(), Lines{"staff: ?"});
  scimPatch(ada, R"({"op": "replace", "path": "title", "value": "x"})");
  deliver();
  EXPECT_EQ(service.users(), Lines{"ada"});
  EXPECT_EQ(service.groups(), Lines{"staff: ? ada"});
}

TEST_F(TargetWorkerTest, KeepsWhatIsRefusedUntilItChangesOrIsRetried) {
  target();
  service.answerAll(400, R"({"detail": "no"})");
  const auto ada = user("ada");
  deliver();
  EXPECT_EQ(stateOf(ada), "failed");
  const json::Value failed(must(listFailed(context_, "hr", {}, 10)));
  EXPECT_EQ(failed.find("failed")->array()->front().stringAt("detail"), "GET: status 400: no");
  service.answerAll(0);
  EXPECT_EQ(must(retry(context_, "hr", std::nullopt)), 1U);
  deliver();
  EXPECT_EQ(stateOf(ada), "synchronised");
  service.answerAll(400);
  scimPatch(ada, R"({"op": "replace", "path": "title", "value": "x"})");
  deliver();
  EXPECT_EQ(stateOf(ada), "failed");
  service.answerAll(0);
  scimPatch(ada, R"({"op": "replace", "path": "title", "value": "y"})");
  deliver();
  EXPECT_EQ(stateOf(ada), "synchronised");
}

TEST_F(TargetWorkerTest, RestsWhileTheTargetIsAwayAndCatchesUp) {
  target();
  service.answerAll(-1);
  for (int i = 0; i < 20; ++i) user("user" + std::to_string(i));
  const auto worker = start();
  await([&] { return service.requests() > 0 && marks("state = 2") == 0; });
  EXPECT_EQ(service.requests(), 1U) << "one try stands for all";
  service.answerAll(0);
  awaitQuiet();
  EXPECT_EQ(service.users().size(), 20U);
}

TEST_F(TargetWorkerTest, GoesOnWithOthersWhereOneGetsNoAnswer) {
  target();
  const auto stuck = user("stuck");
  for (int i = 0; i < 20; ++i) user("user" + std::to_string(i));
  service.silentFor("stuck");
  const auto worker = start();
  await([&] { return service.users().size() == 20; });
  EXPECT_EQ(stateOf(stuck), "waiting");
}

TEST_F(TargetWorkerTest, TriesAnotherBehindARest) {
  target();
  const auto first = user("first");
  onlooker_.run("UPDATE " + table("control.outbound_pending") + " SET due = 0, created = 0");
  user("second");
  service.silentFor("first");
  const auto worker = start();
  await([&] { return service.users() == Lines{"second"}; });
  EXPECT_EQ(service.unanswered(), 1U) << "the second is tried before the first again";
  EXPECT_EQ(stateOf(first), "waiting");
}

TEST_F(TargetWorkerTest, LooksAgainWhereAUserChangesWhileItIsSent) {
  target();
  const auto ada = user("ada");
  std::atomic<bool> changed{false};
  service.before([&](const RemoteRequest& request) {
    if (request.method != "POST" || changed.exchange(true)) return;
    scimPatch(ada, R"({"op": "replace", "path": "userName", "value": "ada2"})");
  });
  deliver();
  EXPECT_TRUE(changed);
  EXPECT_EQ(service.users(), Lines{"ada2"});
}

TEST_F(TargetWorkerTest, ConvergesBehindACrashBetweenSendingAndNoting) {
  target();
  const auto ada = user("ada");
  deliver();
  // As if the server had died behind the POST: the account is there, and nothing is known of it.
  onlooker_.run("DELETE FROM " + table("control.outbound_links"));
  must(database_->write([&](store::Session& session) {
    return store::markOutbound(session, database_->controlSchema(),
                               must(targetRow(context_, "hr")).number, {ada});
  }));
  deliver();
  EXPECT_EQ(service.users(), Lines{"ada"});
  EXPECT_EQ(service.requests("POST"), 1U);
  EXPECT_EQ(stateOf(ada), "synchronised");
}

TEST_F(TargetWorkerTest, TakesOverWhatADeadServerHadClaimed) {
  target();
  user("ada");
  onlooker_.run("UPDATE " + table("control.outbound_pending") +
                " SET state = 2, lease = REPEAT('x', 16), due = 0");
  deliver();
  EXPECT_EQ(service.users(), Lines{"ada"});
}

TEST_F(TargetWorkerTest, TwoServersSendEverythingOnce) {
  target();
  const auto one = start();
  const auto two = start();
  for (int i = 0; i < 60; ++i) user("user" + std::to_string(i));
  awaitQuiet();
  EXPECT_EQ(service.users().size(), 60U);
  EXPECT_EQ(service.requests("POST"), 60U);
}

TEST_F(TargetWorkerTest, ADeadTargetHoldsUpNoOther) {
  target("{}", "hr");
  target("{}", "dead");
  const auto row = must(targetRow(context_, "dead"));
  std::atomic<bool> stop{false};
  const TargetWorker dead(context_, BoundTarget{row, must(compileStored(context_, row))}, fast(),
                          [&](const RemoteRequest&) {
                            while (!stop) std::this_thread::yield();
                            return RemoteAnswer{};
                          });
  user("ada");
  const auto alive = start();
  const auto number = must(targetRow(context_, "hr")).number;
  await([&] { return marks("target = " + std::to_string(number)) == 0; });
  EXPECT_EQ(service.users(), Lines{"ada"});
  stop = true;
}

TEST_F(TargetWorkerTest, ForgetsATargetThatIsDeleted) {
  target(R"({"groups": ["*"]})");
  const auto ada = user("ada");
  group("staff", {ada});
  deliver();
  user("bob");
  must(removeTarget(context_, "hr"));
  for (const char* kept : {"outbound_pending", "outbound_links", "outbound_members"}) {
    EXPECT_EQ(count(std::string("control.") + kept), 0U) << kept;
  }
  EXPECT_EQ(service.users(), Lines{"ada"}) << "what is there stays there";
}

TEST_F(TargetWorkerTest, TakesNobodyForDeletedWhoseDomainIsMovedOrBeingRestored) {
  target(R"({"onRemoval": "delete"})");
  const auto ann = user("CORP/ann");
  deliver();
  ASSERT_EQ(service.users(), Lines{"ann"});
  const auto before = service.requests();
  for (const char* state : {"moved", "restoring"}) {
    onlooker_.run("UPDATE " + table("control.domains") + " SET state = '" + state +
                  "' WHERE number = 2");
    onlooker_.run("UPDATE " + table("control.control_state") + " SET revision = revision + 1");
    must(catalog_->refresh());
    must(syncAll(context_, "hr"));
    onlooker_.run("UPDATE " + table("control.outbound_pending") + " SET due = 0");
    {
      const auto worker = start();
      await([&] { return marks("attempts > 0 AND resource_id <> REPEAT('\\0', 16)") == 1; });
    }
    EXPECT_EQ(stateOf(ann), "waiting");
    onlooker_.run("DELETE FROM " + table("control.outbound_pending"));
  }
  EXPECT_EQ(service.users(), Lines{"ann"});
  EXPECT_EQ(service.requests(), before);
}

TEST_F(TargetWorkerTest, SendsUsersOfADomainThatAnotherServerHasJustMade) {
  target(R"({"groups": ["*"]})");
  const auto stale = must(directory::CatalogWatch::start(*database_, false));
  auto context = context_;
  context.catalog = stale.get();
  must(directory::createDomain(context_, migrations_, parsed(R"({"name": "NEW"})")));
  group("NEW/staff", {user("NEW/zoe")});
  const auto row = must(targetRow(context_, "hr"));
  const TargetWorker worker(context, BoundTarget{row, must(compileStored(context_, row))}, fast(),
                            service.transport());
  awaitQuiet();
  EXPECT_EQ(service.users(), Lines{"zoe"});
  EXPECT_EQ(service.groups(), Lines{"staff: zoe"});
}

TEST_F(TargetWorkerTest, ExplainsWhatWouldBeSent) {
  target(R"({"filter": "active eq true"})");
  const auto ada = user("ada", R"(, "active": true)");
  json::Value told(must(explainUser(context_, "hr", ada)));
  EXPECT_EQ(told.stringAt("step"), "create");
  EXPECT_EQ(told.find("user")->stringAt("userName"), "ada");
  deliver();
  EXPECT_EQ(json::Value(must(explainUser(context_, "hr", ada))).stringAt("step"), "nothing");
  scimPatch(ada, R"({"op": "replace", "path": "active", "value": false})");
  told = must(explainUser(context_, "hr", ada));
  EXPECT_EQ(told.stringAt("step"), "remove");
  EXPECT_EQ(told.stringAt("reason"), "the filter does not take it");
  EXPECT_EQ(service.requests("PUT"), 0U) << "nothing is sent for an explanation";
}

}  // namespace
}  // namespace vestibule::outbound::test
