// F-8: a server whose process may open no more files. Connections of clients do not use up what the
// database needs; and where there really is none left, requests get 503, and nothing is half-done.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "fault/server/sample_requests.h"
#include "support/processes.h"
#include "support/temporary_folder.h"

namespace vestibule::test {
namespace {

/// What a process may open where nobody has asked for more.
constexpr int kUsualLimit = 1024;

/// Our program, which may open `limit` files and not raise that.
std::string withDescriptors(const std::filesystem::path& folder, int limit) {
  const auto script = folder / "vestibule";
  std::ofstream(script) << "#!/bin/sh\nulimit -n " << limit << "\nexec '" << VESTIBULE_BINARY
                        << "' \"$@\"\n";
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  return script.string();
}

rlim_t openDescriptors(pid_t process) {
  const auto folder = std::filesystem::path("/proc") / std::to_string(process) / "fd";
  return static_cast<rlim_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

/// A request that leaves its connection open.
std::string request(std::string_view method, std::string_view target, std::string_view token,
                    std::string_view body = {}) {
  std::string text;
  text.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n");
  text.append("Authorization: Bearer ").append(token).append("\r\n");
  if (!body.empty()) text.append("Content-Type: application/json\r\n");
  text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
  return text.append(body);
}

/// The status of the answer on an open connection, 0 where there is none.
int statusOf(RawClient& client, const std::string& text) {
  if (!client.send(text)) return 0;
  const auto answer = client.receive(false, std::chrono::seconds(30));
  return answer ? answer->status : 0;
}

/// How many connections each address takes, as the log says where there are few descriptors; 0: it
/// does not.
std::size_t connectionsOf(const ServerProcess& server) {
  std::smatch found;
  const std::string log = server.log();
  if (!std::regex_search(log, found, std::regex("each address takes ([0-9]+) connections"))) {
    return 0;
  }
  return std::stoul(found[1]);
}

/// As many connections as the address takes. One more is turned away.
std::vector<RawClient> fill(std::uint16_t port, std::size_t most, const std::string& asking) {
  std::vector<RawClient> kept;
  // Connections that have been closed may count for a moment more.
  const bool full = eventually([&] {
    RawClient client(port);
    if (client.connected() && statusOf(client, asking) == 200) kept.push_back(std::move(client));
    return kept.size() == most;
  });
  EXPECT_TRUE(full) << kept.size() << " of " << most;
  RawClient another(port);
  const auto answer = another.receive();
  EXPECT_TRUE(answer && answer->status == 503) << "who is one too many is told so";
  return kept;
}

/// Sends each its request before it reads an answer.
std::vector<int> allAtOnce(std::vector<RawClient>& clients, const std::vector<std::string>& texts) {
  for (std::size_t i = 0; i < clients.size(); ++i) EXPECT_TRUE(clients[i].send(texts[i]));
  std::vector<int> statuses;
  for (auto& client : clients) {
    const auto answer = client.receive(false, std::chrono::seconds(30));
    statuses.push_back(answer ? answer->status : 0);
    if (answer && answer->status == 503) {
      EXPECT_TRUE(answer->header("Retry-After").has_value()) << answer->head;
    }
  }
  return statuses;
}

TEST(Descriptors, Fault8_ConnectionsLeaveTheDatabaseWhatItNeeds) {
  const TemporaryFolder folder;
  const auto data = folder.path() / "data";
  const ServerProcess server(withDescriptors(folder.path(), kUsualLimit), data);
  ASSERT_TRUE(applyIdentityProvider(server, folder.path()));
  const auto scim = server.token("scim", "scim:read scim:write");
  const auto jit = server.token("jit", "jit");
  const auto most = connectionsOf(server);
  ASSERT_GT(most, 100U) << "the operator is told that there are fewer than the settings say";
  ASSERT_LT(most, 256U);

  auto clients = fill(server.publicPort(), most, request("GET", "/healthz", scim));
  auto gateways = fill(server.internalPort(), most, request("GET", "/healthz", jit));
  const auto everybodyWrites = [&](const std::string& round) {
    std::vector<std::string> creates;
    std::vector<std::string> logins;
    for (std::size_t i = 0; i < most; ++i) {
      const auto name = round + std::to_string(i);
      creates.push_back(request("POST", "/scim/v2/Users", scim, user(name)));
      logins.push_back(request("POST", "/jit/v1/provision", jit, login(name)));
    }
    auto other_side = std::async(std::launch::async, [&] { return allAtOnce(gateways, logins); });
    EXPECT_EQ(allAtOnce(clients, creates), std::vector<int>(clients.size(), 201));
    EXPECT_EQ(other_side.get(), std::vector<int>(gateways.size(), 201));
  };
  everybodyWrites("first-");

  // Not even starting the database anew, and connecting to it, is in want of one.
  const pid_t database = databasePid(data);
  ASSERT_GT(database, 0);
  ASSERT_EQ(::kill(database, SIGKILL), 0);
  ASSERT_TRUE(eventually(
      [&] {
        return databasePid(data) != database &&
               statusOf(clients.front(), request("GET", "/readyz", scim)) == 200;
      },
      std::chrono::seconds(60)))
      << server.log();
  everybodyWrites("second-");
  EXPECT_LE(openDescriptors(server.pid()), static_cast<rlim_t>(kUsualLimit));
}

TEST(Descriptors, Fault8_WithoutOneLeftRequestsGet503AndNothingIsHalfDone) {
  const TemporaryFolder folder;
  const ServerProcess server(VESTIBULE_BINARY, folder.path() / "data");
  const auto scim = server.token("scim", "scim:read scim:write");
  constexpr std::size_t kClients = 24;
  std::vector<RawClient> clients;
  for (std::size_t i = 0; i < kClients; ++i) {
    clients.emplace_back(server.publicPort());
    ASSERT_EQ(statusOf(clients.back(), request("GET", "/healthz", scim)), 200);
  }
  rlimit before{};
  ASSERT_EQ(prlimit(server.pid(), RLIMIT_NOFILE, nullptr, &before), 0);
  // No number below the limit is free but where one above it is in use.
  rlimit tight = before;
  tight.rlim_cur = openDescriptors(server.pid());
  ASSERT_EQ(prlimit(server.pid(), RLIMIT_NOFILE, &tight, nullptr), 0);

  std::vector<std::string> creates;
  for (std::size_t i = 0; i < kClients; ++i) {
    creates.push_back(request("POST", "/scim/v2/Users", scim, user("tight-" + std::to_string(i))));
  }
  const auto tried = allAtOnce(clients, creates);
  EXPECT_GT(std::count(tried.begin(), tried.end(), 503), 0) << "nobody wanted another session";

  ASSERT_EQ(prlimit(server.pid(), RLIMIT_NOFILE, &before, nullptr), 0);
  ASSERT_TRUE(eventually([&] { return server.scim("GET", "/readyz", scim).status == 200; }));
  // Whoever was told 201 is there, and of the others nothing is in the way.
  for (std::size_t i = 0; i < kClients; ++i) {
    int again = 503;
    EXPECT_TRUE(eventually([&] { return (again = statusOf(clients[i], creates[i])) != 503; }));
    EXPECT_TRUE(tried[i] == 201 ? again == 409 : tried[i] == 503 && again == 201)
        << tried[i] << ", then " << again;
  }
}

}  // namespace
}  // namespace vestibule::test
