// F-12, from outside: what was acknowledged before a backup began is in it, its data are of one
// moment, and a domain that is moved while clients write to it, by commands that are killed,
// arrives with everything that was acknowledged. PRIMARY is restored in the same way.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>

#include "fault/server/sample_requests.h"
#include "json/parse.h"
#include "support/private_database.h"
#include "support/processes.h"
#include "support/server_process.h"
#include "support/temporary_folder.h"

namespace vestibule::test {
namespace {

constexpr int kClients = 3;

std::string adding(const std::string& member) {
  return R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add",)"
         R"("path":"members","value":[{"value":")" +
         member + R"("}]}]})";
}

std::string idOf(const Answer& answer) {
  return std::string(answer.json().stringAt("id").value_or(""));
}

/// Clients that create users in a domain and make each a member of one group, until they are
/// stopped, and remember what was acknowledged.
class Writers {
 public:
  /// `names` is what the names of all that they make begin with.
  Writers(const ServerProcess& server, std::string token, std::string base, std::string names = "c")
      : server_(server),
        token_(std::move(token)),
        base_(std::move(base)),
        names_(std::move(names)) {
    group_ = idOf(server_.scim(
        "POST", base_ + "/Groups", token_,
        R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":")" + names_ +
            R"(-everyone"})"));
    for (int client = 0; client < kClients; ++client) {
      threads_.emplace_back([this, client] { write(client); });
    }
  }
  ~Writers() { stop(); }

  void stop() {
    stop_ = true;
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }
  void waitFor(std::size_t users) {
    while (created().size() < users) std::this_thread::yield();
  }
  std::vector<std::string> created() {
    const std::lock_guard lock(mutex_);
    return created_;
  }
  std::vector<std::string> members() {
    const std::lock_guard lock(mutex_);
    return members_;
  }
  std::string strange() {
    const std::lock_guard lock(mutex_);
    return strange_;
  }
  [[nodiscard]] const std::string& group() const { return group_; }

 private:
  void write(int client) {
    for (int i = 0; !stop_; ++i) {
      const auto name = names_ + std::to_string(client) + "-" + std::to_string(i);
      const auto made = server_.scim("POST", base_ + "/Users", token_, user(name));
      note(made);
      if (made.status != 201) continue;
      const auto id = idOf(made);
      {
        const std::lock_guard lock(mutex_);
        created_.push_back(id);
      }
      const auto added = server_.scim("PATCH", base_ + "/Groups/" + group_, token_, adding(id));
      note(added);
      const std::lock_guard lock(mutex_);
      if (added.status == 200 || added.status == 204) members_.push_back(id);
    }
  }
  /// 503 is what a move or a restoring may cost for a while, 404 what it ends in.
  void note(const Answer& answer) {
    const std::set<int> expected = {200, 201, 204, 404, 503};
    const std::lock_guard lock(mutex_);
    if (!expected.contains(answer.status)) {
      strange_ += std::to_string(answer.status) + " " + answer.body + "\n";
    }
    if (answer.status == 503 && !answer.header("Retry-After")) strange_ += "no Retry-After\n";
  }

  const ServerProcess& server_;
  const std::string token_;
  const std::string base_;
  const std::string names_;
  std::string group_;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::vector<std::string> created_;
  std::vector<std::string> members_;
  std::string strange_;
  std::vector<std::thread> threads_;
};

std::set<std::string> memberIds(const Answer& group) {
  std::set<std::string> ids;
  const auto body = group.json();
  const auto* members = body.find("members");
  if (members == nullptr || members->array() == nullptr) return ids;
  for (const auto& member : *members->array()) {
    ids.emplace(member.stringAt("value").value_or(""));
  }
  return ids;
}

TEST(BackupUnderLoadTest, Fault12_ABackupIsOfOneMomentAndHoldsWhatWasAcknowledgedBefore) {
  const TemporaryFolder folder;
  const auto file = (folder.path() / "all.backup").string();
  std::string scim;
  std::string admin;
  std::string group;
  std::vector<std::string> before_users;
  std::vector<std::string> before_members;
  {
    ServerProcess server(VESTIBULE_BINARY, folder.path() / "source");
    scim = server.token("scim", "scim:read scim:write");
    admin = server.token("admin", "admin");
    Writers writers(server, scim, "/scim/v2");
    group = writers.group();
    writers.waitFor(60);
    before_users = writers.created();
    before_members = writers.members();
    const auto made = server.command({"backup", "--output", file, "--json"});
    ASSERT_EQ(made.status, 0) << made.errors;
    writers.waitFor(writers.created().size() + 10);
    writers.stop();
    EXPECT_EQ(writers.strange(), "");
    struct stat found {};
    ASSERT_EQ(::stat(file.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777U, 0600U);
    EXPECT_FALSE(std::filesystem::exists(file + ".part"));
    const auto again = server.command({"backup", "--output", file});
    EXPECT_EQ(again.status, 1);
    EXPECT_NE(again.errors.find("already"), std::string::npos) << again.errors;
  }

  std::map<std::string, std::string> variables = {
      {"VESTIBULE_DATA_DIR", (folder.path() / "target").string()}};
  if (const char* other = otherDatabaseUrl(); other != nullptr) {
    variables["VESTIBULE_DATABASE_URL"] = other;
    variables["VESTIBULE_DATABASE_SCHEMA_PREFIX"] = "restored" + std::to_string(::getpid());
  }
  const auto verified = runCommand(VESTIBULE_BINARY, {"backup", "verify", file}, variables);
  EXPECT_EQ(verified.status, 0) << verified.errors;
  const auto restored = runCommand(VESTIBULE_BINARY, {"restore", file}, variables);
  ASSERT_EQ(restored.status, 0) << restored.errors;

  // The same tokens open it: it is the same installation.
  ServerProcess server(VESTIBULE_BINARY, folder.path() / "target", variables);
  std::size_t users = 0;
  for (const auto& id : before_users) {
    EXPECT_EQ(server.scim("GET", "/scim/v2/Users/" + id, scim).status, 200) << id;
  }
  const auto members = memberIds(server.scim("GET", "/scim/v2/Groups/" + group, scim));
  for (const auto& id : before_members) EXPECT_TRUE(members.contains(id)) << id;
  for (const auto& id : members) {
    EXPECT_EQ(server.scim("GET", "/scim/v2/Users/" + id, scim).status, 200) << id;
  }
  const auto all = server.scim("GET", "/scim/v2/Users?count=0", scim).json();
  if (const auto* total = all.find("totalResults")) users = std::stoul(total->number()->text);
  ASSERT_GE(users, before_users.size());
  // Each user that is there has its event, and each event its user. A change of members has one
  // too.
  std::size_t created = 0;
  std::string cursor;
  do {
    const auto page =
        server.internal("GET",
                        "/admin/v1/audit?action=user.created&count=1000" +
                            (cursor.empty() ? "" : "&cursor=" + percentEncode(cursor)),
                        admin);
    ASSERT_EQ(page.status, 200) << page.body;
    const auto body = page.json();
    created += body.find("events")->array()->size();
    cursor = std::string(body.stringAt("cursor").value_or(""));
  } while (!cursor.empty());
  EXPECT_EQ(created, users);
}

TEST(BackupFileTest, WhatIsWrongWithAFileIsNamedAndNothingIsTouched) {
  const TemporaryFolder folder;
  const auto file = (folder.path() / "all.backup").string();
  const std::map<std::string, std::string> variables = {
      {"VESTIBULE_DATA_DIR", (folder.path() / "nowhere").string()}};
  std::string bytes;
  {
    ServerProcess server(VESTIBULE_BINARY, folder.path() / "source");
    ASSERT_EQ(server.command({"backup", "--output", file}).status, 0);
    std::ifstream in(file, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  const auto refuse = [&](const std::string& content, const std::string& because) {
    const auto bad = (folder.path() / "bad").string();
    std::ofstream(bad, std::ios::binary) << content;
    for (const auto& arguments : {std::vector<std::string>{"backup", "verify", bad},
                                  std::vector<std::string>{"restore", bad}}) {
      const auto result = runCommand(VESTIBULE_BINARY, arguments, variables);
      EXPECT_EQ(result.status, 1);
      EXPECT_NE(result.errors.find(because), std::string::npos) << result.errors;
    }
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "nowhere"));
  };
  refuse("", "the file is empty");
  refuse("INSERT INTO users", "no backup of Vestibule");
  refuse(bytes.substr(0, bytes.size() / 2), "cut short");
  refuse(bytes + "more", "and the file does not");
  auto changed = bytes;
  changed[bytes.size() / 2] = static_cast<char>(changed[bytes.size() / 2] ^ 1);
  refuse(changed, "damaged in block");
}

TEST(MoveUnderLoadTest,
     Fault12_ADomainThatIsMovedByCommandsThatAreKilledArrivesWithWhatWasAcknowledged) {
  const TemporaryFolder folder;
  ServerProcess source(VESTIBULE_BINARY, folder.path() / "source");
  ServerProcess target(VESTIBULE_BINARY, folder.path() / "target");
  ASSERT_EQ(source.command({"domain", "create", "CORP"}).status, 0);
  const auto scim = source.token("scim", "scim:read scim:write");
  const auto there = target.token("scim", "scim:read scim:write");
  const std::string base = "/domains/CORP/scim/v2";
  while (source.scim("GET", base + "/Users?count=0", scim).status != 200) std::this_thread::yield();
  Writers writers(source, scim, base);
  writers.waitFor(40);

  std::string to =
      "mysql://root@/?socket=" + (folder.path() / "target/mariadb/mariadb.sock").string();
  std::vector<std::string> move = {"domain", "move", "CORP", "--to", to};
  if (const char* other = otherDatabaseUrl(); other != nullptr) {
    GTEST_SKIP() << "both installations have a private database here";
  }
  int kills = 0;
  bool moved = false;
  for (int tenths = 1; tenths < 100 && !moved; tenths += 2) {
    std::vector<std::string> arguments = {"-s", "KILL", std::to_string(tenths / 10.0),
                                          VESTIBULE_BINARY};
    arguments.insert(arguments.end(), move.begin(), move.end());
    const auto result = runCommand("/usr/bin/timeout", arguments,
                                   {{"VESTIBULE_DATA_DIR", (folder.path() / "source").string()}});
    moved = result.status == 0;
    if (!moved) {
      EXPECT_NE(result.status, 1) << result.errors;
      ++kills;
    }
  }
  ASSERT_TRUE(moved);
  EXPECT_GT(kills, 0);
  writers.stop();
  EXPECT_EQ(writers.strange(), "");
  while (target.scim("GET", base + "/Users?count=0", there).status != 200) {
    std::this_thread::yield();
  }
  for (const auto& id : writers.created()) {
    EXPECT_EQ(target.scim("GET", base + "/Users/" + id, there).status, 200) << id;
  }
  const auto members = memberIds(target.scim("GET", base + "/Groups/" + writers.group(), there));
  for (const auto& id : writers.members()) EXPECT_TRUE(members.contains(id)) << id;
  // The source's server hears of it by its next look at the catalog.
  EXPECT_TRUE(
      eventually([&] { return source.scim("GET", base + "/Users?count=0", scim).status == 404; }));
  const auto gone = source.command({"domain", "delete", "CORP", "--confirm", "CORP"});
  EXPECT_EQ(gone.status, 0) << gone.errors;
}

TEST(RestoreUnderLoadTest,
     Fault12_PrimaryThatIsRestoredByCommandsThatAreKilledHoldsWhatItHeldBesideServersThatGoOn) {
  if (otherDatabaseUrl() != nullptr) GTEST_SKIP() << "the commands go to the private database";
  const TemporaryFolder folder;
  const auto file = (folder.path() / "primary.backup").string();
  ServerProcess server(VESTIBULE_BINARY, folder.path() / "server");
  const auto scim = server.token("scim", "scim:read scim:write");
  ASSERT_EQ(server.command({"domain", "create", "CORP"}).status, 0);
  const std::string corp = "/domains/CORP/scim/v2/Users";
  ASSERT_TRUE(
      eventually([&] { return server.scim("POST", corp, scim, user("cora")).status == 201; }));

  Writers before(server, scim, "/scim/v2", "before");
  before.waitFor(40);
  before.stop();
  EXPECT_EQ(before.strange(), "");
  const auto made = server.command({"backup", "--domain", "PRIMARY", "--output", file});
  ASSERT_EQ(made.status, 0) << made.errors;
  const auto spoilt = before.created().front();
  ASSERT_EQ(server.scim("DELETE", "/scim/v2/Users/" + spoilt, scim).status, 204);
  const auto refused = server.command({"restore", file, "--domain", "PRIMARY"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.errors.find("--replace"), std::string::npos) << refused.errors;

  Writers meanwhile(server, scim, "/scim/v2", "meanwhile");
  meanwhile.waitFor(10);
  int kills = 0;
  bool restored = false;
  for (int tenths = 1; tenths < 100 && !restored; tenths += 2) {
    const auto result = runCommand("/usr/bin/timeout",
                                   {"-s", "KILL", std::to_string(tenths / 10.0), VESTIBULE_BINARY,
                                    "restore", file, "--domain", "PRIMARY", "--replace"},
                                   {{"VESTIBULE_DATA_DIR", (folder.path() / "server").string()}});
    restored = result.status == 0;
    if (!restored) {
      EXPECT_NE(result.status, 1) << result.errors;
      ++kills;
    }
    EXPECT_EQ(server.scim("GET", corp + "?count=0", scim).status, 200);
  }
  ASSERT_TRUE(restored);
  EXPECT_GT(kills, 0);
  meanwhile.stop();
  EXPECT_EQ(meanwhile.strange(), "");

  // The server hears of it within a second.
  ASSERT_TRUE(eventually(
      [&] { return server.scim("POST", "/scim/v2/Users", scim, user("first")).status == 201; }));
  Writers after(server, scim, "/scim/v2", "after");
  after.waitFor(10);
  after.stop();
  EXPECT_EQ(after.strange(), "");
  for (const auto& users : {before.created(), after.created()}) {
    for (const auto& id : users) {
      EXPECT_EQ(server.scim("GET", "/scim/v2/Users/" + id, scim).status, 200) << id;
    }
  }
  const auto members = memberIds(server.scim("GET", "/scim/v2/Groups/" + before.group(), scim));
  for (const auto& id : before.members()) EXPECT_TRUE(members.contains(id)) << id;
  EXPECT_EQ(server.scim("GET", corp + "?count=0", scim).status, 200);
}

}  // namespace
}  // namespace vestibule::test
