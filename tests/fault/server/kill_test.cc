// kill -9 of the server and of its database during a stream of creates and logins: what was
// acknowledged is there afterwards, nothing is half-written, no process is left, and nobody has to
// do anything by hand.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <atomic>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>

#include "support/processes.h"
#include "support/server_process.h"
#include "support/temporary_folder.h"

namespace vestibule::test {
namespace {

constexpr int kClients = 4;

/// What clients were told.
struct Acknowledged {
  std::mutex mutex;
  std::vector<std::string> created;      ///< user names of 201 by SCIM
  std::vector<std::string> provisioned;  ///< subjects of 200 and 201 by JIT
  std::atomic<int> count{0};
  std::atomic<int> unavailable{0};
  std::vector<std::string> strange;  ///< answers that no fault excuses
};

std::string identityProvider() {
  return R"({"name":"corp","enabled":true,"claims":{"userIdClaim":"preferred_username","mappings":[)"
         R"({"idpClaim":"email","attribute":"emails[type eq \"work\"].value"}]},)"
         R"("jit":{"isEnabled":true,"userstore":"PRIMARY"}})";
}

std::string user(const std::string& name) {
  return R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":")" + name +
         R"(","externalId":"ext-)" + name + R"(","emails":[{"type":"work","value":")" + name +
         R"(@example.com"}]})";
}

std::string login(const std::string& subject) {
  return R"({"identityProvider":"corp","subject":")" + subject +
         R"(","claims":{"preferred_username":"jit-)" + subject + R"(","email":"jit-)" + subject +
         R"(@example.com"}})";
}

/// The process number of the private database below `data_dir`.
pid_t databasePid(const std::filesystem::path& data_dir) {
  std::ifstream file(data_dir / "mariadb" / "mariadb.pid");
  pid_t pid = 0;
  file >> pid;
  return pid;
}

class KillTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server = std::make_unique<ServerProcess>(VESTIBULE_BINARY, folder.path() / "data");
    const auto file = folder.path() / "idp.json";
    std::ofstream(file) << identityProvider();
    const auto applied = server->command({"idp", "apply", file.string()});
    ASSERT_EQ(applied.status, 0) << applied.errors;
    scim = server->token("scim", "scim:read scim:write");
    jit = server->token("jit", "jit");
  }

  /// Creates and logs in until `stop`, with names that begin with `round`.
  void stream(const std::string& round, int client, std::atomic<bool>& stop) {
    for (int i = 0; !stop; ++i) {
      const std::string name = round + std::to_string(client) + "-" + std::to_string(i);
      const bool by_jit = i % 2 == 1;
      const auto answer = by_jit ? server->internal("POST", "/jit/v1/provision", jit, login(name))
                                 : server->scim("POST", "/scim/v2/Users", scim, user(name));
      const std::lock_guard lock(told.mutex);
      if (answer.status == 200 || answer.status == 201) {
        (by_jit ? told.provisioned : told.created).push_back(name);
        ++told.count;
      } else if (answer.status == 503) {
        ++told.unavailable;
      } else if (answer.status != 0) {
        told.strange.push_back(std::to_string(answer.status) + " " + answer.body);
      }
    }
  }

  template <typename Kill>
  void streamWhile(const std::string& round, Kill kill) {
    std::atomic<bool> stop{false};
    std::vector<std::thread> clients;
    for (int client = 0; client < kClients; ++client) {
      clients.emplace_back([&, client] { stream(round, client, stop); });
    }
    const int before = told.count;
    const bool flowing = eventually([&] { return told.count > before + 40; });
    kill();
    stop = true;
    for (auto& client : clients) client.join();
    ASSERT_TRUE(flowing) << server->log();
  }

  Answer find(const std::string& attribute, const std::string& value) {
    return server->scim(
        "GET", "/scim/v2/Users?filter=" + percentEncode(attribute + " eq \"" + value + "\""), scim);
  }

  /// Every acknowledged user is there, once, whole, and found by each of its indexes.
  void expectNothingLost() {
    for (const auto& name : told.created) {
      for (const auto& [attribute, value] :
           std::initializer_list<std::pair<std::string, std::string>>{
               {"userName", name},
               {"externalId", "ext-" + name},
               {"emails.value", name + "@example.com"}}) {
        const auto answer = find(attribute, value);
        ASSERT_NE(answer.body.find("\"totalResults\":1,"), std::string::npos)
            << attribute << " " << value << ": " << answer.status << " " << answer.body;
      }
    }
    for (const auto& subject : told.provisioned) {
      const auto again = server->internal("POST", "/jit/v1/provision", jit, login(subject));
      ASSERT_EQ(again.status, 200) << again.body;
      ASSERT_NE(again.body.find("\"outcome\":\"unchanged\""), std::string::npos) << again.body;
    }
    for (const auto& answer : told.strange) ADD_FAILURE() << answer;
  }

  /// Users that were written without being acknowledged are whole as well: a repetition says 409,
  /// and the look-up finds it (F-2).
  void expectNothingHalf(const std::string& round) {
    for (int client = 0; client < kClients; ++client) {
      for (int i = 0; i < 400; i += 2) {
        const std::string name = round + std::to_string(client) + "-" + std::to_string(i);
        const auto answer = find("userName", name);
        if (answer.body.find("\"totalResults\":1,") == std::string::npos) continue;
        const auto by_mail = find("emails.value", name + "@example.com");
        ASSERT_NE(by_mail.body.find("\"totalResults\":1,"), std::string::npos) << by_mail.body;
        ASSERT_EQ(server->scim("POST", "/scim/v2/Users", scim, user(name)).status, 409);
      }
    }
  }

  TemporaryFolder folder;
  std::unique_ptr<ServerProcess> server;
  std::string scim;
  std::string jit;
  Acknowledged told;
};

TEST_F(KillTest, KillingTheServerLosesNothingAcknowledged) {
  const auto data = folder.path() / "data";
  for (const char* round : {"a", "b"}) {
    const pid_t database = databasePid(data);
    ASSERT_GT(database, 0);
    streamWhile(round, [&] { server->signal(SIGKILL); });
    server->wait();
    EXPECT_TRUE(eventually([&] { return !isRunning(database); })) << "an orphan is left";
    server = std::make_unique<ServerProcess>(VESTIBULE_BINARY, data);
    expectNothingLost();
    expectNothingHalf(round);
  }
}

TEST_F(KillTest, KillingTheDatabaseLosesNothingAcknowledgedAndTheServerRecoversByItself) {
  const auto data = folder.path() / "data";
  const pid_t process = server->pid();
  for (const char* round : {"a", "b"}) {
    const pid_t database = databasePid(data);
    ASSERT_GT(database, 0);
    streamWhile(round, [&] { ::kill(database, SIGKILL); });
    const bool back = eventually([&] { return server->scim("GET", "/readyz", "").status == 200; },
                                 std::chrono::seconds(60));
    ASSERT_TRUE(back) << server->log();
    ASSERT_TRUE(isRunning(process));
    ASSERT_NE(databasePid(data), database);
    expectNothingLost();
    expectNothingHalf(round);
  }
}

TEST_F(KillTest, WhileTheDatabaseIsAwayRequestsAreRefusedAtOnceAndHealthTellsTheTruth) {
  // SIGSTOP instead of SIGKILL would only be slow; here the socket refuses.
  const pid_t database = databasePid(folder.path() / "data");
  ASSERT_GT(database, 0);
  ::kill(database, SIGKILL);
  bool refused = false;
  const bool seen = eventually([&] {
    const auto answer = server->scim("GET", "/scim/v2/Users?count=1", scim);
    if (answer.status == 503) {
      refused = true;
      EXPECT_TRUE(answer.header("Retry-After").has_value());
      EXPECT_NE(answer.body.find("urn:ietf:params:scim:api:messages:2.0:Error"), std::string::npos);
      EXPECT_EQ(server->scim("GET", "/healthz", "").status, 200);
    }
    return refused || answer.status == 200;
  });
  EXPECT_TRUE(seen);
  EXPECT_TRUE(eventually([&] { return server->scim("GET", "/readyz", "").status == 200; },
                         std::chrono::seconds(60)));
}

TEST_F(KillTest, StoppingFinishesWhatWasAcceptedAndLeavesNoProcess) {
  const pid_t database = databasePid(folder.path() / "data");
  ASSERT_GT(database, 0);
  streamWhile("t", [&] { server->signal(SIGTERM); });
  const int status = server->wait();
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << server->log();
  EXPECT_FALSE(isRunning(database));
  for (const auto& answer : told.strange) ADD_FAILURE() << answer;
  server = std::make_unique<ServerProcess>(VESTIBULE_BINARY, folder.path() / "data");
  expectNothingLost();
}

}  // namespace
}  // namespace vestibule::test
