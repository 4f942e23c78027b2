// Secrets sealed under keys outside of the database, from the first key to a lost one.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <regex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "json/parse.h"
#include "json/write.h"
#include "support/server_process.h"
#include "support/temporary_folder.h"

namespace vestibule::test {
namespace {

const std::string kHook =
    R"({"name": "hook", "kind": "webhook", "url": "https://127.0.0.1:1/", )"
    R"("state": "paused", "authorization": "Bearer for-the-hook", "secret": "sixteen-bytes-or-more"})";
const std::string kTarget =
    R"({"name": "hr", "baseUrl": "https://127.0.0.1:1/scim/v2", "enabled": false, )"
    R"("authentication": {"type": "bearer", "token": "for-the-target"}})";

class Secrets : public ::testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const {
    return (folder_.path() / name).string();
  }
  std::string file(const std::string& name, const std::string& content) const {
    std::ofstream(path(name)) << content;
    std::filesystem::permissions(
        path(name), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return path(name);
  }
  [[nodiscard]] std::map<std::string, std::string> variables() const {
    std::map<std::string, std::string> all;
    if (!key_file_.empty()) all["VESTIBULE_DATABASE_SECRET_KEY_FILE"] = key_file_;
    return all;
  }
  void start() {
    server_ = std::make_unique<ServerProcess>(VESTIBULE_BINARY, path("data"), variables());
  }
  /// Runs a command while no server runs.
  [[nodiscard]] CommandResult alone(const std::vector<std::string>& arguments) const {
    auto all = variables();
    all["VESTIBULE_DATA_DIR"] = path("data");
    return runCommand(VESTIBULE_BINARY, arguments, all);
  }
  /// Runs a command that succeeds, beside the server if there is one, and gives what it prints.
  std::string run(const std::vector<std::string>& arguments) {
    const auto result = server_ ? server_->command(arguments) : alone(arguments);
    EXPECT_EQ(result.status, 0) << arguments.front() << " " << arguments.back() << ": "
                                << result.errors;
    return result.output;
  }
  /// A line for the file of keys, for which no database is needed.
  static std::string newKey() {
    return runCommand(VESTIBULE_BINARY, {"secret", "new-key"}, {}).output;
  }
  /// What the counts of `secret status` are that are not 0.
  std::string status() {
    const auto shown = json::parse(run({"--json", "secret", "status"}));
    std::string text;
    if (!shown) return text;
    for (const auto& member : shown->object()->members()) {
      const auto count = json::write(member.value);
      if (count != "0") text += (text.empty() ? "" : ", ") + member.key + " " + count;
    }
    return text;
  }
  /// Why the server does not start with the keys that there are.
  std::string failure() {
    try {
      start();
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return {};
  }

  TemporaryFolder folder_;
  std::string key_file_;
  std::unique_ptr<ServerProcess> server_;
};

TEST_F(Secrets, O7_SecretsAreSealedAndOpenedByTheirKeyAlone) {
  start();
  run({"event-stream", "apply", file("hook.json", kHook)});
  run({"outbound", "apply", file("hr.json", kTarget)});
  EXPECT_EQ(status(), "clear 4");
  const auto without_key = server_->command({"secret", "seal"});
  EXPECT_EQ(without_key.status, 1);
  EXPECT_NE(without_key.errors.find("database.secret_key_file"), std::string::npos);
  server_.reset();
  const auto first = newKey();
  const auto second = newKey();

  // The first key.
  key_file_ = file("keys", first);
  start();
  EXPECT_EQ(status(), "clear 4");
  EXPECT_NE(run({"check"}).find("4 secrets are not sealed and 0 under a former key"),
            std::string::npos);
  EXPECT_EQ(run({"secret", "seal"}), "4 secrets are sealed under the first key.\n");
  EXPECT_EQ(status(), "sealed 4");
  EXPECT_EQ(run({"check"}).find("secret"), std::string::npos);
  run({"backup", "--output", path("sealed.backup")});
  std::ifstream backup(path("sealed.backup"), std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(backup), {});
  for (const char* secret : {"for-the-hook", "sixteen-bytes-or-more", "for-the-target"}) {
    EXPECT_EQ(bytes.find(secret), std::string::npos) << secret;
  }
  server_.reset();

  // Another key.
  file("keys", second + first);
  start();
  EXPECT_EQ(status(), "sealedUnderFormerKey 4");
  run({"secret", "seal"});
  server_.reset();
  file("keys", second);
  start();
  EXPECT_EQ(status(), "sealed 4");
  EXPECT_EQ(server_->log().find("not_served"), std::string::npos);
  server_.reset();

  // No key, and no file.
  key_file_.clear();
  EXPECT_NE(failure().find("database.secret_key_file does not have"), std::string::npos);
  key_file_ = path("gone");
  EXPECT_NE(failure().find("database.secret_key_file: " + key_file_ + " cannot be read"),
            std::string::npos);
  key_file_ = file("bad", "no key");
  EXPECT_NE(failure().find("line 1 is no key"), std::string::npos);

  // Without keys again.
  key_file_ = path("keys");
  start();
  run({"secret", "unseal"});
  EXPECT_EQ(status(), "clear 4");
  server_.reset();
  key_file_.clear();
  start();
  const auto hook = json::parse(run({"--json", "event-stream", "show", "hook"}));
  ASSERT_TRUE(hook);
  EXPECT_EQ(json::write(*hook->find("hasSecret")), "true");
}

TEST_F(Secrets, AfterTheLossOfAKeyServersStartWithNewOnesAndPeopleGiveTheirsAgain) {
  key_file_ = file("keys", newKey());
  start();
  run({"event-stream", "apply", file("hook.json", kHook)});
  run({"outbound", "apply", file("hr.json", kTarget)});
  server_.reset();

  file("keys", newKey());
  EXPECT_NE(failure().find("secret_key_file does not have"), std::string::npos);
  // No server runs, and none can: the commands look at the database all the same.
  EXPECT_EQ(status(), "sealedUnderUnknownKey 4");
  for (const char* command : {"seal", "unseal"}) {
    const auto refused = alone({"secret", command});
    EXPECT_EQ(refused.status, 1);
    EXPECT_NE(refused.errors.find("nothing was changed"), std::string::npos) << refused.errors;
  }
  const auto asked = alone({"secret", "discard-lost"});
  EXPECT_EQ(asked.status, 1);
  std::smatch lost;
  ASSERT_TRUE(std::regex_search(asked.errors, lost,
                                std::regex("1 keys of servers and events do not open.*: "
                                           "([0-9a-f]{16})\\. .*--confirm")))
      << asked.errors;
  EXPECT_EQ(alone({"secret", "discard-lost", "--confirm", "0123456789abcdef"}).status, 1);
  const std::vector<std::string> confirmed{"secret", "discard-lost", "--confirm", lost[1]};
  // In a shell that does not know of the file, no key is lost for that.
  const auto keys = std::exchange(key_file_, "");
  const auto unasked = alone(confirmed);
  EXPECT_EQ(unasked.status, 1);
  EXPECT_NE(unasked.errors.find("database.secret_key_file names no file"), std::string::npos)
      << unasked.errors;
  key_file_ = keys;
  EXPECT_EQ(status(), "sealedUnderUnknownKey 4");
  const auto discarded = alone(confirmed);
  EXPECT_EQ(discarded.status, 0) << discarded.errors;
  EXPECT_NE(discarded.output.find("1 keys are discarded"), std::string::npos) << discarded.output;
  EXPECT_EQ(alone(confirmed).output, "No key of servers or events is lost.\n");
  start();
  EXPECT_NE(server_->log().find("event_stream.not_served"), std::string::npos);
  EXPECT_EQ(status(), "sealed 1, sealedUnderUnknownKey 3");
  const auto checked = server_->command({"check"});
  EXPECT_EQ(checked.status, 1);
  EXPECT_NE(checked.output.find("3 secrets of event streams or outbound targets"),
            std::string::npos)
      << checked.output;
  for (const auto& [arguments, says] :
       {std::pair{std::vector<std::string>{"event-stream", "resume", "hook"},
                  "what becomes of authorization and secret"},
        std::pair{std::vector<std::string>{
                      "outbound", "apply",
                      file("less.json", R"({"name": "hr", )"
                                        R"("baseUrl": "https://127.0.0.1:1/scim/v2", )"
                                        R"("authentication": {"type": "bearer"}})")},
                  "give the target a new one"}}) {
    const auto refused = server_->command(arguments);
    EXPECT_EQ(refused.status, 1);
    EXPECT_NE(refused.errors.find(says), std::string::npos) << refused.errors;
  }
  run({"event-stream", "apply", path("hook.json")});
  run({"outbound", "apply", path("hr.json")});
  EXPECT_EQ(status(), "sealed 4");
}

}  // namespace
}  // namespace vestibule::test
