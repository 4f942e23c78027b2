// Non-blocking mode, Idempotency-Key and GET /jit/v1/operations/{id}, as a gateway sees them.

#include <gtest/gtest.h>

#include <future>
#include <list>

#include "contract/jit/jit_test.h"
#include "directory/tokens.h"
#include "http/jit_api.h"
#include "http/parked.h"
#include "jit/queue_workers.h"

namespace vestibule::http {
namespace {

constexpr const char* kZoe = R"({"uid": "zoe.arnold", "title": "Engineer"})";

class JitOperations : public jit::test::JitTest {
 protected:
  JitOperations() : waits_(endedOperations(context_), std::chrono::milliseconds(5)) {
    JitApiOptions options;
    options.origin = {.url = "https://id.example"};
    options.queued = [this] { ++queued_; };
    options.waits = &waits_;
    addJitRoutes(router_, context_, *providers_, options);
    addOperationRoutes(router_, context_, *providers_, options);
    token_ = token("gateway", "jit");
  }
  ~JitOperations() override { waits_.stop(); }

  std::string token(const std::string& name, const std::string& scopes,
                    const std::vector<std::string>& domains = {}) {
    auto made = must(directory::createToken(
        context_, {name, scopes, domains.empty() ? std::nullopt : std::optional(domains), {}}));
    must(catalog_->refresh());
    return made.text;
  }
  void nonBlocking(const std::string& more = "") {
    jitSettings(R"("userstore": "CORP", "mode": "non-blocking")" + more);
  }

  Request request(Method method, const std::string& path) const {
    Request made;
    made.method = method;
    made.path = path.substr(0, path.find('?'));
    if (const auto wait = path.find("?wait="); wait != std::string::npos) {
      made.query.emplace_back("wait", path.substr(wait + 6));
    }
    if (!token_.empty()) made.headers.add("Authorization", "Bearer " + token_);
    return made;
  }
  Response post(const std::string& body, const std::string& key = "") {
    Request made = request(Method::kPost, "/jit/v1/provision");
    made.body = body;
    made.headers.add("Content-Type", "application/json");
    if (!key.empty()) made.headers.add("Idempotency-Key", key);
    return router_.find(made.method, made.path).route->handler(made);
  }
  Response get(const std::string& path) {
    Request made = request(Method::kGet, path);
    const auto match = router_.find(made.method, made.path);
    made.parameters = match.parameters;
    return match.route->handler(made);
  }
  static std::string body(const std::string& subject, const std::string& claims) {
    return R"({"identityProvider": "idp", "subject": ")" + subject + R"(", "claims": )" + claims +
           "}";
  }
  static json::Value read(const Response& response) { return jit::test::parsed(response.body); }
  static std::string operationOf(const Response& response) {
    return std::string(read(response).stringAt("operation").value_or("none"));
  }

  /// Runs everything that is queued.
  void runQueue() {
    jit::QueueOptions options;
    options.workers = 1;
    options.operations.attempts = 1;
    const std::string table_name = table("control.operations");
    const auto left = [&] {
      return onlooker_.number("SELECT COUNT(*) FROM " + table_name + " WHERE state IN (1, 2)");
    };
    std::promise<void> done;
    bool told = false;
    const jit::QueueWorkers workers(context_, *providers_, options, [&] {
      if (!told && left() == 0) {
        told = true;
        done.set_value();
      }
    });
    ASSERT_EQ(done.get_future().wait_for(std::chrono::seconds(60)), std::future_status::ready);
  }

  OperationWaits waits_;
  Router router_;
  std::string token_;
  int queued_ = 0;
};

TEST_F(JitOperations, ANonBlockingProvisionIsAnsweredBeforeItIsDecided) {
  nonBlocking();
  const auto response = post(body("s-1", kZoe));
  ASSERT_EQ(response.status, 202) << response.body;
  const json::Value answer = read(response);
  EXPECT_EQ(answer.stringAt("outcome"), "queued");
  EXPECT_EQ(answer.stringAt("identityProvider"), "idp");
  EXPECT_EQ(answer.stringAt("subject"), "s-1");
  EXPECT_TRUE(answer.stringAt("correlationId"));
  EXPECT_EQ(response.headers.first("Location"), answer.stringAt("operation"));
  EXPECT_EQ(queued_, 1);
  EXPECT_EQ(count("corp.users"), 0U);

  const json::Value waiting = read(get(operationOf(response)));
  EXPECT_EQ(waiting.stringAt("state"), "queued");
  EXPECT_EQ(waiting.stringAt("operation"), answer.stringAt("operation"));
  EXPECT_EQ(waiting.stringAt("correlationId"), answer.stringAt("correlationId"));
  EXPECT_EQ(waiting.find("outcome"), nullptr);
}

TEST_F(JitOperations, ShowsWhatItCameTo) {
  nonBlocking();
  group("CORP/writers");
  const auto operation =
      operationOf(post(body("s-1", R"({"uid": "zoe.arnold", "groups": ["writers", "absent"]})")));
  runQueue();
  const json::Value done = read(get(operation));
  EXPECT_EQ(done.stringAt("state"), "done");
  EXPECT_EQ(done.stringAt("outcome"), "created");
  EXPECT_EQ(done.stringAt("domain"), "CORP");
  EXPECT_EQ(done.stringAt("subject"), "s-1");
  EXPECT_TRUE(done.stringAt("finished"));
  EXPECT_EQ(json::write(*done.find("groups")),
            R"({"granted":["writers"],"revoked":[],"ignored":["absent"],"created":[]})");
  const json::Value& user = *done.find("user");
  EXPECT_EQ(user.stringAt("userName"), "zoe.arnold");
  const std::string id(*user.stringAt("id"));
  EXPECT_EQ(user.find("meta")->stringAt("location"),
            "https://id.example/domains/CORP/scim/v2/Users/" + id);

  scimDelete(*ResourceId::parse(id));
  const json::Value gone = read(get(operation));
  EXPECT_EQ(gone.stringAt("outcome"), "created");
  EXPECT_EQ(gone.find("user"), nullptr);
}

TEST_F(JitOperations, ShowsARefusalAsAProblem) {
  nonBlocking();
  const auto operation = operationOf(post(body("s-1", R"({"uid": "x"})")));
  runQueue();
  const json::Value done = read(get(operation));
  EXPECT_EQ(done.stringAt("state"), "done");
  EXPECT_EQ(done.stringAt("outcome"), "refused");
  EXPECT_EQ(done.find("problem")->stringAt("code"), "JIT-1202");
  EXPECT_EQ(done.find("problem")->stringAt("onFailure"), "refuse");
  nonBlocking(R"(, "onFailure": "allow")");
  EXPECT_EQ(read(get(operation)).find("problem")->stringAt("onFailure"), "allow");
  EXPECT_EQ(done.find("user"), nullptr);
}

TEST_F(JitOperations, ShowsWhyItIsDead) {
  nonBlocking();
  const auto operation = operationOf(post(body("s-1", kZoe)));
  const std::string users = table("corp.users");
  onlooker_.run("RENAME TABLE " + users + " TO " + users + "_away");
  runQueue();
  onlooker_.run("RENAME TABLE " + users + "_away TO " + users);
  const json::Value dead = read(get(operation));
  EXPECT_EQ(dead.stringAt("state"), "dead");
  EXPECT_EQ(dead.find("problem")->stringAt("code"), "JIT-1901");
  EXPECT_EQ(dead.find("outcome"), nullptr) << "nothing has been decided";
}

TEST_F(JitOperations, WhatCanBeRefusedAtOnceIsNotQueued) {
  nonBlocking();
  EXPECT_EQ(post("{}").status, 400);
  EXPECT_EQ(post(R"({"identityProvider": "none", "subject": "s", "claims": {}})").status, 404);
  const auto token = post(R"({"identityProvider": "idp", "idToken": "a.b.c"})");
  EXPECT_EQ(read(token).stringAt("code"), "JIT-1602");
  const auto subject = post(body(std::string(256, 's'), kZoe));
  EXPECT_EQ(read(subject).stringAt("code"), "JIT-1003");
  settings(R"("jit": {"isEnabled": false, "mode": "non-blocking"})");
  EXPECT_EQ(read(post(body("s-1", kZoe))).stringAt("outcome"), "skipped");
  EXPECT_EQ(count("control.operations"), 0U);
}

TEST_F(JitOperations, AQueuedRequestUnderAKeyIsQueuedOnce) {
  nonBlocking();
  const auto first = post(body("s-1", kZoe), "k-1");
  EXPECT_EQ(operationOf(post(body("s-1", kZoe), "k-1")), operationOf(first));
  const auto reused = post(body("s-2", kZoe), "k-1");
  EXPECT_EQ(reused.status, 422);
  EXPECT_EQ(read(reused).stringAt("code"), "JIT-1012");
  runQueue();
  const auto later = post(body("s-1", kZoe), "k-1");
  EXPECT_EQ(later.status, 202) << "the answer is the same after it was done";
  EXPECT_EQ(operationOf(later), operationOf(first));
  EXPECT_EQ(count("control.operations"), 1U);
}

TEST_F(JitOperations, ABlockingRequestUnderAKeyIsAnsweredOnce) {
  usual();
  const auto first = post(body("s-1", kZoe), "k-1");
  ASSERT_EQ(first.status, 201) << first.body;
  const auto second = post(body("s-1", kZoe), "k-1");
  EXPECT_EQ(second.status, 201) << "without the key it would be 200 and unchanged";
  EXPECT_EQ(second.headers.first("Location"), first.headers.first("Location"));
  const json::Value one = read(first);
  const json::Value two = read(second);
  for (const char* member :
       {"outcome", "domain", "user", "identityProvider", "subject", "groups"}) {
    ASSERT_NE(one.find(member), nullptr) << member;
    ASSERT_NE(two.find(member), nullptr) << member;
    EXPECT_EQ(*two.find(member), *one.find(member)) << member;
  }
  EXPECT_EQ(post(body("s-1", kZoe), "k-2").status, 200);
  EXPECT_EQ(post(body("s-1", R"({"uid": "other.name"})"), "k-1").status, 422);
}

TEST_F(JitOperations, ARefusalUnderAKeyIsRememberedToo) {
  usual();
  const auto first = post(body("s-1", R"({"uid": "x"})"), "k-1");
  EXPECT_EQ(read(first).stringAt("code"), "JIT-1202");
  domainSettings("CORP", R"({"UsernameJavaRegEx": ".*", "UsernameJavaScriptRegEx": ".*"})");
  const auto second = post(body("s-1", R"({"uid": "x"})"), "k-1");
  EXPECT_EQ(second.status, first.status);
  EXPECT_EQ(read(second).stringAt("code"), "JIT-1202");
  EXPECT_EQ(read(second).stringAt("detail"), read(first).stringAt("detail"));
  EXPECT_EQ(post(body("s-1", R"({"uid": "x"})"), "k-2").status, 201) << "a new key asks anew";
}

TEST_F(JitOperations, WhatIsRefusedBeforeItIsStoredIsInTheAuditAndKeepsNoKey) {
  struct Case {
    const char* mode;
    const char* key;
  };
  for (const auto& [mode, key] :
       {Case{"blocking", "k-1"}, Case{"non-blocking", ""}, Case{"non-blocking", "k-2"}}) {
    const std::string subject = std::string(mode) + key;
    SCOPED_TRACE(subject);
    const auto set = [&, mode = std::string(mode)](bool enabled) {
      settings(std::string(kClaims) + (enabled ? "" : R"(, "enabled": false)") +
               R"(, "jit": {"isEnabled": true, "userstore": "CORP", "mode": ")" + mode + R"("})");
    };
    const auto refusals = [&] {
      return onlooker_.number("SELECT COUNT(*) FROM " + table("control.audit_events") +
                              " WHERE action = 'jit.refused'");
    };
    const auto before = refusals();
    set(false);
    const auto refused = post(body(subject, kZoe), key);
    EXPECT_EQ(read(refused).stringAt("code"), "JIT-1002") << refused.body;
    EXPECT_EQ(refusals(), before + 1);
    EXPECT_EQ(count("control.operations"), 0U);
    set(true);
    EXPECT_LT(post(body(subject, R"({"uid": ")" + subject + R"("})"), key).status, 300);
    onlooker_.run("DELETE FROM " + table("control.operations"));
  }
}

TEST_F(JitOperations, ANewGrantOfAnOldMembershipIsUnchangedHoweverOftenItIsAsked) {
  usual();
  const auto made = post(body("s-1", kZoe));
  const std::string user(*read(made).find("user")->stringAt("id"));
  group("CORP/writers", {*ResourceId::parse(user)});
  const std::string claims = R"({"uid": "zoe.arnold", "title": "Engineer", "groups": ["writers"]})";
  for (int times = 0; times < 2; ++times) {
    const auto response = post(body("s-1", claims), "k-1");
    EXPECT_EQ(read(response).stringAt("outcome"), "unchanged") << response.body;
  }
}

TEST_F(JitOperations, ARequestThatIsStillRunningIsNotAnsweredTwice) {
  usual();
  post(body("s-1", kZoe), "k-1");
  onlooker_.run("UPDATE " + table("control.operations") + " SET state = 2");
  const auto second = post(body("s-1", kZoe), "k-1");
  EXPECT_EQ(second.status, 409);
  EXPECT_EQ(read(second).stringAt("code"), "JIT-1013");
  EXPECT_EQ(second.headers.first("Retry-After"), "1");
}

TEST_F(JitOperations, AnOutageIsNotRememberedUnderItsKey) {
  usual();
  const std::string users = table("corp.users");
  onlooker_.run("RENAME TABLE " + users + " TO " + users + "_away");
  EXPECT_EQ(post(body("s-1", kZoe), "k-1").status, 503);
  onlooker_.run("RENAME TABLE " + users + "_away TO " + users);
  EXPECT_EQ(post(body("s-1", kZoe), "k-1").status, 201);
}

TEST_F(JitOperations, AKeyHasAForm) {
  usual();
  for (const std::string& key :
       {std::string(256, 'k'), std::string("a b"), std::string("\xc3\xa4")}) {
    const auto refused = post(body("s-1", kZoe), key);
    EXPECT_EQ(refused.status, 400) << key;
    EXPECT_EQ(read(refused).stringAt("attribute"), "Idempotency-Key");
  }
  EXPECT_EQ(post(body("s-1", kZoe), std::string(255, 'k')).status, 201);
}

TEST_F(JitOperations, IsShownToNobodyElse) {
  nonBlocking();
  token_ = token("corp-gateway", "jit", {"CORP"});
  const auto operation = operationOf(post(body("s-1", kZoe)));
  EXPECT_EQ(get(operation).status, 200);
  token_ = token("other-gateway", "jit", {"CORP"});
  EXPECT_EQ(get(operation).status, 404);
  EXPECT_EQ(read(get(operation)).stringAt("code"), "JIT-1014");
  EXPECT_EQ(get("/jit/v1/operations/nonsense").status, 404);
  token_ = token("reader", "scim:read");
  EXPECT_EQ(get(operation).status, 403);
  token_.clear();
  EXPECT_EQ(get(operation).status, 401);
}

/// Tells when the handler of a parked request may run.
class LetGo final : public Job {
 public:
  explicit LetGo(std::promise<void>& told) : told_(told) {}
  void run() override { told_.set_value(); }
  void drop() override { told_.set_value(); }

 private:
  std::promise<void>& told_;
};

class WaitingForOperations : public JitOperations {
 protected:
  /// Before the queue in which those who wait would go on.
  ~WaitingForOperations() override { waits_.stop(); }

  /// Sends the request to wait.
  std::future<void> park(const std::string& path) {
    Request made = request(Method::kGet, path);
    const auto match = router_.find(made.method, made.path);
    made.parameters = match.parameters;
    auto& told = told_.emplace_back();
    match.route->options.park(made,
                              std::make_unique<Parked>(std::make_unique<LetGo>(told), queue_));
    return told.get_future();
  }
  static bool isLetGo(std::future<void>& waiting) {
    return waiting.wait_for(std::chrono::seconds(30)) == std::future_status::ready;
  }

  WorkQueue queue_{{.workers = 1}};
  std::list<std::promise<void>> told_;
};

TEST_F(WaitingForOperations, EndsWithTheOperation) {
  nonBlocking();
  const auto operation = operationOf(post(body("s-1", kZoe)));
  auto waiting = park(operation + "?wait=60");
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(30)), std::future_status::timeout);
  runQueue();
  EXPECT_TRUE(isLetGo(waiting));
  EXPECT_EQ(read(get(operation)).stringAt("state"), "done");
  auto again = park(operation + "?wait=60");
  EXPECT_TRUE(isLetGo(again)) << "it has ended";
}

TEST_F(WaitingForOperations, EndsWithItsTime) {
  nonBlocking();
  const auto operation = operationOf(post(body("s-1", kZoe)));
  auto waiting = park(operation + "?wait=1");
  EXPECT_TRUE(isLetGo(waiting));
  EXPECT_EQ(read(get(operation)).stringAt("state"), "queued");
}

TEST_F(WaitingForOperations, EndsWithTheServer) {
  nonBlocking();
  const auto operation = operationOf(post(body("s-1", kZoe)));
  auto waiting = park(operation + "?wait=60");
  waits_.stop();
  EXPECT_TRUE(isLetGo(waiting));
  auto late = park(operation + "?wait=60");
  EXPECT_TRUE(isLetGo(late));
}

TEST_F(WaitingForOperations, WhoMayNotAskDoesNotWait) {
  nonBlocking();
  const auto operation = operationOf(post(body("s-1", kZoe)));
  for (const char* wrong : {"?wait=61", "?wait=-1", "?wait=x", "?wait="}) {
    auto refused = park(operation + wrong);
    EXPECT_TRUE(isLetGo(refused)) << wrong;
    EXPECT_EQ(get(operation + wrong).status, 400) << wrong;
  }
  auto unknown = park("/jit/v1/operations/00000000000000000000000000000000?wait=60");
  EXPECT_TRUE(isLetGo(unknown));
  token_.clear();
  auto nobody = park(operation + "?wait=60");
  EXPECT_TRUE(isLetGo(nobody));
}

}  // namespace
}  // namespace vestibule::http
