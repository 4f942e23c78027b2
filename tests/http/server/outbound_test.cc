// One Vestibule provisions another: users, groups and memberships, what leaves, and what happens
// while the other is away.

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <fstream>
#include <set>
#include <thread>

#include "json/parse.h"
#include "json/write.h"
#include "support/server_process.h"
#include "support/temporary_folder.h"

namespace vestibule::test {
namespace {

using Lines = std::vector<std::string>;

class OutboundServers : public ::testing::Test {
 protected:
  void SetUp() override {
    here = std::make_unique<ServerProcess>(VESTIBULE_BINARY, folder.path() / "here");
    there = std::make_unique<ServerProcess>(VESTIBULE_BINARY, folder.path() / "there");
    scim = here->token("scim", "scim:read scim:write");
    admin = here->token("admin", "admin");
    remote = there->token("outbound", "scim:read scim:write");
  }

  /// Stops the other server and starts it again, on another port: the target follows.
  void stopThere() {
    there->signal(SIGTERM);
    there->wait();
    there.reset();
  }
  void startThere() {
    there = std::make_unique<ServerProcess>(VESTIBULE_BINARY, folder.path() / "there");
  }

  std::string baseUrl() const {
    return "http://127.0.0.1:" + std::to_string(there->publicPort()) + "/scim/v2";
  }

  json::Object authentication() const { return {{"type", "bearer"}, {"token", remote}}; }

  void target(const std::string& members = "{}") {
    json::Value document = *json::parse(members);
    document.object()->set("name", "other");
    document.object()->set("baseUrl", baseUrl());
    document.object()->set("authentication", authentication());
    const auto put =
        here->internal("PUT", "/admin/v1/outbound/other", admin, json::write(document));
    ASSERT_TRUE(put.status == 201 || put.status == 200) << put.body;
    EXPECT_EQ(put.body.find(remote), std::string::npos) << "the secret is never shown";
  }

  std::string post(const std::string& type, const std::string& members) {
    const std::string urn = "urn:ietf:params:scim:schemas:core:2.0:" + type;
    const auto made = here->scim("POST", "/scim/v2/" + type + "s", scim,
                                 R"({"schemas":[")" + urn + "\"]," + members + "}");
    EXPECT_EQ(made.status, 201) << made.body;
    return std::string(made.json().stringAt("id").value_or(""));
  }
  void patch(const std::string& path, const std::string& operation) {
    const auto done = here->scim("PATCH", "/scim/v2/" + path, scim,
                                 R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],)"
                                 R"("Operations":[)" +
                                     operation + "]}");
    EXPECT_LT(done.status, 300) << done.body;
  }
  void remove(const std::string& path) {
    EXPECT_EQ(here->scim("DELETE", "/scim/v2/" + path, scim).status, 204);
  }

  /// `userName` of every user there, with `!` in front of one that is not active.
  Lines usersThere() {
    std::set<std::string> names;
    const auto list = there->scim("GET", "/scim/v2/Users?count=200", remote).json();
    const auto* resources = list.find("Resources");
    if (resources == nullptr) return {"?"};
    for (const auto& user : *resources->array()) {
      const bool active = user.boolAt("active").value_or(true);
      names.insert((active ? "" : "!") + std::string(*user.stringAt("userName")));
    }
    return {names.begin(), names.end()};
  }
  /// `displayName: member, …` of every group there.
  Lines groupsThere() {
    std::set<std::string> lines;
    const auto list = there->scim("GET", "/scim/v2/Groups?count=200", remote).json();
    const auto* resources = list.find("Resources");
    if (resources == nullptr) return {"?"};
    for (const auto& group : *resources->array()) {
      std::set<std::string> members;
      if (const auto* listed = group.find("members")) {
        for (const auto& member : *listed->array()) {
          members.insert(std::string(member.stringAt("display").value_or("?")));
        }
      }
      std::string line = std::string(*group.stringAt("displayName")) + ":";
      for (const auto& member : members) line += " " + member;
      lines.insert(line);
    }
    return {lines.begin(), lines.end()};
  }

  template <typename Look>
  void awaitLines(Look&& look, const Lines& wanted) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    Lines seen;
    while ((seen = look()) != wanted) {
      if (std::chrono::steady_clock::now() > until) break;
      std::this_thread::yield();
    }
    EXPECT_EQ(seen, wanted) << here->log();
  }
  void awaitUsers(const Lines& wanted) {
    awaitLines([this] { return usersThere(); }, wanted);
  }
  void awaitGroups(const Lines& wanted) {
    awaitLines([this] { return groupsThere(); }, wanted);
  }
  json::Value status(const std::string& id) {
    return here->internal("GET", "/admin/v1/outbound/other/users/" + id, admin).json();
  }

  TemporaryFolder folder;
  std::unique_ptr<ServerProcess> here;
  std::unique_ptr<ServerProcess> there;
  std::string scim;
  std::string admin;
  std::string remote;
};

TEST_F(OutboundServers, ProvisionUsersGroupsAndMemberships) {
  const auto before = post("User", R"("userName":"earlier")");
  target(R"({"groups": ["*"], "filter": "title ne \"local\""})");
  const auto ada = post("User", R"("userName":"ada","name":{"givenName":"Ada"})");
  post("User", R"("userName":"admin","title":"local")");
  const auto staff = post("Group", R"("displayName":"staff","members":[{"value":")" + ada + "\"}]");
  awaitUsers({"ada", "earlier"});
  awaitGroups({"staff: ada"});
  patch("Groups/" + staff,
        R"({"op":"add","path":"members","value":[{"value":")" + before + "\"}]}");
  awaitGroups({"staff: ada earlier"});
  patch("Users/" + ada, R"({"op":"replace","path":"userName","value":"ada.lovelace"})");
  awaitUsers({"ada.lovelace", "earlier"});
  patch("Users/" + ada, R"({"op":"replace","path":"active","value":false})");
  awaitUsers({"!ada.lovelace", "earlier"});
  patch("Groups/" + staff, R"({"op":"remove","path":"members[value eq \")" + ada + R"(\"]"})");
  awaitGroups({"staff: earlier"});
  remove("Users/" + before);
  awaitUsers({"!ada.lovelace", "!earlier"});
  awaitGroups({"staff:"});
}

TEST_F(OutboundServers, DeleteThereWhereThatIsSaid) {
  target(R"({"onRemoval": "delete", "update": "patch", "groups": ["*"],
             "filter": "title eq \"Engineer\""})");
  const auto ada = post("User", R"("userName":"ada","title":"Engineer")");
  const auto staff = post("Group", R"("displayName":"staff","members":[{"value":")" + ada + "\"}]");
  awaitUsers({"ada"});
  awaitGroups({"staff: ada"});
  patch("Users/" + ada, R"({"op":"replace","path":"title","value":"Poet"})");
  awaitUsers({});
  awaitGroups({"staff:"});
  patch("Users/" + ada, R"({"op":"replace","path":"title","value":"Engineer"})");
  awaitUsers({"ada"});
  awaitGroups({"staff: ada"});
  remove("Groups/" + staff);
  awaitGroups({});
}

TEST_F(OutboundServers, CatchUpWhenTheOtherIsBack) {
  target();
  const auto ada = post("User", R"("userName":"ada")");
  awaitUsers({"ada"});
  stopThere();
  post("User", R"("userName":"bob")");
  patch("Users/" + ada, R"({"op":"replace","path":"userName","value":"ada2"})");
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (here->log().find("outbound.target_away") == std::string::npos) {
    ASSERT_LT(std::chrono::steady_clock::now(), until) << here->log();
    std::this_thread::yield();
  }
  EXPECT_EQ(status(ada).stringAt("state"), "waiting");
  startThere();
  // It has another port now, as a target that moves has another address.
  const json::Object address{{"baseUrl", baseUrl()}, {"authentication", authentication()}};
  const auto moved =
      here->internal("PATCH", "/admin/v1/outbound/other", admin, json::write(address));
  EXPECT_EQ(moved.status, 200) << moved.body;
  awaitUsers({"ada2", "bob"});
}

TEST_F(OutboundServers, LoseNothingWhenTheFirstIsKilled) {
  target(R"({"timeoutSeconds": 1})");
  Lines wanted;
  for (int i = 0; i < 20; ++i) {
    const auto name = "user" + std::to_string(100 + i);
    post("User", R"("userName":")" + name + "\"");
    wanted.push_back(name);
  }
  here->signal(SIGKILL);
  here->wait();
  here.reset();
  here = std::make_unique<ServerProcess>(VESTIBULE_BINARY, folder.path() / "here");
  // What it had claimed is looked at when the lease ends: ten seconds with so short a limit.
  awaitUsers(wanted);
}

TEST_F(OutboundServers, AnswerOnceABlockingTargetIsDone) {
  target(R"({"blocking": {"enabled": true, "seconds": 30, "onFailure": "error"}})");
  const auto made =
      here->scim("POST", "/scim/v2/Users", scim,
                 R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada"})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.header("Vestibule-Outbound"), "other=done");
  EXPECT_EQ(usersThere(), Lines{"ada"}) << "at once";
  // Another takes the account there: the change here cannot be sent.
  stopThere();
  const auto late =
      here->internal("PATCH", "/admin/v1/outbound/other", admin, R"({"blocking": {"seconds": 1}})");
  ASSERT_EQ(late.status, 200) << late.body;
  const auto second =
      here->scim("POST", "/scim/v2/Users", scim,
                 R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"bob"})");
  EXPECT_EQ(second.status, 502) << second.body;
  EXPECT_EQ(second.header("Vestibule-Outbound"), "other=waiting");
  const auto audit = here->internal("GET", "/admin/v1/audit?action=outbound.not_sent", admin).body;
  EXPECT_NE(audit.find("outbound.not_sent"), std::string::npos) << audit;
}

TEST_F(OutboundServers, AreSetUpAndLookedAtFromTheCommandLine) {
  const auto file = (folder.path() / "other.json").string();
  std::ofstream(file) << json::write(
      json::Object{{"name", "other"},
                   {"baseUrl", baseUrl()},
                   {"authentication", json::Object{{"type", "bearer"}, {"token", remote}}}});
  const auto applied = here->command({"outbound", "apply", file});
  ASSERT_EQ(applied.status, 0) << applied.errors;
  const auto ada = post("User", R"("userName":"ada")");
  awaitUsers({"ada"});
  for (const Lines& line :
       {Lines{"outbound", "list"}, Lines{"outbound", "show", "other"},
        Lines{"outbound", "status", "other"}, Lines{"outbound", "status", "other", ada},
        Lines{"outbound", "failed", "other"}, Lines{"outbound", "explain", "other", ada},
        Lines{"outbound", "retry", "other"}, Lines{"outbound", "retry", "other", ada},
        Lines{"outbound", "sync-all", "other"}}) {
    const auto done = here->command(line);
    EXPECT_EQ(done.status, 0) << line[1] << ": " << done.errors;
    EXPECT_EQ(done.output.find(remote), std::string::npos) << line[1];
  }
  EXPECT_NE(here->command({"outbound", "status", "other", ada}).output.find("synchronised"),
            std::string::npos);
  for (const Lines& line :
       {Lines{"outbound", "show", "none"}, Lines{"outbound", "status", "none"},
        Lines{"outbound", "retry", "other", "x"}, Lines{"outbound", "explain", "other", "x"}}) {
    EXPECT_EQ(here->command(line).status, 1) << line[1];
  }
  EXPECT_EQ(here->command({"outbound", "delete", "other"}).status, 0);
  EXPECT_EQ(usersThere(), Lines{"ada"});
}

}  // namespace
}  // namespace vestibule::test
