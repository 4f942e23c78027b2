// What streams are told of groups: who came and went, whether a change of the group moved them or
// something that happened to a user.

#include <set>

#include "base/encoding.h"
#include "contract/feed/feed_test.h"
#include "directory/federated_identities.h"
#include "feed/security_event.h"

namespace vestibule::feed::test {
namespace {

using Lines = std::vector<std::string>;

const std::string kUri = "urn:ietf:params:scim:event:prov:";

class GroupEventsTest : public FeedTest {
 protected:
  void forAll(const std::string& more = R"(, "mode": "full")") {
    stream("all", "poll", R"(, "pollers": ["t"])" + more);
  }
  /// The claims of what waits for the stream, in order.
  std::vector<json::Object> waiting(const std::string& name = "all") {
    fanAll();
    const auto stream = catalog_->current()->findEventStream(name);
    const auto deliveries = must(database_->read([&](store::Session& session) {
      return store::nextDeliveries(session, database_->controlSchema(), stream->number, 10'000);
    }));
    std::vector<json::Object> all;
    for (const auto& delivery : deliveries) all.push_back(must(source_.claims(*stream, delivery)));
    return all;
  }
  /// `uri what members`: `+id` and `-id` of PatchOps, `=id` of whole groups, and the names of
  /// attributes of notices.
  std::string lineOf(const json::Object& claims) {
    const auto& event = claims.find("events")->object()->members().front();
    std::string line = *claims.find("sub_id")->find("uri")->string();
    line += " " + event.key.substr(kUri.size());
    if (const auto* names = event.value.find("attributes")) line += " " + json::write(*names);
    const auto* data = event.value.find("data");
    if (data == nullptr) return line;
    if (const auto* members = data->find("members")) line += listOf("=", *members);
    const auto* operations = data->find("Operations");
    if (operations == nullptr) return line;
    for (const json::Value& operation : *operations->array()) {
      const std::string op = *operation.find("op")->string();
      const std::string path = *operation.find("path")->string();
      if (path.rfind("members", 0) != 0) {
        line += " " + op + " " + path;
      } else if (const auto* value = operation.find("value")) {
        line += listOf(op == "add" ? "+" : "=", *value);
      } else {
        line += " -" + (path == "members" ? "all" : path.substr(18, 36));
      }
    }
    return line;
  }
  Lines told(const std::string& name = "all") {
    Lines lines;
    for (const auto& claims : waiting(name)) lines.push_back(lineOf(claims));
    return lines;
  }
  void forget() {
    fanAll();
    onlooker_.run("DELETE FROM " + table("control.event_deliveries"));
  }
  static std::string uriOf(const ResourceId& id) {
    return (id.kind() == ResourceKind::kGroup ? "/Groups/" : "/Users/") + id.text();
  }
  static std::string memberOf(const ResourceId& id) { return R"({"value": ")" + id.text() + "\"}"; }
  void add(const ResourceId& group, const ResourceId& member) {
    changeMembers(group,
                  R"({"op": "add", "path": "members", "value": [)" + memberOf(member) + "]}");
  }
  static std::string claims(const std::string& groups) {
    return R"({"uid": "bob", "groups": [)" + groups + "]}";
  }

 private:
  static std::string listOf(const std::string& sign, const json::Value& members) {
    std::string text;
    for (const json::Value& member : *members.array()) {
      text += " " + sign + *member.find("value")->string();
      EXPECT_NE(member.find("type"), nullptr);
    }
    return text;
  }
};

TEST_F(GroupEventsTest, ADeletedUserLeavesItsGroupsFirst) {
  const auto bob = scimUser(R"("userName": "CORP/bob")");
  const auto one = group("CORP/group-one", {bob});
  const auto two = group("CORP/group-two", {bob});
  group("CORP/other");
  forAll();
  scimDelete(bob);
  const auto all = waiting();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ((std::set<std::string>{lineOf(all[0]), lineOf(all[1])}),
            (std::set<std::string>{uriOf(one) + " patch:full -" + bob.text(),
                                   uriOf(two) + " patch:full -" + bob.text()}));
  EXPECT_EQ(lineOf(all[2]), uriOf(bob) + " delete");
  // They are one change, of which each group has its version.
  for (const auto& event : all) EXPECT_EQ(*event.find("txn"), *all.front().find("txn"));
  EXPECT_EQ(all[0].find("events")->object()->members().front().value.stringAt("version"),
            "W/\"2\"");
}

TEST_F(GroupEventsTest, AUserOfALoginComesBeforeItsGroupsHaveIt) {
  usual();
  const auto staff = group("CORP/staff");
  forAll();
  const auto bob = idOf(login("s1", claims(R"("staff")")));
  EXPECT_EQ(told(),
            (Lines{uriOf(bob) + " create:full", uriOf(staff) + " patch:full +" + bob.text()}));
}

TEST_F(GroupEventsTest, ALoginTellsOfGroupsThatItMovesTheUserTo) {
  usual();
  const auto one = group("CORP/group-one");
  const auto two = group("CORP/group-two");
  const auto bob = idOf(login("s1", claims(R"("group-one")")));
  forAll();
  login("s1", claims(R"("group-one")"));
  EXPECT_EQ(told(), Lines()) << "nothing has changed";
  login("s1", claims(R"("group-two")"));
  EXPECT_EQ(told(), (Lines{uriOf(two) + " patch:full +" + bob.text(),
                           uriOf(one) + " patch:full -" + bob.text(),
                           uriOf(bob) + " patch:full replace groups"}));
}

TEST_F(GroupEventsTest, AMembershipWithAnotherSourceStaysAndIsNotTold) {
  usual();
  const auto one = group("CORP/group-one");
  const auto bob = idOf(login("s1", claims(R"("group-one")")));
  add(one, bob);
  forAll();
  login("s1", claims(""));
  EXPECT_EQ(told(), Lines{uriOf(bob) + " patch:full replace groups"});
  forget();
  login("s1", claims(R"("group-one")"));
  EXPECT_EQ(told(), Lines{uriOf(bob) + " patch:full replace groups"});
}

TEST_F(GroupEventsTest, WhatGoesWithALinkIsTold) {
  usual();
  const auto one = group("CORP/group-one");
  const auto bob = idOf(login("s1", claims(R"("group-one")")));
  forAll();
  must(directory::unlinkIdentity(context_, {"idp", Subject("s1")}, directory::commandLine()));
  const auto lines = told();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0], uriOf(one) + " patch:full -" + bob.text());
}

TEST_F(GroupEventsTest, ADeletedGroupLeavesThoseThatContainIt) {
  const auto inner = group("CORP/inner");
  const auto outer = group("CORP/outer", {inner});
  forAll();
  must(directory::deleteGroup(context_, view(), inner.text(), {}));
  EXPECT_EQ(told(),
            (Lines{uriOf(outer) + " patch:full -" + inner.text(), uriOf(inner) + " delete"}));
}

TEST_F(GroupEventsTest, GroupsAreToldToWhoeverWantsPatchesOnly) {
  const auto bob = scimUser(R"("userName": "CORP/bob")");
  const auto one = group("CORP/group-one", {bob});
  forAll(R"(, "events": ["patch"])");
  stream("deletes", "poll", R"(, "pollers": ["t"], "events": ["delete"])");
  stream("elsewhere", "poll", R"(, "pollers": ["t"], "domains": ["PRIMARY"])");
  scimDelete(bob);
  EXPECT_EQ(told(), Lines{uriOf(one) + R"( patch:notice ["members"])"});
  EXPECT_EQ(told("deletes"), Lines{uriOf(bob) + " delete"});
  EXPECT_EQ(told("elsewhere"), Lines());
}

TEST_F(GroupEventsTest, WithoutAStreamForPatchesNoGroupIsStored) {
  const auto bob = scimUser(R"("userName": "CORP/bob")");
  group("CORP/group-one", {bob});
  forAll(R"(, "events": ["delete"])");
  scimDelete(bob);
  EXPECT_EQ(outbox(), Lines{"8|-|-|[]"});
}

TEST_F(GroupEventsTest, ExternalIdsOfGroupsAreInTheirEvents) {
  const auto bob = scimUser(R"("userName": "CORP/bob")");
  const auto one = group("CORP/group-one", {bob});
  changeMembers(one, R"({"op": "add", "path": "externalId", "value": "a\"b\\cü"})");
  forAll("");
  scimDelete(bob);
  EXPECT_EQ(waiting().front().find("sub_id")->stringAt("externalId"), "a\"b\\cü");
}

TEST_F(GroupEventsTest, ThousandsOfGroupsAreAFewRowsAndAllAreTold) {
  constexpr std::size_t kGroups = 2'300;
  const auto bob = scimUser(R"("userName": "CORP/bob")");
  const auto model = group("CORP/group-model");
  std::string digits = "(SELECT 0 AS d";
  for (int digit = 1; digit < 10; ++digit) digits += " UNION ALL SELECT " + std::to_string(digit);
  digits += ") ";
  onlooker_.run(
      "INSERT INTO " + table("corp.user_groups") +
      " (id, display_name, display_name_key, version, created, modified, document) SELECT "
      "CONCAT(LEFT(UNHEX(SHA2(n, 256)), 6), SUBSTRING(UNHEX('" +
      toHex(model.bytes()) +
      "'), 7)), CONCAT('g', n), CONCAT('g', n), 1, 1, 1, '{}' FROM (SELECT a.d + 10 * b.d + 100 * "
      "c.d + 1000 * e.d AS n FROM " +
      digits + "a, " + digits + "b, " + digits + "c, " + digits + "e) numbers WHERE n < " +
      std::to_string(kGroups));
  onlooker_.run("INSERT INTO " + table("corp.memberships") +
                " (group_seq, user_seq, by_scim) SELECT g.seq, u.seq, 1 FROM " +
                table("corp.user_groups") + " g JOIN " + table("corp.users") +
                " u WHERE g.display_name <> 'group-model'");
  forAll();
  scimDelete(bob);
  EXPECT_EQ(outbox().size(), 4U) << "one for a thousand groups, and that of the user";
  EXPECT_EQ(must(fanOut(context_)), store::FannedOut::kSome);
  EXPECT_EQ(outbox().size(), 3U) << "so many in one transaction";
  const auto all = waiting();
  ASSERT_EQ(all.size(), kGroups + 1);
  std::set<std::string> groups;
  for (std::size_t i = 0; i < kGroups; ++i) {
    EXPECT_EQ(lineOf(all[i]).substr(44), " patch:full -" + bob.text());
    groups.insert(std::string(*all[i].find("sub_id")->stringAt("id")));
    EXPECT_EQ(*all[i].find("txn"), *all.back().find("txn"));
  }
  EXPECT_EQ(groups.size(), kGroups);
  EXPECT_EQ(lineOf(all.back()), uriOf(bob) + " delete");
}

TEST_F(GroupEventsTest, AFullPatchOfMembersSaysWhoCameAndWent) {
  const auto ann = scimUser(R"("userName": "CORP/ann")");
  const auto bob = scimUser(R"("userName": "CORP/bob")");
  const auto inner = group("CORP/inner");
  const auto one = group("CORP/group-one", {ann});
  forAll();
  changeMembers(one,
                R"({"op": "add", "path": "members", "value": [)" + memberOf(bob) + "," +
                    memberOf(inner) + "]}, " + R"({"op": "remove", "path": "members[value eq \")" +
                    ann.text() +
                    R"(\"]"}, {"op": "add", "path": "displayName", "value": "CORP/group-uno"})");
  changeMembers(one, R"({"op": "replace", "path": "members", "value": [)" + memberOf(ann) + "]}");
  changeMembers(one, R"({"op": "remove", "path": "members"})");
  const std::string uri = uriOf(one);
  const std::string first = std::min(bob.text(), inner.text());
  const std::string last = std::max(bob.text(), inner.text());
  EXPECT_EQ(told(), (Lines{uri + " patch:full replace displayName +" + first + " +" + last + " -" +
                               ann.text(),
                           uri + " patch:full =" + ann.text(), uri + " patch:full -all"}));
}

TEST_F(GroupEventsTest, AFullGroupHasTheMembersThatItWasSentWith) {
  const auto ann = scimUser(R"("userName": "CORP/ann")");
  forAll();
  const auto empty = group("CORP/empty");
  const auto one = group("CORP/group-one", {ann});
  must(
      directory::replaceGroup(context_, view(), one.text(),
                              parsed(R"({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
                 "displayName": "CORP/group-uno", "members": [)" +
                                     memberOf(ann) + "]}"),
                              {}, {}));
  EXPECT_EQ(told(),
            (Lines{uriOf(empty) + " create:full", uriOf(one) + " create:full =" + ann.text(),
                   uriOf(one) + " put:full =" + ann.text()}));
}

TEST_F(GroupEventsTest, MoreMembersThanAnEventListsAreANotice) {
  const std::size_t kMost = store::kMostMembersTold;
  std::vector<ResourceId> users;
  for (std::size_t i = 0; i <= kMost; ++i) {
    users.push_back(scimUser(R"("userName": "CORP/user)" + std::to_string(i) + "\""));
  }
  const auto list = [&](std::size_t number) {
    std::string text;
    for (std::size_t i = 0; i < number; ++i) text += (i == 0 ? "" : ",") + memberOf(users[i]);
    return R"({"op": "add", "path": "members", "value": [)" + text + "]}";
  };
  const auto one = group("CORP/group-one");
  const auto two = group("CORP/group-two");
  forAll();
  changeMembers(one, list(kMost + 1));
  changeMembers(two, list(kMost));
  const auto three = group("CORP/three", users);
  const auto lines = told();
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0], uriOf(one) + R"( patch:notice ["members"])");
  EXPECT_EQ(lines[1].size(), (uriOf(two) + " patch:full").size() + kMost * 38);
  EXPECT_EQ(lines[2], uriOf(three) + R"( create:notice ["displayName","members"])");
}

}  // namespace
}  // namespace vestibule::feed::test
