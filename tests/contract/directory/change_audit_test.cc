// What the audit has of changes over SCIM.

#include <functional>
#include <string>
#include <vector>

#include "contract/directory/directory_test.h"
#include "directory/audit.h"

namespace vestibule::directory {
namespace {

class ChangeAudit : public test::DirectoryTest {
 protected:
  View asked(const std::string& correlation_id) const {
    View view = everywhere();
    view.correlate(correlation_id);
    return view;
  }

  /// The events about a resource, oldest first: `action before>after attributes`.
  std::vector<std::string> eventsOf(const std::string& id) {
    AuditFilter filter;
    filter.resource = id;
    std::vector<std::string> lines;
    for (const auto& event : must(listAudit(context_, filter)).events) {
      std::string line = event.action;
      line += event.version_before ? ' ' + std::to_string(event.version_before->value()) : " -";
      line += event.version_after ? '>' + std::to_string(event.version_after->value()) : ">-";
      for (const auto& name : event.attributes) line += ' ' + name;
      lines.insert(lines.begin(), line);
    }
    return lines;
  }
  std::string count() { return ask("SELECT COUNT(*) FROM {s}_control.audit_events"); }

  void patchUserBy(const std::string& id, const std::string& operations) {
    must(patchUser(context_, everywhere(), id, patchBody(operations), {}, {}));
  }
  void patchGroupBy(const std::string& id, const std::string& operations) {
    must(patchGroup(context_, everywhere(), id, patchBody(operations), {}, {}, true));
  }
};

using Lines = std::vector<std::string>;

TEST_F(ChangeAudit, O1_TellsOfEachChangeOfAUser) {
  const auto id = user(everywhere(), "bob", R"(, "title": "Boss", "password": "S3cret!pass")");
  patchUserBy(id, R"({"op": "replace", "path": "title", "value": "Chief"})");
  patchUserBy(id, R"({"op": "replace", "path": "title", "value": "Chief"})");
  patchUserBy(id, R"({"op": "replace", "path": "password", "value": "Other!pass1"})");
  must(replaceUser(context_, everywhere(), id, userBody("bobby"), {}, {}));
  must(deleteUser(context_, everywhere(), id, {}));
  EXPECT_EQ(eventsOf(id), (Lines{"user.created ->1 userName title password",
                                 "user.updated 1>2 title", "user.updated 2>3 password",
                                 "user.updated 3>4 userName title", "user.deleted 4>-"}));
}

TEST_F(ChangeAudit, O1_TellsOfEachChangeOfAGroup) {
  const auto bob = user(everywhere(), "bob");
  const auto inner = group(everywhere(), "inner");
  const auto id = group(everywhere(), "staff", {bob});
  const auto member = [](const std::string& op, const std::string& who) {
    return R"({"op": ")" + op + R"(", "path": "members", "value": [{"value": ")" + who + R"("}]})";
  };
  // Who is in already, and who is not, changes nothing.
  patchGroupBy(id, member("add", bob));
  patchGroupBy(id, member("remove", inner));
  patchGroupBy(id, member("add", inner));
  patchGroupBy(id, R"({"op": "remove", "path": "members[value eq \")" + bob + R"(\"]"})");
  patchGroupBy(id, R"({"op": "replace", "path": "displayName", "value": "crew"})");
  patchGroupBy(id,
               R"({"op": "replace", "path": "externalId", "value": "c"}, )" + member("add", bob));
  must(replaceGroup(context_, everywhere(), id, groupBody("crew", {}), {}, {}));
  must(deleteGroup(context_, everywhere(), id, {}));
  EXPECT_EQ(eventsOf(id),
            (Lines{"group.created ->1 displayName members", "group.updated 1>2 members",
                   "group.updated 2>3 members", "group.updated 3>4 displayName",
                   "group.updated 4>5 externalId members", "group.updated 5>6 externalId members",
                   "group.deleted 6>-"}));
}

TEST_F(ChangeAudit, TellsWhoAskedAndWhere) {
  const Principal okta = [] {
    Principal principal;
    principal.token_id = "0123";
    principal.name = "okta";
    principal.scopes = kEverybody.scopes;
    principal.all_domains = true;
    return principal;
  }();
  View view = must(View::overAllDomains(catalog_->current(), okta,
                                        std::string(test::kOrigin) + "/scim/v2", std::nullopt));
  view.correlate("abc");
  const auto id = user(view, "CORP/ada");
  const auto events = must(auditOfRequest(context_, "abc", 10));
  ASSERT_EQ(events.size(), 1U);
  const auto& event = events.front();
  EXPECT_EQ(event.actor_id, "0123");
  EXPECT_EQ(event.actor_name, "okta");
  EXPECT_EQ(event.domain->name.value(), "CORP");
  EXPECT_EQ(event.resource->text(), id);
  EXPECT_GT(event.occurred, 0);
  EXPECT_EQ(event.trace, "");
}

TEST_F(ChangeAudit, HasNothingOfWhatIsRefused) {
  const auto bob = user(everywhere(), "bob");
  const auto staff = group(everywhere(), "staff");
  const auto before = count();
  const auto refused = [](const auto& result) { EXPECT_FALSE(result); };
  refused(createUser(context_, everywhere(), userBody("bob"), {}));
  refused(createGroup(context_, everywhere(), groupBody("staff", {}), {}));
  refused(createGroup(context_, everywhere(), groupBody("new", {staff + "x"}), {}));
  refused(patchUser(context_, everywhere(), bob,
                    patchBody(R"({"op": "replace", "path": "userName", "value": ""})"), {}, {}));
  Preconditions stale;
  stale.has_if_match = true;
  stale.if_match = {"W/\"9\""};
  refused(deleteUser(context_, everywhere(), bob, stale));
  refused(deleteGroup(context_, everywhere(), staff, stale));
  EXPECT_EQ(count(), before);
}

TEST_F(ChangeAudit, IsAskedForUsersOrForAnyResource) {
  const auto bob = user(everywhere(), "bob");
  const auto staff = group(everywhere(), "staff");
  AuditFilter filter;
  filter.user = bob;
  EXPECT_EQ(must(listAudit(context_, filter)).events.size(), 1U);
  filter.resource = staff;
  EXPECT_EQ(listAudit(context_, filter).error().attribute, "resource");
  filter.user.reset();
  EXPECT_EQ(must(listAudit(context_, filter)).events.size(), 1U);
  const auto shown = describeAuditEvent(must(listAudit(context_, filter)).events.front());
  EXPECT_EQ(shown.find("user"), nullptr);
  EXPECT_EQ(*shown.find("resource"), json::Value(staff));
  filter.user = staff;
  filter.resource.reset();
  EXPECT_EQ(listAudit(context_, filter).error().attribute, "user");
}

}  // namespace
}  // namespace vestibule::directory
