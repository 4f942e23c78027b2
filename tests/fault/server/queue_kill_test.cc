// kill -9 of a server with queued provisions: each that was acknowledged is done afterwards, in its
// order and once.

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>

#include "fault/server/sample_requests.h"
#include "support/processes.h"
#include "support/server_process.h"
#include "support/temporary_folder.h"

namespace vestibule::test {
namespace {

constexpr int kClients = 3;
/// Subjects of each client, who sign in again and again.
constexpr int kSubjects = 4;

/// What one subject was told.
struct Told {
  int last = -1;                        ///< the number of the last login that was acknowledged
  int sent = -1;                        ///< the number of the last that was sent
  std::vector<std::string> operations;  ///< paths of those acknowledged
};

std::string numbered(const std::string& subject, int number) {
  return R"({"identityProvider":"queued","subject":")" + subject +
         R"(","claims":{"preferred_username":"queued-)" + subject + R"(","title":"login-)" +
         std::to_string(number) + R"("}})";
}

class QueueKillTest : public ::testing::Test {
 protected:
  void SetUp() override {
    start();
    const auto file = folder.path() / "queued.json";
    std::ofstream(file)
        << R"({"name":"queued","claims":{"userIdClaim":"preferred_username","mappings":[)"
           R"({"idpClaim":"title","attribute":"title"}]},)"
           R"("jit":{"isEnabled":true,"userstore":"PRIMARY","mode":"non-blocking"}})";
    ASSERT_EQ(server->command({"idp", "apply", file.string()}).status, 0);
    scim = server->token("scim", "scim:read");
    jit = server->token("jit", "jit");
  }
  void start() {
    server = std::make_unique<ServerProcess>(
        VESTIBULE_BINARY, folder.path() / "data",
        std::map<std::string, std::string>{{"VESTIBULE_JIT_QUEUE_WORKERS", "2"}});
  }

  void stream(int client, std::atomic<bool>& stop) {
    for (int i = 0; !stop; ++i) {
      const std::string subject = std::to_string(client) + "-" + std::to_string(i % kSubjects);
      const int number = 1 + told_of(subject).sent;
      {
        const std::lock_guard lock(mutex);
        told[subject].sent = number;
      }
      const auto answer =
          server->internal("POST", "/jit/v1/provision", jit, numbered(subject, number));
      const std::lock_guard lock(mutex);
      if (answer.status == 202) {
        told[subject].last = number;
        told[subject].operations.emplace_back(*answer.json().stringAt("operation"));
        ++acknowledged;
      } else if (answer.status != 0) {
        strange.push_back(std::to_string(answer.status) + " " + answer.body);
      }
    }
  }
  Told told_of(const std::string& subject) {
    const std::lock_guard lock(mutex);
    return told[subject];
  }

  TemporaryFolder folder;
  std::unique_ptr<ServerProcess> server;
  std::string scim;
  std::string jit;
  std::mutex mutex;
  std::map<std::string, Told> told;
  std::vector<std::string> strange;
  std::atomic<int> acknowledged{0};
};

TEST_F(QueueKillTest, KillingTheServerLosesAndDoublesNothingQueued) {
  for (int round = 1; round <= 2; ++round) {
    std::atomic<bool> stop{false};
    std::vector<std::thread> clients;
    for (int client = 0; client < kClients; ++client) {
      clients.emplace_back([&, client] { stream(client, stop); });
    }
    const int before = acknowledged;
    EXPECT_TRUE(eventually([&] { return acknowledged > before + 60; })) << server->log();
    server->signal(SIGKILL);
    server->wait();
    stop = true;
    for (auto& client : clients) client.join();
    start();
  }
  for (const auto& answer : strange) ADD_FAILURE() << answer;
  for (const auto& [subject, of] : told) {
    SCOPED_TRACE(subject);
    for (const auto& operation : of.operations) {
      Answer answer;
      ASSERT_TRUE(eventually(
          [&] {
            answer = server->internal("GET", operation + "?wait=10", jit);
            return answer.json().stringAt("state") == "done";
          },
          std::chrono::seconds(90)))
          << answer.body << server->log();
      const std::string outcome(answer.json().stringAt("outcome").value_or(""));
      EXPECT_TRUE(outcome == "created" || outcome == "updated" || outcome == "unchanged")
          << answer.body;
    }
  }
  for (const auto& [subject, of] : told) {
    SCOPED_TRACE(subject);
    if (of.last < 0) continue;
    const auto found = server->scim(
        "GET", "/scim/v2/Users?filter=" + percentEncode("userName eq \"queued-" + subject + "\""),
        scim);
    ASSERT_NE(found.body.find("\"totalResults\":1,"), std::string::npos) << found.body;
    const auto at = found.body.find("\"title\":\"login-");
    ASSERT_NE(at, std::string::npos) << found.body;
    const int title = std::stoi(found.body.substr(at + 15));
    EXPECT_GE(title, of.last) << "an older login came behind a newer one";
    EXPECT_LE(title, of.sent);
  }
}

}  // namespace
}  // namespace vestibule::test
