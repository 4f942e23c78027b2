// F-9: the clock of a server's machine jumps by hours, forwards and backwards, while it runs. (Its
// private database keeps its own time: what has the order of the database is not touched.)

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "base/clock.h"
#include "fault/server/sample_requests.h"
#include "json/parse.h"
#include "support/processes.h"
#include "support/temporary_folder.h"

namespace vestibule::test {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp kMinute = 60'000'000;

class ClockTest : public ::testing::Test {
 protected:
  void SetUp() override {
    shiftClock(0h);
    server = std::make_unique<ServerProcess>(
        VESTIBULE_BINARY, folder.path() / "data",
        std::map<std::string, std::string>{{"LD_PRELOAD", VESTIBULE_SHIFTED_CLOCK},
                                           {"SHIFTED_CLOCK_FILE", shift().string()}});
    ASSERT_TRUE(applyIdentityProvider(*server, folder.path()));
    scim = server->token("scim", "scim:read scim:write");
    jit = server->token("jit", "jit");
  }

  [[nodiscard]] std::filesystem::path shift() const { return folder.path() / "shift"; }
  /// Sets the server's clock to ours and so much.
  void shiftClock(std::chrono::seconds by) const {
    const std::int64_t seconds = by.count();
    std::fstream file(shift(), std::ios::binary | std::ios::in | std::ios::out);
    if (!file) file.open(shift(), std::ios::binary | std::ios::out);
    file.write(reinterpret_cast<const char*>(&seconds), sizeof seconds);
    file.flush();
    if (!file) throw std::runtime_error("cannot write " + shift().string());
  }

  [[nodiscard]] std::string created(const std::string& name) const {
    const auto answer = server->scim("POST", "/scim/v2/Users", scim, user(name));
    EXPECT_EQ(answer.status, 201) << answer.body;
    return std::string(answer.json().stringAt("id").value_or(""));
  }

  struct Change {
    Timestamp modified = 0;
    std::string version;
  };
  /// Sets the user's title and tells what the answer says of it.
  [[nodiscard]] Change retitled(const std::string& id, const std::string& title,
                                const std::string& if_match = {}) const {
    std::vector<std::string> headers;
    if (!if_match.empty()) headers.push_back("If-Match: " + if_match);
    const auto answer = server->scim(
        "PATCH", "/scim/v2/Users/" + id + "?attributes=title,meta", scim,
        R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[)"
        R"({"op":"replace","path":"title","value":")" +
            title + R"("}]})",
        headers);
    EXPECT_EQ(answer.status, 200) << answer.body;
    const auto body = answer.json();
    const auto* meta = body.find("meta");
    if (meta == nullptr) return {};
    const auto modified = parseTimestamp(meta->stringAt("lastModified").value_or(""));
    EXPECT_TRUE(modified.has_value()) << answer.body;
    return {modified.value_or(0), std::string(meta->stringAt("version").value_or(""))};
  }

  TemporaryFolder folder;
  std::unique_ptr<ServerProcess> server;
  std::string scim;
  std::string jit;
};

TEST_F(ClockTest, Fault9_AVersionFollowsAVersionAndNoTimeGoesBack) {
  const auto id = created("hopper");
  const auto first = retitled(id, "first");
  shiftClock(2h);
  const auto ahead = retitled(id, "ahead", first.version);
  EXPECT_GT(ahead.modified, first.modified + 110 * kMinute) << "the jump was not seen";
  shiftClock(-2h);
  const auto back = retitled(id, "back", ahead.version);
  EXPECT_GE(back.modified, ahead.modified);
  EXPECT_NE(back.version, ahead.version);
  shiftClock(0h);
  const auto last = retitled(id, "last", back.version);
  EXPECT_GE(last.modified, back.modified);
  const auto stale =
      server->scim("DELETE", "/scim/v2/Users/" + id, scim, "", {"If-Match: " + back.version});
  EXPECT_EQ(stale.status, 412) << stale.body;
  // Of all the changes, each is in the audit.
  const auto admin = server->token("admin", "admin");
  const auto audit =
      server->internal("GET", "/admin/v1/audit?resource=" + id + "&count=100", admin);
  const auto events = audit.json();
  const auto* rows = events.find("events");
  ASSERT_TRUE(rows != nullptr && rows->array() != nullptr) << audit.body;
  EXPECT_EQ(rows->array()->size(), 5U) << audit.body;
}

TEST_F(ClockTest, Fault9_LoginsComeToTheirUserOnEitherSideOfAJump) {
  const auto outcome = [&](const std::string& subject) {
    const auto answer = server->internal("POST", "/jit/v1/provision", jit, login(subject));
    return std::string(answer.json().stringAt("outcome").value_or(answer.body));
  };
  EXPECT_EQ(outcome("before"), "created");
  shiftClock(2h);
  EXPECT_EQ(outcome("before"), "unchanged");
  EXPECT_EQ(outcome("ahead"), "created");
  shiftClock(-2h);
  EXPECT_EQ(outcome("before"), "unchanged");
  EXPECT_EQ(outcome("ahead"), "unchanged");
  EXPECT_EQ(outcome("back"), "created");
}

TEST_F(ClockTest, Fault9_TokensEndByTheClockAndNoneIsGivenMoreThanItHad) {
  const auto made =
      server->command({"--json", "token", "create", "--name", "brief", "--scope", "scim:read",
                       "--expires", formatTimestamp(now() + 30 * kMinute)});
  ASSERT_EQ(made.status, 0) << made.errors;
  const auto document = json::parse(made.output);
  ASSERT_TRUE(document.has_value()) << made.output;
  const std::string brief(document->stringAt("token").value_or(""));
  const auto status = [&] { return server->scim("GET", "/scim/v2/Users?count=1", brief).status; };
  EXPECT_TRUE(eventually([&] { return status() == 200; }));
  shiftClock(1h);
  EXPECT_EQ(status(), 401);
  EXPECT_EQ(server->scim("GET", "/scim/v2/Users?count=1", scim).status, 200);
  shiftClock(-1h);
  EXPECT_EQ(status(), 200);
}

TEST_F(ClockTest, Fault9_AWalkGoesOnOrEndsInAWordButLosesNobody) {
  for (int i = 0; i < 5; ++i) (void)created("walker-" + std::to_string(i));
  const auto page = [&](const std::string& cursor) {
    return server->scim("GET", "/scim/v2/Users?count=2&cursor=" + cursor, scim);
  };
  const auto first = page("");
  ASSERT_EQ(first.status, 200) << first.body;
  const std::string next(first.json().stringAt("nextCursor").value_or(""));
  ASSERT_FALSE(next.empty()) << first.body;
  shiftClock(-2h);
  const auto from_the_future = page(next);
  EXPECT_EQ(from_the_future.status, 200) << from_the_future.body;
  shiftClock(200h);
  const auto too_late = page(next);
  EXPECT_EQ(too_late.status, 400) << too_late.body;
  EXPECT_EQ(too_late.json().stringAt("scimType"), "expiredCursor") << too_late.body;
}

TEST_F(ClockTest, Fault9_WhatTheServerDoesBesideGoesOn) {
  shiftClock(-24h);
  const auto made = server->command({"domain", "create", "LATER"});
  ASSERT_EQ(made.status, 0) << made.errors;
  // The catalogue is read again although its last reading lies a day ahead.
  EXPECT_TRUE(eventually(
      [&] { return server->scim("GET", "/domains/LATER/scim/v2/Users", scim).status == 200; }));
  EXPECT_EQ(server->scim("GET", "/readyz", "").status, 200);
  shiftClock(24h);
  EXPECT_EQ(server->scim("GET", "/readyz", "").status, 200);
  server->signal(SIGTERM);
  EXPECT_EQ(server->wait(), 0);
}

}  // namespace
}  // namespace vestibule::test
