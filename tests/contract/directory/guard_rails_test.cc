// Guard-rails: every way in which a client takes something away is counted, in the transaction that
// does it, and refused where it would be too much (O-4).

#include "directory/guard_rails.h"

#include <atomic>
#include <barrier>
#include <functional>
#include <thread>

#include "base/metrics.h"
#include "contract/directory/directory_test.h"
#include "directory/bulk.h"
#include "directory/resources.h"
#include "store/session.h"
#include "support/device_schemas.h"

namespace vestibule::directory::test {
namespace {

class GuardRailsTest : public DirectoryTest {
 protected:
  GuardRailsTest() {
    client_ = clientOf("11");
    other_ = clientOf("22");
    refusals_ = &addGuardRailCounter(metrics_);
    context_.guard_rail_refusals = refusals_;
  }

  static Principal clientOf(const std::string& letters) {
    Principal client;
    for (int i = 0; i < 16; ++i) client.token_id += letters;
    client.name = "client-" + letters;
    return client;
  }

  /// Sets the guard-rails of a domain.
  void guard(const std::string& rails, const std::string& domain = "PRIMARY") {
    change(domain, R"({"settings": {"guardRails": )" + rails + "}}");
  }
  void change(const std::string& domain, const std::string& patch) {
    must(changeDomain(context_, catalog_->current()->findDomain(domain)->tables().number,
                      parsed(patch), {}));
  }

  View as(const Principal& principal) const {
    auto view = must(View::overAllDomains(catalog_->current(), principal,
                                          std::string(kOrigin) + "/scim/v2", std::nullopt));
    view.correlate("r-1");
    return view;
  }
  View client() const { return as(client_); }

  /// `deletes 1/2 refused 0` for each open window of the domain, with `|` between them.
  std::string windows(const std::string& domain = "PRIMARY") {
    const auto catalog = catalog_->current();
    const json::Object state =
        must(describeGuardRails(context_, *catalog, *catalog->findDomain(domain), now()));
    std::string text;
    for (const auto& window : *state.find("windows")->array()) {
      if (!text.empty()) text += '|';
      text += *window.stringAt("kind");
      text += ' ' + json::write(*window.find("used")) + '/' + json::write(*window.find("cap"));
      if (const auto refused = json::write(*window.find("refused")); refused != "0") {
        text += " refused " + refused;
      }
    }
    return text;
  }

  /// The open windows begin to end so many seconds earlier.
  void letPass(std::int64_t seconds, const std::string& schema = "{s}_primary") {
    ask("UPDATE " + schema + ".guard_rails SET ends = ends - " + std::to_string(seconds) +
        "000000");
  }

  static json::Value deviceBody() {
    return parsed(R"({"schemas": ["urn:example:params:scim:schemas:core:1.0:Device"],
                     "displayName": "thing", "serialNumber": "s-1"})");
  }

  template <typename T>
  static std::string outcome(const Result<T>& result) {
    if (result) return "done";
    return result.error().kind == ErrorKind::kTooManyRequests ? "refused" : result.error().detail;
  }

  std::string put(const std::string& id, const std::string& name, const std::string& more = "") {
    return outcome(replaceUser(context_, client(), id, userBody(name, more), {}, {}));
  }
  std::string patch(const std::string& id, const std::string& operations) {
    return outcome(patchUser(context_, client(), id, patchBody(operations), {}, {}));
  }
  std::string patchMembers(const std::string& id, const std::string& operations) {
    return outcome(patchGroup(context_, client(), id, patchBody(operations), {}, {}, false));
  }
  std::string remove(const std::string& id, const Principal& by) {
    return outcome(deleteUser(context_, as(by), id, {}));
  }
  std::string remove(const std::string& id) { return remove(id, client_); }

  std::string auditRows() {
    return ask("SELECT COUNT(*) FROM {s}_control.audit_events WHERE action = 'guardrail.reached'");
  }
  std::string refusalsOf(const std::string& kind) const {
    const std::string text = metrics_.text();
    const std::string head = "vestibule_guard_rail_refusals_total{kind=\"" + kind + "\"} ";
    const auto at = text.find(head);
    if (at == std::string::npos) return "none";
    return text.substr(at + head.size(), text.find('\n', at) - at - head.size());
  }

  Principal client_;
  Principal other_;
  Metrics metrics_;
  Counter* refusals_ = nullptr;
};

TEST_F(GuardRailsTest, CountsNothingWhereThereAreNone) {
  const auto id = user(client(), "alice");
  EXPECT_EQ(remove(id), "done");
  EXPECT_EQ(ask("SELECT COUNT(*) FROM {s}_primary.guard_rails"), "0");
  EXPECT_EQ(windows(), "");
}

TEST_F(GuardRailsTest, RefusesTheDeleteThatIsOneTooManyAndSaysWhen) {
  const std::vector<std::string> users{user(client(), "one"), user(client(), "two"),
                                       user(client(), "three")};
  guard(R"({"windowMinutes": 60, "deletes": 2})");
  EXPECT_EQ(remove(users[0]), "done");
  EXPECT_EQ(remove(users[1]), "done");
  const auto refused = deleteUser(context_, client(), users[2], {});
  ASSERT_FALSE(refused);
  const Error& error = refused.error();
  EXPECT_EQ(error.kind, ErrorKind::kTooManyRequests);
  ASSERT_TRUE(error.retry_after);
  EXPECT_GT(*error.retry_after, 3'500U);
  EXPECT_LE(*error.retry_after, 3'600U);
  EXPECT_EQ(error.detail.substr(0, error.detail.find(" after ")),
            "guard-rail \"deletes\" of user store domain PRIMARY: at most 2 in 60 minutes; 2 are "
            "counted, and this would be too many: ask the operator to lift the guard-rails, or try "
            "again");
  EXPECT_EQ(error.internal, "") << "the client's affair, told to the operator apart";
  EXPECT_EQ(error.attribute, "");
  EXPECT_EQ(readUser(client(), users[2]).stringAt("userName"), "three") << "nothing is half done";
  EXPECT_EQ(windows(), "deletes 2/2 refused 1");
}

TEST_F(GuardRailsTest, CountsADeleteOfEachTypeAsOneAndNotTheMembershipsThatGoWithIt) {
  use(scim::test::deviceRegistry());
  const auto alice = user(client(), "alice");
  const auto bob = user(client(), "bob");
  const auto crew = group(client(), "crew", {alice, bob});
  group(client(), "outer", {crew});
  const auto* device = context_.registry->findResourceType("Device");
  const auto thing =
      must(createResource(context_, client(), *device, deviceBody(), {})).meta.id.text();
  guard(R"({"deletes": 10, "membershipRemovals": 10})");
  EXPECT_EQ(remove(alice), "done");
  EXPECT_EQ(windows(), "deletes 1/10");
  EXPECT_EQ(outcome(deleteGroup(context_, client(), crew, {})), "done");
  EXPECT_EQ(windows(), "deletes 2/10");
  EXPECT_EQ(outcome(deleteResource(context_, client(), *device, thing, {})), "done");
  EXPECT_EQ(windows(), "deletes 3/10");
}

TEST_F(GuardRailsTest, RefusesToDeleteAGroupAndAResourceToo) {
  use(scim::test::deviceRegistry());
  const auto alice = user(client(), "alice");
  const auto crew = group(client(), "crew", {alice});
  const auto* device = context_.registry->findResourceType("Device");
  const auto thing =
      must(createResource(context_, client(), *device, deviceBody(), {})).meta.id.text();
  guard(R"({"deletes": 1})");
  EXPECT_EQ(remove(user(client(), "first")), "done");
  EXPECT_EQ(outcome(deleteGroup(context_, client(), crew, {})), "refused");
  EXPECT_EQ(outcome(deleteResource(context_, client(), *device, thing, {})), "refused");
  EXPECT_EQ(membersOf(client(), crew), std::vector<std::string>{"alice"});
  EXPECT_EQ(windows(), "deletes 1/1 refused 2");
}

TEST_F(GuardRailsTest, RefusesOperationsOfABulkOneByOne) {
  std::string operations;
  for (const char* name : {"one", "two", "three"}) {
    operations += std::string(operations.empty() ? "" : ",") +
                  R"({"method": "DELETE", "path": "/Users/)" + user(client(), name) + R"("})";
  }
  guard(R"({"deletes": 2})");
  Bulk bulk(context_, false);
  const auto view = client();
  const auto results = must(bulk.run(view, [&]() -> Result<json::Value> {
    return parsed(R"({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
                     "Operations": [)" +
                  operations + "]}");
  }));
  ASSERT_EQ(results.size(), 3U);
  EXPECT_FALSE(results[0].error);
  EXPECT_FALSE(results[1].error);
  ASSERT_TRUE(results[2].error);
  EXPECT_EQ(results[2].error->kind, ErrorKind::kTooManyRequests);
  EXPECT_EQ(foundUsers(client(), "userName pr"), 1);
}

TEST_F(GuardRailsTest, CountsEveryWayToDeactivateAUser) {
  guard(R"({"deactivations": 100})");
  const struct {
    const char* name;
    const char* before;
    std::function<std::string(const std::string&)> change;
    bool counted;
  } rows[] = {
      {"PUT", R"(, "active": true)",
       [&](const auto& id) { return put(id, "bob", R"(, "active": false)"); }, true},
      {"PATCH with a path", R"(, "active": true)",
       [&](const auto& id) {
         return patch(id, R"({"op": "replace", "path": "active", "value": false})");
       },
       true},
      {"PATCH without a path", R"(, "active": true)",
       [&](const auto& id) {
         return patch(id, R"({"op": "replace", "value": {"active": false}})");
       },
       true},
      {"PATCH of one who said nothing", "",
       [&](const auto& id) {
         return patch(id, R"({"op": "add", "path": "active", "value": false})");
       },
       true},
      {"one who is not active", R"(, "active": false)",
       [&](const auto& id) { return put(id, "bob", R"(, "active": false, "title": "T")"); }, false},
      {"activation", R"(, "active": false)",
       [&](const auto& id) {
         return patch(id, R"({"op": "replace", "path": "active", "value": true})");
       },
       false},
      {"anything else", R"(, "active": true)",
       [&](const auto& id) {
         return patch(id, R"({"op": "replace", "path": "title", "value": "T"})");
       },
       false},
      {"PUT that says nothing", R"(, "active": true)",
       [&](const auto& id) { return put(id, "bob"); }, false},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const auto id = user(client(), "bob", row.before);
    EXPECT_EQ(row.change(id), "done");
    EXPECT_EQ(windows(), row.counted ? "deactivations 1/100" : "");
    ask("DELETE FROM {s}_primary.guard_rails");
    ask("DELETE FROM {s}_primary.users");
  }
}

TEST_F(GuardRailsTest, RefusesTheDeactivationThatIsOneTooMany) {
  const auto one = user(client(), "one");
  const auto two = user(client(), "two");
  guard(R"({"deactivations": 1})");
  EXPECT_EQ(put(one, "one", R"(, "active": false)"), "done");
  EXPECT_EQ(put(two, "two", R"(, "active": false, "title": "T")"), "refused");
  EXPECT_FALSE(readUser(client(), two).stringAt("title")) << "refused as a whole";
  EXPECT_EQ(put(two, "two", R"(, "title": "T")"), "done") << "other changes go on";
  EXPECT_EQ(windows(), "deactivations 1/1 refused 1");
}

TEST_F(GuardRailsTest, CountsEveryWayToRemoveMembers) {
  const auto u1 = user(client(), "u-1");
  const auto u2 = user(client(), "u-2");
  const auto u3 = user(client(), "u-3");
  const auto inner = group(client(), "inner");
  guard(R"({"membershipRemovals": 100})");
  const std::string first = R"({"value": ")" + u1 + R"("})";
  const struct {
    const char* name;
    std::function<std::string(const std::string&)> change;
    int removed;
  } rows[] = {
      {"remove by value",
       [&](const auto& id) {
         return patchMembers(id,
                             R"({"op": "remove", "path": "members", "value": [)" + first + "]}");
       },
       1},
      {"remove of who is no member twice",
       [&](const auto& id) {
         return patchMembers(id, R"({"op": "remove", "path": "members[value eq \")" + u1 +
                                     R"(\"]"}, {"op": "remove", "path": "members[value eq \")" +
                                     u1 + R"(\"]"})");
       },
       1},
      {"remove by filter",
       [&](const auto& id) {
         return patchMembers(id, R"({"op": "remove", "path": "members[display sw \"u\"]"})");
       },
       3},
      {"remove of a group",
       [&](const auto& id) {
         return patchMembers(
             id, R"({"op": "remove", "path": "members[value eq \")" + inner + R"(\"]"})");
       },
       1},
      {"remove of all",
       [&](const auto& id) { return patchMembers(id, R"({"op": "remove", "path": "members"})"); },
       4},
      {"replace",
       [&](const auto& id) {
         return patchMembers(id,
                             R"({"op": "replace", "path": "members", "value": [)" + first + "]}");
       },
       3},
      {"replace with other attributes",
       [&](const auto& id) {
         return patchMembers(id, R"({"op": "replace", "path": "externalId", "value": "x"},
                                    {"op": "replace", "path": "members", "value": [)" +
                                     first + "]}");
       },
       3},
      {"PUT",
       [&](const auto& id) {
         return outcome(replaceGroup(context_, client(), id, groupBody("crew", {u1, u2}), {}, {}));
       },
       2},
      {"PUT without members",
       [&](const auto& id) {
         return outcome(replaceGroup(context_, client(), id, groupBody("crew", {}), {}, {}));
       },
       4},
      {"add and remove at once",
       [&](const auto& id) {
         return patchMembers(
             id, R"({"op": "remove", "path": "members[value eq \")" + u1 +
                     R"(\"]"}, {"op": "add", "path": "members", "value": [{"value": ")" + u2 +
                     R"("}]})");
       },
       1},
      {"add",
       [&](const auto& id) {
         return patchMembers(id, R"({"op": "add", "path": "members", "value": [)" + first + "]}");
       },
       0},
      {"a name",
       [&](const auto& id) {
         return patchMembers(id, R"({"op": "replace", "path": "displayName", "value": "crew2"})");
       },
       0},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    const auto id = group(client(), "crew", {u1, u2, u3, inner});
    EXPECT_EQ(row.change(id), "done");
    EXPECT_EQ(windows(),
              row.removed == 0 ? "" : "membershipRemovals " + std::to_string(row.removed) + "/100");
    ask("DELETE FROM {s}_primary.guard_rails");
    must(deleteGroup(context_, everywhere(), id, {}));
  }
}

TEST_F(GuardRailsTest, RefusesRemovalsAsAWhole) {
  std::vector<std::string> users;
  for (int i = 0; i < 5; ++i) users.push_back(user(client(), "user" + std::to_string(i)));
  const auto crew = group(client(), "crew", users);
  const auto version = ask("SELECT version FROM {s}_primary.user_groups");
  guard(R"({"membershipRemovals": 3})");
  const std::string by_value = R"({"op": "remove", "path": "members[value eq \")";
  // Alone more than the cap, by one statement and by several.
  EXPECT_EQ(patchMembers(crew, R"({"op": "remove", "path": "members"})"), "refused");
  EXPECT_EQ(patchMembers(crew, R"({"op": "remove", "path": "members[display sw \"user\"]"})"),
            "refused");
  EXPECT_EQ(outcome(replaceGroup(context_, client(), crew, groupBody("crew", {users[0]}), {}, {})),
            "refused");
  EXPECT_EQ(membersOf(client(), crew).size(), 5U);
  EXPECT_EQ(ask("SELECT version FROM {s}_primary.user_groups"), version);
  EXPECT_EQ(windows(), "membershipRemovals 0/3 refused 3");
  // Together.
  EXPECT_EQ(outcome(replaceGroup(context_, client(), crew,
                                 groupBody("crew", {users[0], users[1], users[2]}), {}, {})),
            "done");
  EXPECT_EQ(patchMembers(crew, R"({"op": "remove", "path": "members[display sw \"user\"]"})"),
            "refused");
  EXPECT_EQ(patchMembers(crew, by_value + users[0] + R"(\"]"})"), "done");
  EXPECT_EQ(patchMembers(crew, by_value + users[1] + R"(\"]"})"), "refused");
  EXPECT_EQ(membersOf(client(), crew), (std::vector<std::string>{"user1", "user2"}));
  EXPECT_EQ(windows(), "membershipRemovals 3/3 refused 5");
}

TEST_F(GuardRailsTest, DoesNotCountWhatIsRolledBack) {
  const auto id = user(client(), "alice");
  const auto taken = group(client(), "taken");
  const auto crew = group(client(), "crew", {id});
  guard(R"({"deletes": 5, "membershipRemovals": 5})");
  Preconditions stale;
  stale.has_if_match = true;
  stale.if_match = {"W/\"99\""};
  EXPECT_NE(outcome(deleteUser(context_, client(), id, stale)), "done");
  EXPECT_NE(outcome(replaceGroup(context_, client(), crew, groupBody("taken", {}), {}, {})),
            "done");
  EXPECT_EQ(membersOf(client(), crew), std::vector<std::string>{"alice"});
  EXPECT_EQ(windows(), "");
}

TEST_F(GuardRailsTest, BeginsAnewWhenTheWindowIsOver) {
  std::vector<std::string> users;
  for (int i = 0; i < 4; ++i) users.push_back(user(client(), "user" + std::to_string(i)));
  guard(R"({"windowMinutes": 10, "deletes": 1})");
  EXPECT_EQ(remove(users[0]), "done");
  EXPECT_EQ(remove(users[1]), "refused");
  letPass(500);
  EXPECT_EQ(remove(users[1]), "refused") << "a window is fixed: it began with the first";
  const auto late = deleteUser(context_, client(), users[1], {});
  ASSERT_FALSE(late);
  EXPECT_LE(late.error().retry_after.value_or(999), 100U);
  letPass(100);
  EXPECT_EQ(windows(), "") << "what is over is not shown";
  EXPECT_EQ(remove(users[1]), "done");
  EXPECT_EQ(windows(), "deletes 1/1");
  EXPECT_EQ(remove(users[2]), "refused");
  EXPECT_EQ(auditRows(), "2") << "once a window";
}

TEST_F(GuardRailsTest, CutsAWindowThatEndsTooLate) {
  guard(R"({"windowMinutes": 10, "deletes": 1})");
  EXPECT_EQ(remove(user(client(), "one")), "done");
  letPass(-100'000);
  const auto two = user(client(), "two");
  const auto refused = deleteUser(context_, client(), two, {});
  ASSERT_FALSE(refused);
  EXPECT_LE(refused.error().retry_after.value_or(999'999), 600U)
      << "the database's clock was put back, or windows were longer before";
}

TEST_F(GuardRailsTest, TakesALowerCapAtOnce) {
  guard(R"({"deletes": 5})");
  for (const char* name : {"one", "two", "three"}) EXPECT_EQ(remove(user(client(), name)), "done");
  guard(R"({"deletes": 2})");
  const auto last = user(client(), "last");
  EXPECT_EQ(remove(last), "refused");
  EXPECT_EQ(windows(), "deletes 3/2 refused 1");
  guard(R"({"deletes": 4})");
  EXPECT_EQ(remove(last), "done");
  EXPECT_EQ(windows(), "deletes 4/4 refused 1");
}

TEST_F(GuardRailsTest, CountsEachActorAndEachDomainApart) {
  const auto one = user(client(), "one");
  const auto two = user(client(), "two");
  const auto three = user(client(), "three");
  const auto there = user(client(), "CORP/there");
  guard(R"({"deletes": 1})");
  guard(R"({"deletes": 1})", "CORP");
  EXPECT_EQ(remove(one), "done");
  EXPECT_EQ(remove(two), "refused");
  EXPECT_EQ(remove(there), "done") << "another domain";
  EXPECT_EQ(remove(two, other_), "done") << "another token";
  EXPECT_EQ(remove(three, other_), "refused");
  EXPECT_EQ(remove(three, Principal()), "done") << "the operator at the command line";
  EXPECT_EQ(windows(), "deletes 1/1 refused 1|deletes 1/1 refused 1");
  EXPECT_EQ(windows("CORP"), "deletes 1/1");
}

TEST_F(GuardRailsTest, CountsNothingWhileTheyAreLifted) {
  guard(R"({"deletes": 1})");
  EXPECT_EQ(remove(user(client(), "one")), "done");
  const auto two = user(client(), "two");
  EXPECT_EQ(remove(two), "refused");
  // RFC 7396: the caps stay.
  change("PRIMARY", R"({"settings": {"guardRails": {"liftedUntil": "2999-01-01T00:00:00Z"}}})");
  EXPECT_EQ(remove(two), "done");
  EXPECT_EQ(windows(), "deletes 1/1 refused 1") << "and what was counted";
  change("PRIMARY", R"({"settings": {"guardRails": {"liftedUntil": null}}})");
  EXPECT_EQ(remove(user(client(), "three")), "refused");
  change("PRIMARY", R"({"settings": {"guardRails": {"liftedUntil": "2026-01-01T00:00:00Z"}}})");
  EXPECT_EQ(remove(user(client(), "four")), "refused") << "the moment has passed";
  change("PRIMARY", R"({"settings": {"guardRails": null}})");
  EXPECT_EQ(remove(user(client(), "five")), "done");
}

TEST_F(GuardRailsTest, TellsTheOperatorOnceAWindowAndCountsEachRefusal) {
  guard(R"({"deletes": 1, "deactivations": 1})");
  EXPECT_EQ(remove(user(client(), "one")), "done");
  const auto two = user(client(), "two");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(remove(two), "refused");
  EXPECT_EQ(refusalsOf("deletes"), "3");
  EXPECT_EQ(refusalsOf("deactivations"), "0");
  EXPECT_EQ(auditRows(), "1");
  EXPECT_EQ(ask("SELECT CONCAT_WS('|', correlation_id, actor_id, actor_name, domain_name, changes) "
                "FROM {s}_control.audit_events WHERE action = 'guardrail.reached'"),
            "r-1|" + client_.token_id + "|client-11|PRIMARY|" + R"({"attributes":["deletes"]})");
}

/// Runs `work(i)` on threads that begin together.
void together(int threads, const std::function<void(int)>& work) {
  std::barrier start(threads);
  std::vector<std::thread> all;
  for (int i = 0; i < threads; ++i) {
    all.emplace_back([&, i] {
      start.arrive_and_wait();
      work(i);
    });
  }
  for (auto& thread : all) thread.join();
}

TEST_F(GuardRailsTest, LetsExactlyAsManyThroughAsTheCapSaysHoweverManyAskAtOnce) {
  constexpr int kThreads = 12;
  constexpr int kCap = 5;
  std::vector<std::string> users;
  for (int i = 0; i < kThreads; ++i) users.push_back(user(client(), "user" + std::to_string(i)));
  guard(R"({"deletes": 5})");
  std::atomic<int> done = 0;
  std::atomic<int> refused = 0;
  together(kThreads, [&](int i) {
    const auto result = outcome(deleteUser(context_, client(), users[i], {}));
    if (result == "done") ++done;
    if (result == "refused") ++refused;
  });
  EXPECT_EQ(done, kCap);
  EXPECT_EQ(refused, kThreads - kCap);
  EXPECT_EQ(foundUsers(client(), "userName pr"), kThreads - kCap);
  EXPECT_EQ(windows(), "deletes 5/5 refused 7");
  EXPECT_EQ(auditRows(), "1");
}

}  // namespace
}  // namespace vestibule::directory::test
