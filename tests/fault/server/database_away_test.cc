// A database that is gone, and one that does not answer.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>

#include "fault/server/sample_requests.h"
#include "support/processes.h"
#include "support/temporary_folder.h"

namespace vestibule::test {
namespace {

/// A script that is mariadbd, unless a file says that it is to stay down.
std::string switchableDatabase(const std::filesystem::path& folder,
                               const std::filesystem::path& down) {
  const char* path = std::getenv("PATH");
  const auto script = folder / "mariadbd";
  std::ofstream(script) << "#!/bin/sh\n[ -e '" << down.string() << "' ] && exit 1\n"
                        << "PATH='" << (path != nullptr ? path : "/usr/bin") << ":/usr/sbin'\n"
                        << "exec mariadbd \"$@\"\n";
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  return script.string();
}

TEST(DatabaseAway, Q8_RequestsAreRefusedAtOnceAndHealthTellsTheTruth) {
  const TemporaryFolder folder;
  const auto data = folder.path() / "data";
  const auto down = folder.path() / "down";
  const ServerProcess server(
      VESTIBULE_BINARY, data,
      {{"VESTIBULE_DATABASE_MARIADBD", switchableDatabase(folder.path(), down)}});
  ASSERT_TRUE(applyIdentityProvider(server, folder.path()));
  const auto scim = server.token("scim", "scim:read scim:write");
  const auto jit = server.token("jit", "jit");
  std::ofstream(down) << "down";
  const pid_t database = databasePid(data);
  ASSERT_GT(database, 0);
  ::kill(database, SIGKILL);
  ASSERT_TRUE(eventually([&] { return !isRunning(database); }));
  ASSERT_TRUE(eventually([&] { return server.scim("GET", "/readyz", "").status == 503; }));
  const auto begin = std::chrono::steady_clock::now();
  constexpr int kRequests = 50;
  for (int i = 0; i < kRequests; ++i) {
    const auto read = server.scim("GET", "/scim/v2/Users?count=1", scim);
    ASSERT_EQ(read.status, 503) << read.body;
    EXPECT_TRUE(read.header("Retry-After").has_value());
    EXPECT_NE(read.body.find("urn:ietf:params:scim:api:messages:2.0:Error"), std::string::npos);
    const auto write =
        server.scim("POST", "/scim/v2/Users", scim, user("away-" + std::to_string(i)));
    ASSERT_EQ(write.status, 503) << write.body;
    EXPECT_TRUE(write.header("Retry-After").has_value());
    const auto provision = server.internal("POST", "/jit/v1/provision", jit, login("s"));
    ASSERT_EQ(provision.status, 503) << provision.body;
    EXPECT_TRUE(provision.header("Retry-After").has_value());
    EXPECT_EQ(provision.header("Content-Type"), "application/problem+json");
    ASSERT_EQ(server.scim("GET", "/healthz", "").status, 200);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20))
      << "a refusal must not wait for the database";
  const auto unready = server.internal("GET", "/readyz", "");
  EXPECT_EQ(unready.status, 503);
  EXPECT_TRUE(unready.header("Retry-After").has_value());

  std::filesystem::remove(down);
  EXPECT_TRUE(eventually([&] { return server.scim("GET", "/readyz", "").status == 200; },
                         std::chrono::seconds(60)));
  EXPECT_EQ(server.scim("GET", "/scim/v2/Users?count=1", scim).status, 200);
}

/// True when no thread of the process runs any more after a SIGSTOP.
bool isStopped(pid_t pid) {
  const auto tasks = std::filesystem::path("/proc") / std::to_string(pid) / "task";
  for (const auto& task : std::filesystem::directory_iterator(tasks)) {
    std::ifstream file(task.path() / "stat");
    std::string stat;
    std::getline(file, stat);
    // The state stands behind the name, which may have any characters.
    const auto behind_name = stat.rfind(") ");
    if (behind_name == std::string::npos || stat[behind_name + 2] != 'T') return false;
  }
  return true;
}

/// Stops a process for as long as the object lives. A thread that was running may answer one more
/// query after the signal has been sent: the constructor waits for the last of them.
class Stopped {
 public:
  explicit Stopped(pid_t pid) : pid_(pid) {
    ::kill(pid_, SIGSTOP);
    EXPECT_TRUE(eventually([this] { return isStopped(pid_); }));
  }
  ~Stopped() { ::kill(pid_, SIGCONT); }
  Stopped(const Stopped&) = delete;
  Stopped& operator=(const Stopped&) = delete;

 private:
  pid_t pid_;
};

TEST(DatabaseStuck, PublicRequestsThatHangLeaveTheInternalAddressAlone) {
  const TemporaryFolder folder;
  const auto data = folder.path() / "data";
  const ServerProcess server(VESTIBULE_BINARY, data,
                             {{"VESTIBULE_SERVER_WORKERS", "2"}, {"VESTIBULE_SERVER_QUEUE", "4"}});
  const auto scim = server.token("scim", "scim:read");
  const auto admin = server.token("admin", "admin");
  std::vector<std::future<Answer>> hanging;
  {
    const Stopped database(databasePid(data));
    const auto begin = std::chrono::steady_clock::now();
    const auto hang = [&](int requests) {
      for (int i = 0; i < requests; ++i) {
        hanging.push_back(std::async(std::launch::async, [&] {
          return server.scim("GET", "/scim/v2/Users?count=1", scim);
        }));
      }
    };
    std::string metrics;
    const auto counted = [&](const std::string& name, int number) {
      return eventually([&] {
        metrics = server.internal("GET", "/metrics", admin).body;
        return metrics.find(name + "{listener=\"public\"} " + std::to_string(number) + "\n") !=
               std::string::npos;
      });
    };
    // The workers first: before they have taken theirs, the queue would be full too early.
    hang(2);
    EXPECT_TRUE(counted("vestibule_queue_running", 2)) << metrics;
    hang(6);
    EXPECT_TRUE(counted("vestibule_queue_waiting", 4)) << metrics;
    // Those without a place are refused while the others hang: behind that they would find one.
    EXPECT_TRUE(eventually([&] {
      return std::count_if(hanging.begin(), hanging.end(), [](const auto& answer) {
               return answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
             }) >= 2;
    }));
    EXPECT_EQ(server.internal("GET", "/healthz", "").status, 200);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  }
  int refused = 0;
  for (auto& answer : hanging) {
    const auto status = answer.get().status;
    EXPECT_TRUE(status == 200 || status == 503) << status;
    if (status == 503) ++refused;
  }
  EXPECT_GE(refused, 2) << "for two of eight there was neither a worker nor a place";
}

}  // namespace
}  // namespace vestibule::test
