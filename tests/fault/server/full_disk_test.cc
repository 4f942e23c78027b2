// F-4: a database whose files cannot grow, as on a full disk. A limit on the size of its files
// takes the disk's place: it can be set and lifted while the database runs.

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "fault/server/sample_requests.h"
#include "json/write.h"
#include "support/processes.h"
#include "support/temporary_folder.h"

namespace vestibule::test {
namespace {

/// A mariadbd that gets an error for a write beyond the limit, and no signal.
std::string withoutSignals(const std::filesystem::path& folder) {
  const char* path = std::getenv("PATH");
  const auto script = folder / "mariadbd";
  std::ofstream(script) << "#!/bin/sh\ntrap '' XFSZ\nPATH='"
                        << (path != nullptr ? path : "/usr/bin") << ":/usr/sbin'\n"
                        << "exec mariadbd \"$@\"\n";
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  return script.string();
}

void limitFiles(pid_t process, rlim_t bytes) {
  const rlimit limit{bytes, RLIM_INFINITY};
  ASSERT_EQ(prlimit(process, RLIMIT_FSIZE, &limit, nullptr), 0);
}

/// The size of the largest file of the database, which is that of its log.
std::uintmax_t largestFile(const std::filesystem::path& data) {
  std::uintmax_t most = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data / "mariadb")) {
    if (entry.is_regular_file()) most = std::max(most, entry.file_size());
  }
  return most;
}

std::string largeUser(int number) {
  constexpr std::size_t kBytes = 60'000;
  const auto name = "large-" + std::to_string(number);
  return R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":")" + name +
         R"(","title":")" + std::string(kBytes, 'x') + R"("})";
}

TEST(FullDisk, Fault4_RefusesWritesAndKeepsWhatIsThere) {
  const TemporaryFolder folder;
  const auto data = folder.path() / "data";
  const ServerProcess server(VESTIBULE_BINARY, data,
                             {{"VESTIBULE_DATABASE_MARIADBD", withoutSignals(folder.path())},
                              {"VESTIBULE_DATABASE_REDO_LOG_MB", "16"}});
  const auto scim = server.token("scim", "scim:read scim:write");
  const auto first = server.scim("POST", "/scim/v2/Users", scim, user("first"));
  ASSERT_EQ(first.status, 201) << first.body;
  const pid_t database = databasePid(data);
  ASSERT_GT(database, 0);

  limitFiles(database, largestFile(data));
  int stored = 0;
  Answer refused;
  for (constexpr int kMost = 2'000; stored < kMost; ++stored) {
    refused = server.scim("POST", "/scim/v2/Users", scim, largeUser(stored));
    if (refused.status != 201) break;
  }
  EXPECT_EQ(refused.status, 503) << refused.body;
  EXPECT_NE(refused.body.find("no room left"), std::string::npos) << refused.body;
  EXPECT_TRUE(refused.header("Retry-After").has_value());
  EXPECT_GT(stored, 0);
  // Nothing half, nothing gone, and reading goes on.
  const auto everyone = [&] {
    const auto answer = server.scim("GET", "/scim/v2/Users?count=0", scim);
    const auto body = answer.json();
    const auto* total = body.find("totalResults");
    return total == nullptr ? std::string(answer.body) : json::write(*total);
  };
  EXPECT_EQ(everyone(), std::to_string(1 + stored));
  const std::string id(first.json().stringAt("id").value_or(""));
  EXPECT_EQ(server.scim("GET", "/scim/v2/Users/" + id, scim).status, 200);
  const auto last = "userName%20eq%20%22large-" + std::to_string(stored) + "%22";
  const auto found = server.scim("GET", "/scim/v2/Users?filter=" + last, scim);
  EXPECT_NE(found.body.find("\"totalResults\":0,"), std::string::npos) << found.body;

  // Room is made: writes are taken again, by the same processes.
  limitFiles(database, RLIM_INFINITY);
  EXPECT_TRUE(eventually(
      [&] { return server.scim("POST", "/scim/v2/Users", scim, largeUser(stored)).status == 201; },
      std::chrono::seconds(60)));
  EXPECT_EQ(everyone(), std::to_string(2 + stored));
  EXPECT_EQ(databasePid(data), database);
}

}  // namespace
}  // namespace vestibule::test
