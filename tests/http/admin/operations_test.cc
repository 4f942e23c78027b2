// Queued provisions as operators see them.

#include "jit/operations.h"
#include "base/crypto.h"
#include "http/admin/admin_api_fixture.h"

namespace vestibule::http {
namespace {

constexpr const char* kOperations = "/admin/v1/operations";

class AdminOperations : public AdminApi {
 protected:
  AdminOperations() {
    addQueueRoutes(router_, context_, [this] { ++queued_; });
    gateway_.token_id = std::string(32, 'a');
    usual();
  }
  /// A queued login of the subject; its id.
  std::string queue(const std::string& subject) {
    jit::OperationRequest asked;
    asked.request = request(subject, R"({"uid": "zoe.arnold"})");
    asked.request.correlation_id = "c-" + subject;
    asked.body_digest = sha256(subject);
    return jit::textOf(must(jit::queueOperation(context_, gateway_, asked)).id);
  }
  void set(const std::string& id, const std::string& values) {
    onlooker_.run("UPDATE " + table("control.operations") + " SET " + values +
                  " WHERE id = UNHEX('" + id + "')");
  }
  std::vector<std::string> idsOf(const std::string& query) {
    std::vector<std::string> ids;
    const json::Value list = read(ask(Method::kGet, kOperations + query));
    for (const auto& one : *list.find("operations")->array()) ids.emplace_back(*one.stringAt("id"));
    return ids;
  }
  std::string of(const std::string& id) { return std::string(kOperations) + "/" + id; }

  int queued_ = 0;
};

TEST_F(AdminOperations, AreListedByState) {
  const auto first = queue("s-1");
  const auto second = queue("s-2");
  const auto third = queue("s-3");
  EXPECT_EQ(idsOf("?state=queued"), (std::vector{first, second, third}));
  EXPECT_EQ(idsOf(""), std::vector<std::string>{}) << "the dead, where nothing is said";
  set(second, "state = 3, code = 'JIT-1901', detail = 'away', attempts = 10");
  const json::Value list = read(ask(Method::kGet, kOperations));
  const json::Value& dead = list.find("operations")->array()->front();
  EXPECT_EQ(dead.stringAt("id"), second);
  EXPECT_EQ(dead.stringAt("state"), "dead");
  EXPECT_EQ(dead.stringAt("identityProvider"), "idp");
  EXPECT_EQ(dead.stringAt("subject"), "s-2");
  EXPECT_EQ(dead.stringAt("code"), "JIT-1901");
  EXPECT_EQ(dead.stringAt("detail"), "away");
  EXPECT_EQ(dead.stringAt("correlationId"), "c-s-2");
  EXPECT_EQ(dead.find("claims"), nullptr);
  EXPECT_EQ(json::write(dead).find("zoe"), std::string::npos) << "no claim is shown";
}

TEST_F(AdminOperations, AreListedPageByPage) {
  std::vector<std::string> all;
  for (int i = 0; i < 5; ++i) all.push_back(queue(std::to_string(i)));
  std::vector<std::string> seen;
  std::string query = "?state=queued&count=2";
  for (;;) {
    const json::Value page = read(ask(Method::kGet, kOperations + query));
    for (const auto& one : *page.find("operations")->array()) {
      seen.emplace_back(*one.stringAt("id"));
    }
    if (!page.stringAt("after")) break;
    query = "?state=queued&count=2&after=" + std::string(*page.stringAt("after"));
  }
  EXPECT_EQ(seen, all);
  EXPECT_EQ(ask(Method::kGet, kOperations + std::string("?state=lost")).status, 400);
  EXPECT_EQ(ask(Method::kGet, kOperations + std::string("?count=0")).status, 400);
  EXPECT_EQ(ask(Method::kGet, kOperations + std::string("?after=nonsense")).status, 400);
}

TEST_F(AdminOperations, ADeadOneIsRetried) {
  const auto id = queue("s-1");
  EXPECT_EQ(ask(Method::kPost, of(id) + "/retry").status, 409);
  EXPECT_EQ(queued_, 0);
  set(id, "state = 3, attempts = 10");
  const auto retried = ask(Method::kPost, of(id) + "/retry");
  ASSERT_EQ(retried.status, 200) << retried.body;
  EXPECT_EQ(read(retried).stringAt("state"), "queued");
  EXPECT_EQ(queued_, 1) << "somebody looks at the queue";
  EXPECT_EQ(ask(Method::kPost, of(std::string(32, '0')) + "/retry").status, 404);
}

TEST_F(AdminOperations, ADeadOneIsNotRetriedBehindALaterOne) {
  const auto id = queue("s-1");
  const auto later = queue("s-1");
  set(id, "state = 3");
  set(later, "state = 4, outcome = 'created'");
  const auto refused = ask(Method::kPost, of(id) + "/retry");
  EXPECT_EQ(refused.status, 409);
  EXPECT_NE(refused.body.find("drop it"), std::string::npos);
}

TEST_F(AdminOperations, OnlyWhatIsDeadOrQueuedIsDropped) {
  const auto id = queue("s-1");
  for (const char* state : {"2", "4"}) {
    set(id, std::string("state = ") + state);
    EXPECT_EQ(ask(Method::kDelete, of(id)).status, 409) << state;
  }
  set(id, "state = 3");
  EXPECT_EQ(ask(Method::kDelete, of(id)).status, 204);
  EXPECT_EQ(ask(Method::kGet, of(id)).status, 404);
  EXPECT_EQ(ask(Method::kDelete, of(id)).status, 404);
}

TEST_F(AdminOperations, ATokenOfDomainsMayNotSeeThem) {
  const auto id = queue("s-1");
  EXPECT_EQ(askBound({"CORP"}, Method::kGet, kOperations).status, 403);
  EXPECT_EQ(askBound({"CORP"}, Method::kGet, of(id)).status, 403);
  EXPECT_EQ(askBound({"CORP"}, Method::kDelete, of(id)).status, 403);
  EXPECT_EQ(askBound({"CORP"}, Method::kPost, of(id) + "/retry").status, 403);
}

}  // namespace
}  // namespace vestibule::http
