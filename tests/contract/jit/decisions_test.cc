// How a decision was reached, found again by the correlation id of its request.

#include "http/jit_decisions.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "contract/jit/jit_test.h"
#include "directory/tokens.h"
#include "http/jit_api.h"

namespace vestibule::http {
namespace {

class Decisions : public jit::test::JitTest {
 protected:
  Decisions() {
    addJitRoutes(router_, context_, *providers_, {.origin = {.url = "https://id.example"}});
    addDecisionRoutes(router_, context_);
    token_ = token("gateway", "jit");
  }

  std::string token(const std::string& name, const std::string& scopes,
                    const std::vector<std::string>& domains = {}) {
    auto made = must(directory::createToken(
        context_, {name, scopes, domains.empty() ? std::nullopt : std::optional(domains), {}}));
    must(catalog_->refresh());
    return made.text;
  }
  Response ask(Method method, const std::string& path, const std::string& token,
               const std::string& id = "", const std::string& body = "") {
    Request request;
    request.method = method;
    request.path = path;
    request.body = body;
    request.headers.add("Content-Type", "application/json");
    if (!token.empty()) request.headers.add("Authorization", "Bearer " + token);
    if (!id.empty()) request.headers.add("X-Correlation-Id", id);
    const auto match = router_.find(request.method, request.path);
    request.parameters = match.parameters;
    return match.route->handler(request);
  }
  /// A login under this correlation id.
  int signIn(const std::string& id, const std::string& subject, const std::string& claims,
             const std::string& idp = "idp") {
    return ask(Method::kPost, "/jit/v1/provision", token_, id,
               R"({"identityProvider": ")" + idp + R"(", "subject": ")" + subject +
                   R"(", "claims": )" + claims + "}")
        .status;
  }
  Response get(const std::string& id, const std::string& token) {
    return ask(Method::kGet, "/jit/v1/decisions/" + id, token);
  }
  /// Action and code of each decision, and what its trace ends in.
  std::string decisions(const std::string& id, const std::string& token) {
    const auto response = get(id, token);
    if (response.status != 200) return std::to_string(response.status);
    std::string all;
    const json::Value body = jit::test::parsed(response.body);
    for (const auto& one : *body.find("decisions")->array()) {
      all += std::string(*one.stringAt("action")) + "|" +
             std::string(one.stringAt("code").value_or("")) + "|" +
             std::string(*one.find("trace")->array()->back().stringAt("outcome")) + ";";
    }
    return all;
  }

  Router router_;
  std::string token_;
};

TEST_F(Decisions, AreFoundAgainWhetherTheyWroteOrNot) {
  usual();
  EXPECT_EQ(signIn("r-1", "s-1", R"({"uid": "bob"})"), 201);
  EXPECT_EQ(signIn("r-2", "s-1", R"({"uid": "bob"})"), 200);
  EXPECT_EQ(signIn("r-3", "s-2", R"({"uid": "no good name"})"), 400);
  EXPECT_EQ(signIn("r-4", "s-2", R"({"uid": "eve"})", "nobody"), 404);
  settings(kClaims, "off");
  EXPECT_EQ(signIn("r-5", "s-2", R"({"uid": "eve"})", "off"), 200);

  EXPECT_EQ(decisions("r-1", token_), "jit.created||created;");
  EXPECT_EQ(decisions("r-2", token_), "jit.unchanged||unchanged;");
  EXPECT_EQ(decisions("r-3", token_).substr(0, 21), "jit.refused|JIT-1202|");
  EXPECT_EQ(decisions("r-4", token_).substr(0, 21), "jit.refused|JIT-1001|");
  EXPECT_EQ(decisions("r-5", token_), "jit.skipped||skipped;");
  EXPECT_EQ(count("control.audit_events WHERE action LIKE 'jit.%'"), 2U);

  const json::Value body = jit::test::parsed(get("r-2", token_).body);
  const auto& one = body.find("decisions")->array()->front();
  EXPECT_EQ(one.stringAt("domain"), "CORP");
  EXPECT_EQ(one.stringAt("subject"), "s-1");
  EXPECT_EQ(one.stringAt("identityProvider"), "idp");
  EXPECT_EQ(one.find("actor")->stringAt("name"), "gateway");
  EXPECT_TRUE(one.stringAt("user"));
}

TEST_F(Decisions, OnOneIdAreNewestFirst) {
  usual();
  signIn("same", "s-1", R"({"uid": "bob"})");
  signIn("same", "s-1", R"({"uid": "bob"})");
  signIn("same", "s-1", R"({"uid": "bob", "title": "Boss"})");
  EXPECT_EQ(decisions("same", token_),
            "jit.updated||updated;jit.unchanged||unchanged;jit.created||created;");
}

TEST_F(Decisions, OfAFailingServerAreRemembered) {
  usual();
  onlooker_.run("RENAME TABLE " + table("control.federated_identities") + " TO " +
                table("control.away"));
  EXPECT_EQ(signIn("r-1", "s-1", R"({"uid": "bob"})"), 503);
  EXPECT_EQ(decisions("r-1", token_).substr(0, 20), "jit.failed|JIT-1901|");
  EXPECT_EQ(count("control.audit_events WHERE action LIKE 'jit.%'"), 0U);
}

TEST_F(Decisions, OfARefusalThatCannotBeStoredAreRemembered) {
  usual();
  onlooker_.run("CREATE TRIGGER " + table("control.no_trace") + " BEFORE INSERT ON " +
                table("control.audit_traces") +
                " FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'");
  EXPECT_EQ(signIn("r-1", "s-1", R"({"uid": "no good name"})"), 400);
  EXPECT_EQ(decisions("r-1", token_).substr(0, 21), "jit.refused|JIT-1202|");
}

TEST_F(Decisions, AreShownToWhomTheyConcern) {
  usual();
  jitSettings(R"("userstore": "PRIMARY")", "elsewhere");
  signIn("in-corp", "s-1", R"({"uid": "bob"})");
  signIn("in-corp-again", "s-1", R"({"uid": "bob"})");
  signIn("in-primary", "s-1", R"({"uid": "bob"})", "elsewhere");
  signIn("nowhere", "", R"({"uid": "bob"})");
  signIn("nowhere", "s-9", R"({"uid": "bob"})", "nobody");
  const auto admin = token("admin", "admin");
  const auto corp = token("corp", "jit", {"CORP"});
  const auto reader = token("reader", "scim:read");
  for (const char* id : {"in-corp", "in-corp-again", "in-primary", "nowhere"}) {
    SCOPED_TRACE(id);
    EXPECT_EQ(get(id, admin).status, 200);
    EXPECT_EQ(get(id, token_).status, 200);
    EXPECT_EQ(get(id, reader).status, 403);
    EXPECT_EQ(get(id, "").status, 401);
    EXPECT_EQ(get(id, corp).status, std::string(id).starts_with("in-corp") ? 200 : 404);
  }
  // What it asked itself and came to no domain.
  token_ = corp;
  signIn("mine", "s-9", R"({"uid": "bob"})", "nobody");
  EXPECT_EQ(get("mine", corp).status, 200);
  EXPECT_EQ(jit::test::parsed(get("none", corp).body).stringAt("code"), "JIT-1015");
}

}  // namespace
}  // namespace vestibule::http
