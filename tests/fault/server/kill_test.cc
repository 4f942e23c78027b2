// kill -9 of the server and of its database during a stream of creates and logins: what was
// acknowledged is there afterwards, nothing is half-written, no process is left, and nobody has to
// do anything by hand.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <thread>

#include "fault/server/sample_requests.h"
#include "support/processes.h"
#include "support/server_process.h"
#include "support/temporary_folder.h"

namespace vestibule::test {
namespace {

constexpr int kClients = 4;
/// How many requests that were not answered well are looked at afterwards, of each kind.
constexpr std::size_t kOpenChecked = 60;

/// A user that one client changes again and again.
struct Marked {
  std::string id;
  int told = -1;              ///< the marker of the last change that was acknowledged
  std::uint64_t version = 0;  ///< the version it was acknowledged with
};

/// What clients were told.
struct Acknowledged {
  std::mutex mutex;
  std::vector<std::string> created;       ///< user names of 201 by SCIM
  std::vector<std::string> provisioned;   ///< subjects of 200 and 201 by JIT
  std::vector<std::string> members;       ///< ids of users whose adding to the group was
                                          ///< acknowledged
  std::vector<std::string> open_creates;  ///< user names of which nobody said what became
  std::vector<std::string> open_logins;   ///< subjects of which nobody said what became
  std::map<std::string, Marked> marked;   ///< by the name of the user
  std::vector<std::string> strange;       ///< answers that no fault excuses
  std::atomic<int> count{0};
  std::atomic<int> unavailable{0};
  std::atomic<int> lost{0};  ///< requests that went out and got no answer
};

std::string patch(const std::string& operation) {
  return R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[)" +
         operation + "]}";
}

std::string marking(int marker) {
  return patch(R"({"op":"replace","path":"title","value":"mark-)" + std::to_string(marker) +
               R"("})");
}

std::string adding(const std::string& member) {
  return patch(R"({"op":"add","path":"members","value":[{"value":")" + member + R"("}]})");
}

std::string idOf(const Answer& answer) {
  return std::string(answer.json().stringAt("id").value_or(""));
}

/// The number in an entity tag such as `W/"7"`.
std::uint64_t versionOf(const Answer& answer) {
  const auto tag = answer.header("ETag").value_or("");
  return tag.size() > 3 ? std::strtoull(tag.c_str() + 3, nullptr, 10) : 0;
}

class KillTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server = std::make_unique<ServerProcess>(VESTIBULE_BINARY, folder.path() / "data");
    ASSERT_TRUE(applyIdentityProvider(*server, folder.path()));
    scim = server->token("scim", "scim:read scim:write");
    jit = server->token("jit", "jit");
    const auto made = server->scim(
        "POST", "/scim/v2/Groups", scim,
        R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"everyone"})");
    group = idOf(made);
    ASSERT_FALSE(group.empty()) << made.body;
  }

  /// Keeps count of an answer. True when it says that the request was done.
  bool took(const Answer& answer) {
    if (answer.status >= 200 && answer.status < 300) {
      ++told.count;
      return true;
    }
    if (answer.status == 503) {
      ++told.unavailable;
    } else if (answer.status != 0) {
      told.strange.push_back(std::to_string(answer.status) + " " + answer.body);
    } else if (answer.sent) {
      ++told.lost;
    }
    return false;
  }

  void keepOpen(std::vector<std::string>& open, const std::string& name) {
    if (open.size() < kOpenChecked) open.push_back(name);
  }

  /// Creates, logs in, changes and adds until `stop`, with names that begin with `round`.
  void stream(const std::string& round, int client, std::atomic<bool>& stop) {
    const std::string prefix = round + std::to_string(client) + "-";
    std::string user_id;  // the last one created
    std::string mine;     // the name of the user that this client changes
    for (int i = 0; !stop; ++i) {
      const std::string name = prefix + std::to_string(i);
      switch (i % 4) {
        case 0: {
          const auto answer = server->scim("POST", "/scim/v2/Users", scim, user(name));
          const std::lock_guard lock(told.mutex);
          if (!took(answer)) {
            keepOpen(told.open_creates, name);
            break;
          }
          told.created.push_back(name);
          user_id = idOf(answer);
          if (mine.empty()) {
            mine = name;
            told.marked[mine] = {user_id, -1, versionOf(answer)};
          }
          break;
        }
        case 1: {
          const auto answer = server->internal("POST", "/jit/v1/provision", jit, login(name));
          const std::lock_guard lock(told.mutex);
          if (took(answer)) {
            told.provisioned.push_back(name);
          } else {
            keepOpen(told.open_logins, name);
          }
          break;
        }
        case 2: {
          if (mine.empty()) break;
          const auto answer =
              server->scim("PATCH", "/scim/v2/Users/" + markedId(mine), scim, marking(i));
          const std::lock_guard lock(told.mutex);
          if (!took(answer)) break;
          auto& marked = told.marked[mine];
          if (versionOf(answer) <= marked.version) {
            told.strange.push_back("the version went from " + std::to_string(marked.version) +
                                   " to " + std::to_string(versionOf(answer)));
          }
          marked.told = i;
          marked.version = versionOf(answer);
          break;
        }
        default: {
          if (user_id.empty()) break;
          const auto answer =
              server->scim("PATCH", "/scim/v2/Groups/" + group, scim, adding(user_id));
          const std::lock_guard lock(told.mutex);
          if (took(answer)) told.members.push_back(user_id);
          user_id.clear();
          break;
        }
      }
    }
  }

  std::string markedId(const std::string& name) {
    const std::lock_guard lock(told.mutex);
    return told.marked[name].id;
  }

  /// Streams, and ends the stream when `fault` returns.
  template <typename Fault>
  void streamWhile(const std::string& round, Fault fault) {
    std::atomic<bool> stop{false};
    std::vector<std::thread> clients;
    for (int client = 0; client < kClients; ++client) {
      clients.emplace_back([&, client] { stream(round, client, stop); });
    }
    const int before = told.count;
    const bool flowing = eventually([&] { return told.count > before + 60; });
    fault();
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
    for (const auto& [name, marked] : told.marked) {
      const auto answer = server->scim("GET", "/scim/v2/Users/" + marked.id, scim);
      ASSERT_EQ(answer.status, 200) << answer.body;
      EXPECT_GE(versionOf(answer), marked.version) << name;
      const std::string title(answer.json().stringAt("title").value_or("mark--1"));
      EXPECT_GE(std::stoi(title.substr(std::string("mark-").size())), marked.told) << name;
    }
    const auto everyone = server->scim("GET", "/scim/v2/Groups/" + group, scim);
    ASSERT_EQ(everyone.status, 200) << everyone.body;
    for (const auto& id : told.members) {
      EXPECT_NE(everyone.body.find(id), std::string::npos) << "the member " << id << " is lost";
    }
    for (const auto& answer : told.strange) ADD_FAILURE() << answer;
  }

  /// What was asked for without an answer is there whole, or not at all: a repetition makes it, or
  /// says that it is there (F-2).
  void expectNothingHalf() {
    for (const auto& name : told.open_creates) {
      const bool there =
          find("userName", name).body.find("\"totalResults\":1,") != std::string::npos;
      const auto again = server->scim("POST", "/scim/v2/Users", scim, user(name));
      ASSERT_EQ(again.status, there ? 409 : 201) << name << ": " << again.body;
      const auto by_mail = find("emails.value", name + "@example.com");
      ASSERT_NE(by_mail.body.find("\"totalResults\":1,"), std::string::npos) << by_mail.body;
    }
    for (const auto& subject : told.open_logins) {
      const auto again = server->internal("POST", "/jit/v1/provision", jit, login(subject));
      ASSERT_TRUE(again.status == 200 || again.status == 201) << again.status << again.body;
      const auto found = find("userName", "jit-" + subject);
      ASSERT_NE(found.body.find("\"totalResults\":1,"), std::string::npos) << found.body;
    }
    told.open_creates.clear();
    told.open_logins.clear();
  }

  TemporaryFolder folder;
  std::unique_ptr<ServerProcess> server;
  std::string scim;
  std::string jit;
  std::string group;
  Acknowledged told;
};

TEST_F(KillTest, KillingTheServerLosesNothingAcknowledged) {
  const auto data = folder.path() / "data";
  for (const char* round : {"a", "b"}) {
    const pid_t database = databasePid(data);
    ASSERT_GT(database, 0);
    const int lost_before = told.lost;
    streamWhile(round, [&] {
      EXPECT_EQ(told.lost, lost_before) << "a living server answers every request";
      server->signal(SIGKILL);
      server->wait();
    });
    EXPECT_TRUE(eventually([&] { return !isRunning(database); })) << "an orphan is left";
    server = std::make_unique<ServerProcess>(VESTIBULE_BINARY, data);
    expectNothingLost();
    expectNothingHalf();
  }
}

TEST_F(KillTest, KillingTheDatabaseLosesNothingAcknowledgedAndTheServerRecoversByItself) {
  const auto data = folder.path() / "data";
  const pid_t process = server->pid();
  for (const char* round : {"a", "b"}) {
    const pid_t database = databasePid(data);
    ASSERT_GT(database, 0);
    bool back = false;
    streamWhile(round, [&] {
      ::kill(database, SIGKILL);
      // Clients go on through the outage until they are served again.
      const int before = told.count;
      back = eventually([&] { return told.count > before + 60; }, std::chrono::seconds(60));
    });
    ASSERT_TRUE(back) << server->log();
    ASSERT_TRUE(isRunning(process));
    ASSERT_NE(databasePid(data), database);
    EXPECT_GT(told.unavailable, 0) << "the outage was not seen";
    EXPECT_EQ(told.lost, 0) << "every request is answered";
    EXPECT_TRUE(eventually([&] { return server->scim("GET", "/readyz", "").status == 200; }));
    expectNothingLost();
    expectNothingHalf();
  }
}

TEST_F(KillTest, StoppingFinishesWhatWasAcceptedAndLeavesNoProcess) {
  const pid_t database = databasePid(folder.path() / "data");
  ASSERT_GT(database, 0);
  int status = 0;
  streamWhile("t", [&] {
    server->signal(SIGTERM);
    status = server->wait();
  });
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << server->log();
  EXPECT_FALSE(isRunning(database));
  // Who was not taken in before the door closed gets no answer: at most one request of each client.
  EXPECT_LE(told.lost, kClients);
  for (const auto& answer : told.strange) ADD_FAILURE() << answer;
  server = std::make_unique<ServerProcess>(VESTIBULE_BINARY, folder.path() / "data");
  expectNothingLost();
}

}  // namespace
}  // namespace vestibule::test
