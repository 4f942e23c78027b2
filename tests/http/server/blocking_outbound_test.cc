// Requests whose answer waits for another system, which takes what it is sent, refuses it, or
// cannot be used.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>

#include "json/parse.h"
#include "json/write.h"
#include "support/http_receiver.h"
#include "support/server_process.h"
#include "support/temporary_folder.h"

namespace vestibule::test {
namespace {

/// A SCIM service that knows nobody, as far as an outbound target needs one.
class FakeService {
 public:
  enum class Mood { kTakes, kRefuses, kIsAway };

  [[nodiscard]] std::string url() const { return receiver_.url(); }
  void set(Mood mood) { mood_ = mood; }
  /// The credential of the last request.
  [[nodiscard]] std::string authorization() {
    return receiver_.requests().back().field("Authorization");
  }

 private:
  HttpReceiver::Answer answer(std::size_t number, const ReceivedRequest& request) const {
    if (mood_ == Mood::kIsAway) return {503, ""};
    if (request.head.rfind("GET ", 0) == 0) return {200, R"({"Resources":[]})"};
    if (mood_ == Mood::kRefuses) return {400, R"({"detail":"too many seats"})"};
    if (request.head.rfind("POST ", 0) != 0) return {204, ""};
    return {201, R"({"id":"r)" + std::to_string(number) + "\"}"};
  }

  std::atomic<Mood> mood_{Mood::kTakes};
  HttpReceiver receiver_{[this](std::size_t number, const ReceivedRequest& request) {
    return answer(number, request);
  }};
};

using Mood = FakeService::Mood;

class BlockingOutbound : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = std::make_unique<TemporaryFolder>();
    server = std::make_unique<ServerProcess>(VESTIBULE_BINARY, folder->path() / "data");
    admin = server->token("admin", "admin");
    scim = server->token("scim", "scim:read scim:write");
    jit = server->token("jit", "jit");
    for (const char* on_failure : {"refuse", "allow"}) {
      const auto made = server->internal(
          "POST", "/admin/v1/identity-providers", admin,
          std::string(R"({"name":")") + on_failure +
              R"(","claims":{"userIdClaim":"uid","mappings":[{"idpClaim":"title","attribute":"title"}]},)" +
              R"("jit":{"isEnabled":true,"userstore":"PRIMARY","onFailure":")" + on_failure +
              "\"}}");
      ASSERT_EQ(made.status, 201) << made.body;
    }
  }
  static void TearDownTestSuite() {
    server.reset();
    folder.reset();
  }
  void TearDown() override {
    for (const auto& name : targets_) {
      EXPECT_EQ(
          server->internal("DELETE", "/admin/v1/outbound/" + percentEncode(name), admin).status,
          204);
    }
  }

  /// A target that blocks for so long at most.
  void target(const std::string& name, const FakeService& service, int seconds,
              const std::string& on_failure, json::Object authentication = {{"type", "none"}}) {
    const json::Object blocking{{"enabled", true}, {"seconds", seconds}, {"onFailure", on_failure}};
    const json::Object document{{"name", name},
                                {"baseUrl", service.url()},
                                {"authentication", std::move(authentication)},
                                {"blocking", blocking}};
    const auto put = server->internal("PUT", "/admin/v1/outbound/" + percentEncode(name), admin,
                                      json::write(document));
    ASSERT_EQ(put.status, 201) << put.body;
    targets_.push_back(name);
  }

  /// Three targets that are called by what becomes of what they are sent.
  void targetsOfEachMood() {
    refusing_.emplace().set(Mood::kRefuses);
    away_.emplace().set(Mood::kIsAway);
    target("takes", service_, 30, "error");
    target("refuses", *refusing_, 30, "report");
    target("is away", *away_, 1, "report");
  }

  static Answer login(const std::string& user, const std::string& title = "",
                      const std::string& provider = "refuse",
                      const std::vector<std::string>& headers = {}) {
    json::Object claims{{"uid", user}};
    if (!title.empty()) claims.set("title", title);
    return server->internal(
        "POST", "/jit/v1/provision", jit,
        json::write(json::Object{
            {"identityProvider", provider}, {"subject", user}, {"claims", std::move(claims)}}),
        headers);
  }
  static Answer create(const std::string& user) {
    return server->scim("POST", "/scim/v2/Users", scim,
                        R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],)"
                        R"("userName":")" +
                            user + "\"}");
  }
  /// The member `outbound` of the answer to a login; empty where there is none.
  static std::string outboundOf(const Answer& answer) {
    const auto body = answer.json();
    const auto* member = body.find("outbound");
    return member == nullptr ? "" : json::write(*member);
  }
  static std::string text(const Answer& answer, std::string_view key) {
    return std::string(answer.json().stringAt(key).value_or(""));
  }
  static std::string stateOf(const Answer& answer) {
    return answer.header("Vestibule-Outbound").value_or("");
  }
  /// Users of this name here.
  static int usersHere(const std::string& user) {
    const auto list =
        server
            ->scim("GET", "/scim/v2/Users?filter=" + percentEncode("userName eq \"" + user + "\""),
                   scim)
            .json();
    const auto* resources = list.find("Resources");
    return resources == nullptr ? -1 : static_cast<int>(resources->array()->size());
  }
  /// What the audit has of targets that were not done, by the correlation id of an answer.
  static std::string notSent(const Answer& answer) {
    const auto audit =
        server->internal("GET",
                         "/admin/v1/audit?action=outbound.not_sent&correlationId=" +
                             percentEncode(answer.header("X-Correlation-Id").value_or("?")),
                         admin);
    return audit.body.find("outbound.not_sent") == std::string::npos ? "" : audit.body;
  }

  static inline std::unique_ptr<TemporaryFolder> folder;
  static inline std::unique_ptr<ServerProcess> server;
  static inline std::string admin, scim, jit;
  FakeService service_;
  std::optional<FakeService> refusing_, away_;  ///< of targetsOfEachMood
  std::vector<std::string> targets_;
};

TEST_F(BlockingOutbound, ALoginTellsHowItStandsWithEachTarget) {
  targetsOfEachMood();
  const auto made = login("login.each");
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(text(made, "outcome"), "created");
  EXPECT_EQ(outboundOf(made), R"({"takes":"done","refuses":"failed","is away":"waiting"})");
  const auto audit = notSent(made);
  EXPECT_EQ(audit.find("\"takes\""), std::string::npos) << audit;
  EXPECT_NE(audit.find("\"refuses\""), std::string::npos) << audit;
  EXPECT_NE(audit.find("\"is away\""), std::string::npos) << audit;
}

TEST_F(BlockingOutbound, ALoginWaitsWhereItChangesItsUserAlone) {
  target("hr", service_, 30, "error");
  EXPECT_EQ(outboundOf(login("login.changes", "Poet")), R"({"hr":"done"})");
  const auto same = login("login.changes", "Poet");
  EXPECT_EQ(same.status, 200) << same.body;
  EXPECT_EQ(text(same, "outcome"), "unchanged");
  EXPECT_EQ(outboundOf(same), "");
  const auto changed = login("login.changes", "Engineer");
  EXPECT_EQ(text(changed, "outcome"), "updated") << changed.body;
  EXPECT_EQ(outboundOf(changed), R"({"hr":"done"})");
  // Whatever the target says now: nothing is to be sent to it.
  service_.set(Mood::kIsAway);
  EXPECT_EQ(login("login.changes", "Engineer").status, 200);
}

TEST_F(BlockingOutbound, ALoginFailsWhereItsTargetDoesNotTakeTheUser) {
  target("hr", service_, 30, "error");
  service_.set(Mood::kRefuses);
  for (const std::string provider : {"refuse", "allow"}) {
    const std::string user = "login.refused." + provider;
    const auto failed = login(user, "", provider);
    EXPECT_EQ(failed.status, 503) << failed.body;
    EXPECT_EQ(failed.header("Content-Type"), "application/problem+json");
    EXPECT_EQ(text(failed, "code"), "JIT-1503");
    EXPECT_EQ(text(failed, "type"), "urn:problem-type:vestibule:JIT-1503");
    EXPECT_EQ(text(failed, "onFailure"), provider) << "the gateway decides by it";
    const auto detail = text(failed, "detail");
    EXPECT_NE(detail.find("the change is stored, but outbound target hr does not take it"),
              std::string::npos)
        << detail;
    EXPECT_NE(detail.find("status 400: too many seats"), std::string::npos) << detail;
    EXPECT_EQ(usersHere(user), 1) << "what was committed stays";
    EXPECT_NE(notSent(failed), "");
  }
}

TEST_F(BlockingOutbound, ALoginFailsWhereItsTargetHasNotGotTheUserInTime) {
  target("hr", service_, 1, "error");
  service_.set(Mood::kIsAway);
  const auto failed = login("login.late");
  EXPECT_EQ(failed.status, 503) << failed.body;
  EXPECT_EQ(text(failed, "code"), "JIT-1503");
  EXPECT_NE(text(failed, "detail").find("has not got it in time"), std::string::npos)
      << failed.body;
  EXPECT_EQ(usersHere("login.late"), 1);
}

TEST_F(BlockingOutbound, ARepetitionOfALoginTellsHowItStandsNow) {
  target("hr", service_, 30, "error");
  service_.set(Mood::kRefuses);
  const std::vector<std::string> key{"Idempotency-Key: repeated"};
  EXPECT_EQ(text(login("login.again", "", "refuse", key), "code"), "JIT-1503");
  EXPECT_EQ(text(login("login.again", "", "refuse", key), "code"), "JIT-1503") << "as before";
  service_.set(Mood::kTakes);
  const auto retried = server->internal("POST", "/admin/v1/outbound/hr/retry", admin, "{}");
  EXPECT_LT(retried.status, 300) << retried.body;
  const auto again = login("login.again", "", "refuse", key);
  EXPECT_EQ(again.status, 201) << again.body;
  EXPECT_EQ(text(again, "outcome"), "created");
  EXPECT_EQ(outboundOf(again), R"({"hr":"done"})");
}

TEST_F(BlockingOutbound, AChangeOverScimTellsHowItStandsWithEachTarget) {
  targetsOfEachMood();
  const auto made = create("scim.each");
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(text(made, "userName"), "scim.each");
  EXPECT_EQ(stateOf(made), "takes=done, refuses=failed, is%20away=waiting");
  EXPECT_NE(notSent(made), "");
}

TEST_F(BlockingOutbound, EveryMethodThatChangesWaits) {
  target("hr", service_, 30, "error");
  const auto made = create("scim.methods");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(stateOf(made), "hr=done");
  const std::string path = "/scim/v2/Users/" + text(made, "id");
  const struct {
    const char* method;
    std::string body;
    int status;
  } changes[] = {
      {"PUT",
       R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],)"
       R"("userName":"scim.methods","title":"Poet"})",
       200},
      {"PATCH",
       R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":)"
       R"([{"op":"replace","path":"title","value":"Engineer"}]})",
       200},
      {"DELETE", "", 204},
  };
  for (const auto& change : changes) {
    const auto done = server->scim(change.method, path, scim, change.body);
    EXPECT_EQ(done.status, change.status) << change.method << done.body;
    EXPECT_EQ(stateOf(done), "hr=done") << change.method;
  }
  // Nothing is changed by these.
  for (const auto& other :
       {server->scim("GET", path, scim), create(""), server->scim("DELETE", path, scim)}) {
    EXPECT_GE(other.status, 400);
    EXPECT_EQ(stateOf(other), "");
  }
}

TEST_F(BlockingOutbound, AChangeOverScimIs502WhereItsTargetDoesNotTakeIt) {
  target("hr", service_, 30, "error");
  service_.set(Mood::kRefuses);
  const auto failed = create("scim.refused");
  EXPECT_EQ(failed.status, 502) << failed.body;
  EXPECT_EQ(stateOf(failed), "hr=failed");
  EXPECT_EQ(text(failed, "status"), "502");
  EXPECT_NE(text(failed, "detail").find("outbound target hr does not take it"), std::string::npos)
      << failed.body;
  EXPECT_NE(text(failed, "detail").find("too many seats"), std::string::npos) << failed.body;
  EXPECT_EQ(usersHere("scim.refused"), 1) << "what was committed stays";
  EXPECT_NE(notSent(failed), "");
}

TEST_F(BlockingOutbound, AChangeOverScimIs502WhereItsTargetHasNotGotItInTime) {
  target("hr", service_, 1, "error");
  service_.set(Mood::kIsAway);
  const auto failed = create("scim.late");
  EXPECT_EQ(failed.status, 502) << failed.body;
  EXPECT_EQ(stateOf(failed), "hr=waiting");
  EXPECT_NE(text(failed, "detail").find("has not got it in time"), std::string::npos)
      << failed.body;
}

TEST_F(BlockingOutbound, ATargetMayWantTokensByClientCredentials) {
  std::atomic<bool> refuses{true};
  HttpReceiver endpoint([&](std::size_t, const ReceivedRequest&) {
    if (refuses) return HttpReceiver::Answer{401, R"({"error":"invalid_client"})"};
    return HttpReceiver::Answer{200, R"({"access_token":"fetched","token_type":"Bearer"})"};
  });
  target("hr", service_, 1, "report",
         {{"type", "clientCredentials"},
          {"tokenUrl", endpoint.url()},
          {"clientId", "vestibule"},
          {"clientSecret", "s3cr3t-text"}});
  const auto made = create("client.credentials");
  EXPECT_EQ(stateOf(made), "hr=waiting") << made.body;
  const auto look = [&] {
    return server->internal("GET", "/admin/v1/outbound/hr/users/" + text(made, "id"), admin);
  };
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  Answer state = look();
  while (text(state, "detail").empty() && std::chrono::steady_clock::now() < until) state = look();
  EXPECT_NE(text(state, "detail").find("no access token: status 401: invalid_client"),
            std::string::npos)
      << state.body;
  // The endpoint takes the client now: what waits is sent once the target has rested.
  refuses = false;
  EXPECT_EQ(server
                ->internal("PATCH", "/admin/v1/outbound/hr", admin,
                           R"({"blocking":{"seconds":30,"onFailure":"error"}})")
                .status,
            200);
  const auto next = create("client.credentials.2");
  EXPECT_EQ(next.status, 201) << next.body;
  EXPECT_EQ(stateOf(next), "hr=done");
  EXPECT_EQ(service_.authorization(), "Bearer fetched");
  for (const auto& seen :
       {server->internal("GET", "/admin/v1/outbound/hr", admin).body, state.body, server->log()}) {
    EXPECT_EQ(seen.find("s3cr3t-text"), std::string::npos);
    EXPECT_EQ(seen.find("fetched"), std::string::npos);
  }
}

}  // namespace
}  // namespace vestibule::test
