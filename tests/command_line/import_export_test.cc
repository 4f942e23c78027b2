// Import and export as an operator meets them: files, reports, statuses, and what survives kill -9.

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "json/parse.h"
#include "support/processes.h"
#include "support/server_process.h"
#include "support/temporary_folder.h"

namespace vestibule::test {
namespace {

using Arguments = std::vector<std::string>;

class ImportExport : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TemporaryFolder>();
    server_ = std::make_unique<ServerProcess>(VESTIBULE_BINARY, folder_->path() / "data");
  }
  static void TearDownTestSuite() {
    server_.reset();
    folder_.reset();
  }

  static CommandResult run(const Arguments& arguments) { return server_->command(arguments); }
  static std::string domain() {
    const auto name = "MOVE" + std::to_string(++domains_);
    EXPECT_EQ(run({"domain", "create", name}).status, 0);
    return name;
  }
  static std::string path(const std::string& name) { return (folder_->path() / name).string(); }
  static std::string file(const std::string& name, const std::string& content) {
    std::ofstream(path(name)) << content;
    return path(name);
  }
  static std::string content(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  static std::string userLine(const std::string& name) {
    return R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":")" + name +
           "\"}\n";
  }
  /// Lines of numbered users, of which every hundredth is refused.
  static std::string usersFile(const std::string& name, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
      text += userLine(i % 100 == 50 ? "x" : "user" + std::to_string(i));
    }
    return file(name, text);
  }
  static std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> found;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) found.push_back(line);
    return found;
  }
  static std::size_t usersOf(const std::string& domain) {
    const auto exported = run({"export", "--domain", domain});
    EXPECT_EQ(exported.status, 0) << exported.errors;
    std::set<std::string> names;
    for (const auto& line : lines(exported.output)) {
      EXPECT_TRUE(names.emplace(*json::parse(line)->stringAt("userName")).second) << line;
    }
    return names.size();
  }

  static inline std::unique_ptr<TemporaryFolder> folder_;
  static inline std::unique_ptr<ServerProcess> server_;
  static inline int domains_ = 0;
};

TEST_F(ImportExport, RejectsLinesIntoAReportAndStoresTheRest) {
  const auto to = domain();
  const auto source = usersFile("mixed.jsonl", 500);
  const auto imported = run({"import", source, "--domain", to, "--json"});
  EXPECT_EQ(imported.status, 1) << imported.errors;
  const auto summary = *json::parse(imported.output);
  EXPECT_EQ(*summary.find("created")->number()->asInt64(), 495);
  EXPECT_EQ(*summary.find("rejected")->number()->asInt64(), 5);
  EXPECT_EQ(summary.boolAt("finished"), true);
  const auto report = lines(content(source + ".rejected.jsonl"));
  ASSERT_EQ(report.size(), 5U);
  EXPECT_EQ(*json::parse(report[1])->find("line")->number()->asInt64(), 151);
  EXPECT_EQ(json::parse(report[1])->stringAt("code"), "POL-1001");
  EXPECT_EQ(usersOf(to), 495U);
  EXPECT_EQ(
      run({"import", source, "--domain", to, "--mode", "upsert", "--report", path("r")}).output,
      "0 created, 0 replaced, 495 unchanged, 5 rejected\nThe rejected lines are in " + path("r") +
          "\n");
}

TEST_F(ImportExport, GoesOnBehindAKillWithEachLineOnce) {
  const auto to = domain();
  const int count = 40'000;
  const auto source = usersFile("killed.jsonl", count);
  const Arguments command{"import", source, "--domain", to, "--jobs", "3"};
  int kills = 0;
  // Each round is let get a little further.
  for (int round = 0; kills < 3 && round < 20; ++round) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::setpgid(0, 0);
      auto arguments = command;
      arguments.push_back(round == 0 ? "--restart" : "--resume");
      ::_exit(run(arguments).status);
    }
    // The command is a child of that child: its whole group goes.
    ::setpgid(pid, pid);
    const auto stored = usersOf(to);
    static_cast<void>(eventually([&] { return usersOf(to) > stored || !isRunning(pid); }));
    const bool ran = isRunning(pid);
    ::kill(-pid, SIGKILL);
    int status = 0;
    ::waitpid(pid, &status, 0);
    if (ran) ++kills;
    if (usersOf(to) == static_cast<std::size_t>(count - count / 100)) break;
  }
  EXPECT_GT(kills, 0);
  auto last = command;
  last.emplace_back("--resume");
  const auto resumed = run(last);
  EXPECT_EQ(resumed.status, 1) << resumed.errors;
  EXPECT_NE(resumed.output.find("39,600 created, 0 replaced, 0 unchanged, 400 rejected"),
            std::string::npos)
      << resumed.output;
  EXPECT_EQ(usersOf(to), 39'600U);
  EXPECT_EQ(lines(content(source + ".rejected.jsonl")).size(), 400U);
  const auto again = run(last);
  EXPECT_EQ(again.status, 1);
  EXPECT_NE(again.errors.find("nothing to resume"), std::string::npos) << again.errors;
}

TEST_F(ImportExport, MovesACsvFileThroughADomain) {
  const auto first = domain();
  const auto second = domain();
  const auto source = file("people.csv",
                           "\xEF\xBB\xBFLogin;First Name;Mail;Kind\r\n"
                           "jo.doe;Jo;jo@x.org;a\r\n"
                           "\"ann.lee\";\"A \"\"nn\"\"\nLee\";;b\r\n");
  const auto mapping = file("columns.toml", "ignore = [\"Kind\"]\n[constants]\nactive = true\n");
  const auto imported =
      run({"import", source, "--domain", first, "--separator", ";", "--mapping", mapping});
  EXPECT_EQ(imported.status, 0) << imported.errors << content(source + ".rejected.jsonl");
  const auto exported = path("out.csv");
  EXPECT_EQ(run({"export", "--domain", first, "--output", exported}).status, 0);
  EXPECT_FALSE(std::filesystem::exists(exported + ".part"));
  EXPECT_EQ(run({"import", exported, "--domain", second}).status, 0);
  const auto columns = Arguments{"--format", "csv", "--columns",
                                 "userName,name.givenName,active,emails[type eq \"work\"].value"};
  const auto table = [&](const std::string& of) {
    Arguments arguments{"export", "--domain", of};
    arguments.insert(arguments.end(), columns.begin(), columns.end());
    return run(arguments).output;
  };
  EXPECT_EQ(table(first),
            "userName,name.givenName,active,\"emails[type eq \"\"work\"\"].value\"\n"
            "jo.doe,Jo,true,jo@x.org\n"
            "ann.lee,\"A \"\"nn\"\"\nLee\",true,\n");
  EXPECT_EQ(table(second), table(first));
}

TEST_F(ImportExport, SaysWhatIsWrongBeforeItBegins) {
  const auto to = domain();
  const auto source = file("one.jsonl", userLine("someone"));
  const auto unknown = file("unknown.csv", "userName,shoe size\nsomeone,43\n");
  struct Wrong {
    Arguments arguments;
    std::string says;
  };
  for (const auto& [arguments, says] : {
           Wrong{{"import", source, "--domain", "NOWHERE"}, "no user store domain"},
           Wrong{{"import", path("missing"), "--domain", to}, "missing"},
           Wrong{{"import", unknown, "--domain", to}, "shoe size"},
           Wrong{{"import", unknown, "--domain", to}, "shoe size"},  // it has not begun
           Wrong{{"import", source, "--domain", to, "--separator", ";"}, "is for CSV"},
           Wrong{{"import", source, "--domain", to, "--match", "id"}, "is for --mode"},
           Wrong{{"import", source, "--domain", to, "--members-by", "value"}, "is for groups"},
           Wrong{{"import", source, "--domain", to, "--resource", "groups", "--jobs", "2"},
                 "is for users"},
           Wrong{{"import", "-", "--domain", to, "--resource", "groups"}, "read twice"},
           Wrong{{"import", "-", "--domain", to, "--json"}, "--report"},
           Wrong{{"export", "--domain", to, "--columns", "userName"}, "is for CSV"},
           Wrong{{"export", "--domain", to, "--format", "csv", "--attributes", "userName"},
                 "is for JSON lines"},
           Wrong{{"import", source, "--domain", to, "--resume"}, "nothing to resume"},
           Wrong{{"import", unknown, "--domain", to, "--mapping", path("missing")}, "missing"},
           Wrong{{"export", "--domain", to, "--filter", "userName zz 1"}, "filter"},
           Wrong{{"export", "--domain", to, "--attributes", "nothing"}, "nothing"},
           Wrong{{"export", "--domain", to, "--output", path("no/such/file")}, "no/such/file"},
           Wrong{{"export", "--domain", to, "--output", path(".")}, "is no file"},
       }) {
    const auto result = run(arguments);
    EXPECT_EQ(result.status, 1) << says;
    EXPECT_NE(result.errors.find(says), std::string::npos) << result.errors;
  }
  EXPECT_EQ(run({"import", source, "--domain", to, "--mode", "maybe"}).status, 2);
  EXPECT_EQ(usersOf(to), 0U);
}

}  // namespace
}  // namespace vestibule::test
