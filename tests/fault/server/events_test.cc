// Events of a real server: what receivers get, and that kill -9 loses none.

#include <gtest/gtest.h>

#include <csignal>
#include <set>

#include "base/encoding.h"
#include "json/parse.h"
#include "json/write.h"
#include "support/http_receiver.h"
#include "support/server_process.h"
#include "support/temporary_folder.h"

namespace vestibule::test {
namespace {

constexpr const char* kUsers = "/domains/PRIMARY/scim/v2/Users";

class EventsOfAServer : public ::testing::Test {
 protected:
  EventsOfAServer() { start(); }

  void start() {
    server_.reset();
    server_ = std::make_unique<ServerProcess>(VESTIBULE_BINARY, folder_.path() / "data");
  }
  void makeTokens() {
    admin_ = server_->token("admin", "admin");
    scim_ = server_->token("scim", "scim:read scim:write");
    poller_ = server_->token("poller", "events:read");
  }
  void stream(const std::string& name, const std::string& members) {
    const auto made =
        server_->internal("PUT", "/admin/v1/event-streams/" + name, admin_,
                          R"({"name": ")" + name + R"(", "audience": ["aud"], )" + members + "}");
    ASSERT_EQ(made.status, 201) << made.body;
  }
  /// Makes a user; its id, empty when there was no answer.
  std::string user(const std::string& name) {
    const auto made = server_->scim(
        "POST", kUsers, scim_,
        R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":")" + name + "\"}");
    return made.status == 201 ? std::string(*made.json().stringAt("id")) : std::string();
  }
  Answer poll(const std::string& body, const std::string& token) {
    return server_->scim("POST", "/events/v1/streams/crm/poll", token, body,
                         {"Content-Type: application/json"});
  }
  static std::string claimsOf(const std::string& token) {
    const auto first = token.find('.');
    return *fromBase64Url(
        std::string_view(token).substr(first + 1, token.find('.', first + 1) - first - 1));
  }

  TemporaryFolder folder_;
  std::unique_ptr<ServerProcess> server_;
  std::string admin_;
  std::string scim_;
  std::string poller_;
};

TEST_F(EventsOfAServer, KillLosesNone) {
  std::atomic<bool> away{true};
  HttpReceiver receiver([&](auto, const auto&) {
    return HttpReceiver::Answer{away ? 503 : 200, {}};
  });
  makeTokens();
  stream("hook", R"("kind": "webhook", "secret": "0123456789abcdef", "attempts": 1000, "url": ")" +
                     receiver.url() + "\"");
  std::set<std::string> made;
  for (int i = 0; i < 10; ++i) made.insert(user("before" + std::to_string(i)));
  ASSERT_TRUE(receiver.await(1));
  server_->signal(SIGKILL);
  server_->wait();
  away = false;
  start();
  for (int i = 0; i < 10; ++i) made.insert(user("behind" + std::to_string(i)));
  ASSERT_EQ(made.size(), 20U);
  std::set<std::string> told;
  for (std::size_t seen = 1; told.size() < made.size();) {
    ASSERT_TRUE(receiver.await(seen + 1)) << told.size();
    const auto requests = receiver.requests();
    for (seen = 0; seen < requests.size(); ++seen) {
      const auto claims = json::parse(requests[seen].body);
      ASSERT_TRUE(claims);
      told.emplace(*claims->find("sub_id")->stringAt("id"));
    }
  }
  EXPECT_EQ(told, made);
}

TEST_F(EventsOfAServer, APollWaitsForAnEventAndHasItAgainUntilItIsAcknowledged) {
  makeTokens();
  EXPECT_EQ(server_->scim("GET", "/scim/v2/ServiceProviderConfig", "").body.find("securityEvents"),
            std::string::npos);
  stream("crm", R"("kind": "poll", "pollers": ["poller"])");
  EXPECT_EQ(poll(R"({"returnImmediately": true})", scim_).status, 403);
  EXPECT_EQ(poll(R"({"returnImmediately": true})", "").status, 401);
  const auto nothing = poll(R"({"returnImmediately": true})", poller_);
  ASSERT_EQ(nothing.status, 200) << nothing.body;
  EXPECT_EQ(nothing.body, R"({"sets":{}})");
  // Another thread makes the change that this one waits for.
  std::string id;
  std::thread other([&] { id = user("told"); });
  const auto first = poll(R"({"maxEvents": 5})", poller_);
  other.join();
  ASSERT_EQ(first.status, 200) << first.body;
  const auto sets = first.json();
  ASSERT_EQ(sets.find("sets")->object()->size(), 1U) << first.body;
  const auto& [jti, token] = sets.find("sets")->object()->members().front();
  const auto claims = claimsOf(*token.string());
  EXPECT_NE(claims.find("/Users/" + id), std::string::npos) << claims;
  EXPECT_NE(claims.find(jti), std::string::npos) << claims;
  const auto again = poll(R"({"returnImmediately": true})", poller_);
  EXPECT_NE(again.body.find(jti), std::string::npos) << again.body;
  const auto acknowledged =
      poll(R"({"returnImmediately": true, "ack": [")" + jti + R"("]})", poller_);
  EXPECT_EQ(acknowledged.body, R"({"sets":{}})");
  const auto config = server_->scim("GET", "/scim/v2/ServiceProviderConfig", "");
  EXPECT_NE(config.body.find("urn:ietf:params:scim:event:prov:create:notice"), std::string::npos)
      << "as long as there is a stream";
  const auto keys = server_->scim("GET", "/events/v1/keys", "");
  EXPECT_EQ(keys.status, 200);
  EXPECT_NE(keys.body.find("\"P-256\""), std::string::npos) << keys.body;
}

}  // namespace
}  // namespace vestibule::test
