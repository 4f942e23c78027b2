#include "http/jit_api.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "contract/jit/jit_test.h"
#include "directory/tokens.h"

namespace vestibule::http {
namespace {

class JitApi : public jit::test::JitTest {
 protected:
  JitApi() {
    addJitRoutes(router_, context_, *providers_, {.origin = {.url = "https://id.example"}});
    token_ = token("gateway", "jit");
  }

  std::string token(const std::string& name, const std::string& scopes,
                    const std::vector<std::string>& domains = {}) {
    auto made = must(directory::createToken(
        context_, {name, scopes, domains.empty() ? std::nullopt : std::optional(domains), {}}));
    must(catalog_->refresh());
    return made.text;
  }

  Response post(const std::string& path, const std::string& body, const Headers& more = {}) {
    Request request;
    request.method = Method::kPost;
    request.path = path;
    request.body = body;
    request.headers.add("Content-Type", "application/json");
    if (!token_.empty()) request.headers.add("Authorization", "Bearer " + token_);
    for (const auto& [name, value] : more.fields()) request.headers.set(name, value);
    const auto match = router_.find(request.method, request.path);
    EXPECT_NE(match.route, nullptr);
    return match.route->handler(request);
  }
  static std::string body(const std::string& subject, const std::string& claims) {
    return R"({"identityProvider": "idp", "subject": ")" + subject + R"(", "claims": )" + claims +
           "}";
  }
  static json::Value read(const Response& response) { return jit::test::parsed(response.body); }

  Router router_;
  std::string token_;
};

TEST_F(JitApi, AnswersCreationWith201AndTheUser) {
  usual();
  group("CORP/writers");
  const auto response =
      post("/jit/v1/provision",
           body("s-1", R"({"uid": "bob", "title": "Łódź", "groups": ["writers", "absent"]})"));
  ASSERT_EQ(response.status, 201) << response.body;
  EXPECT_EQ(response.headers.first("Content-Type"), "application/json");
  EXPECT_EQ(response.headers.first("Cache-Control"), "no-store");
  const json::Value answer = read(response);
  EXPECT_EQ(answer.stringAt("outcome"), "created");
  EXPECT_EQ(answer.stringAt("domain"), "CORP");
  EXPECT_EQ(answer.stringAt("identityProvider"), "idp");
  EXPECT_EQ(answer.stringAt("subject"), "s-1");
  EXPECT_TRUE(answer.stringAt("correlationId"));
  EXPECT_EQ(json::write(*answer.find("groups")),
            R"({"granted":["writers"],"revoked":[],"ignored":["absent"],"created":[]})");
  const json::Value& user = *answer.find("user");
  EXPECT_EQ(user.stringAt("userName"), "bob");
  EXPECT_EQ(user.stringAt("title"), "Łódź");
  const std::string id(*user.stringAt("id"));
  EXPECT_EQ(user.find("meta")->stringAt("location"),
            "https://id.example/domains/CORP/scim/v2/Users/" + id);
  EXPECT_EQ(response.headers.first("Location"),
            "https://id.example/domains/CORP/scim/v2/Users/" + id);
  EXPECT_EQ((*user.find("groups")->array())[0].stringAt("display"), "writers");
}

TEST_F(JitApi, AnswersARepetitionWith200AndTheSameUser) {
  usual();
  const auto first = post("/jit/v1/provision", body("s-1", R"({"uid": "bob"})"));
  const auto second = post("/jit/v1/provision", body("s-1", R"({"uid": "bob"})"));
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(read(second).stringAt("outcome"), "unchanged");
  EXPECT_EQ(read(second).find("user")->stringAt("id"), read(first).find("user")->stringAt("id"));
  EXPECT_FALSE(second.headers.first("Location"));
}

TEST_F(JitApi, AnswersASkippedProvisionWithoutAUser) {
  settings(R"("enabled": true)");
  const auto response = post("/jit/v1/provision", body("s-1", R"({"uid": "bob"})"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(read(response).stringAt("outcome"), "skipped");
  EXPECT_EQ(read(response).find("user"), nullptr);
  EXPECT_EQ(read(response).find("domain"), nullptr);
}

TEST_F(JitApi, AnswersALinkWith200AndTheLocalUser) {
  jitSettings(
      R"("userstore": "CORP", "associateLocalUser": true, "accountLookupAttributeMappings": [
      {"federatedAttribute": "email", "localAttribute": "emails.value"}])");
  const auto bob = scimUser(R"("userName": "CORP/robert", "emails": [{"value": "bob@c.example"}])");
  const std::string asked =
      body("s-1", R"({"uid": "bob", "email": "bob@c.example", "email_verified": true})");
  const json::Value would = read(post("/jit/v1/explain", asked));
  EXPECT_EQ(would.stringAt("outcome"), "linked");
  EXPECT_EQ(would.find("user")->stringAt("id"), bob.text());
  const auto response = post("/jit/v1/provision", asked);
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(read(response).stringAt("outcome"), "linked");
  EXPECT_EQ(read(response).find("user")->stringAt("id"), bob.text());
  EXPECT_EQ(read(response).find("user")->stringAt("userName"), "robert");
}

TEST_F(JitApi, AnswersWhoMayNotComeInWithItsStatusAndCode) {
  jitSettings(R"("userstore": "CORP", "associateLocalUser": true, "protectedUsers": ["root"],
      "conditions": {"deny": [{"claim": "team", "equals": "leavers"}, {"claim": "a", "matches": "b"}]},
      "routing": [{"claim": "team", "equals": "guests", "userstore": "PRIMARY"}],
      "accountLookupAttributeMappings": [{"federatedAttribute": "n", "localAttribute": "externalId"}])");
  scimUser(R"("userName": "CORP/one", "externalId": "1")");
  scimUser(R"("userName": "CORP/two", "externalId": "1")");
  scimUser(R"("userName": "CORP/gone", "externalId": "2", "active": false)");
  struct Case {
    const char* claims;
    int status;
    const char* code;
  };
  const Case cases[] = {
      {R"({"uid": "x", "n": "1"})", 409, "JIT-1402"},
      {R"({"uid": "x", "n": "2"})", 403, "JIT-1403"},
      {R"({"uid": "root"})", 403, "JIT-1404"},
      {R"({"uid": "x", "team": "leavers"})", 403, "JIT-1408"},
      {R"({"uid": "x", "_claim_names": {"a": "src1"}})", 403, "JIT-1409"},
  };
  for (const Case& look : cases) {
    SCOPED_TRACE(look.claims);
    const auto response = post("/jit/v1/provision", body("s-1", look.claims));
    EXPECT_EQ(response.status, look.status);
    EXPECT_EQ(read(response).stringAt("code"), look.code);
    const json::Value explained = read(post("/jit/v1/explain", body("s-1", look.claims)));
    EXPECT_EQ(explained.find("problem")->stringAt("code"), look.code);
  }
  EXPECT_EQ(count("control.federated_identities"), 0U);
}

TEST_F(JitApi, AnswersRefusalsAsProblemsWithTheirCode) {
  jitSettings(R"("userstore": "CORP", "onFailure": "allow")");
  scimUser(R"("userName": "CORP/taken")");
  struct Case {
    const char* claims;
    int status;
    const char* code;
    const char* attribute;
  };
  const Case cases[] = {
      {R"({"uid": "taken"})", 409, "JIT-1203", "userName"},
      {R"({"uid": "not a name"})", 400, "JIT-1202", "userName"},
      {R"({"uid": "bob", "title": {"a": 1}})", 400, "JIT-1301", "title"},
  };
  for (const Case& look : cases) {
    SCOPED_TRACE(look.claims);
    Headers correlation;
    correlation.add("X-Correlation-Id", "gw-17.a_B");
    const auto response = post("/jit/v1/provision", body("s-1", look.claims), correlation);
    EXPECT_EQ(response.status, look.status);
    EXPECT_EQ(response.headers.first("Content-Type"), "application/problem+json");
    EXPECT_EQ(response.headers.first("X-Correlation-Id"), "gw-17.a_B");
    const json::Value problem = read(response);
    EXPECT_EQ(problem.stringAt("type"), "urn:problem-type:vestibule:" + std::string(look.code));
    EXPECT_EQ(problem.stringAt("code"), look.code);
    EXPECT_EQ(problem.find("status")->number()->asInt64(), look.status);
    EXPECT_EQ(problem.stringAt("attribute"), look.attribute);
    EXPECT_EQ(problem.stringAt("onFailure"), "allow");
    EXPECT_EQ(problem.stringAt("correlationId"), "gw-17.a_B");
    EXPECT_TRUE(problem.stringAt("title"));
    EXPECT_TRUE(problem.stringAt("detail"));
  }
}

TEST_F(JitApi, NamesTheDomainStatesByTheirOwnStatus) {
  usual();
  domainSettings("CORP", R"({"ReadOnly": true})");
  EXPECT_EQ(post("/jit/v1/provision", body("s-1", R"({"uid": "bob"})")).status, 403);
  domainSettings("CORP", R"({"ReadOnly": false, "Disabled": true})");
  const auto disabled = post("/jit/v1/provision", body("s-1", R"({"uid": "bob"})"));
  EXPECT_EQ(disabled.status, 403);
  EXPECT_EQ(read(disabled).stringAt("code"), "JIT-1103");
}

TEST_F(JitApi, RefusesBodiesThatAreNotExactlyARequest) {
  usual();
  struct Case {
    std::string body;
    int status;
    const char* code;
  };
  const Case cases[] = {
      {"", 400, "JIT-1000"},
      {"{", 400, "JIT-1000"},
      {"[]", 400, "JIT-1000"},
      {R"({"identityProvider":"idp","subject":"s","claims":{},"claims":{}})", 400, "JIT-1000"},
      {R"({"identityProvider":"idp","subject":"s","claims":{},"nonce":"n"})", 400, "JIT-1000"},
      {R"({"identityProvider":"idp","subject":"s\u0000","claims":{}})", 400, "JIT-1000"},
      {R"({"identityProvider":"idp","claims":{}})", 400, "JIT-1003"},
      {R"({"identityProvider":"idp","subject":"","claims":{}})", 400, "JIT-1003"},
      {R"({"identityProvider":"idp","subject":")" + std::string(256, 's') + R"(","claims":{}})",
       400, "JIT-1003"},
      {R"({"identityProvider":"idp","subject":"s","claims":{"a":)" + std::string(30, '[') +
           std::string(30, ']') + "}}",
       413, "JIT-1009"},
      {R"({"identityProvider":"idp","subject":"s","claims":{},"idToken":"x"})", 400, "JIT-1603"},
      {R"({"identityProvider":"idp","subject":"s","idToken":"x"})", 409, "JIT-1602"},
      {R"({"identityProvider":"nobody","subject":"s","claims":{}})", 404, "JIT-1001"},
  };
  for (const Case& look : cases) {
    SCOPED_TRACE(look.body.substr(0, 100));
    const auto response = post("/jit/v1/provision", look.body);
    EXPECT_EQ(response.status, look.status);
    EXPECT_EQ(read(response).stringAt("code"), look.code);
    EXPECT_EQ(read(response).stringAt("onFailure"), "refuse");
  }
  EXPECT_EQ(count("corp.users"), 0U);
}

TEST_F(JitApi, NeedsJson) {
  usual();
  Headers form;
  form.add("Content-Type", "application/x-www-form-urlencoded");
  form.add("X-Correlation-Id", "gw-18");
  const auto response = post("/jit/v1/provision", body("s-1", R"({"uid": "bob"})"), form);
  EXPECT_EQ(response.status, 415);
  EXPECT_EQ(read(response).stringAt("code"), "JIT-1008");
  EXPECT_EQ(read(response).find("status")->number()->asInt64(), 415);
  EXPECT_EQ(read(response).stringAt("onFailure"), "refuse");
  EXPECT_EQ(read(response).stringAt("correlationId"), "gw-18");
}

TEST_F(JitApi, NeedsTheScope) {
  usual();
  for (const char* path : {"/jit/v1/provision", "/jit/v1/explain"}) {
    token_.clear();
    const auto nobody = post(path, body("s-1", R"({"uid": "bob"})"));
    EXPECT_EQ(nobody.status, 401);
    EXPECT_EQ(read(nobody).stringAt("code"), "JIT-1006");
    EXPECT_EQ(read(nobody).stringAt("onFailure"), "refuse");
    EXPECT_TRUE(read(nobody).stringAt("correlationId"));
    EXPECT_TRUE(nobody.headers.first("WWW-Authenticate"));
    token_ = "vst_" + std::string(43, 'A');
    EXPECT_EQ(post(path, body("s-1", R"({"uid": "bob"})")).status, 401);
    token_ = token("other " + std::string(path).substr(8), "scim:read scim:write admin");
    const auto refused = post(path, body("s-1", R"({"uid": "bob"})"));
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(read(refused).stringAt("code"), "JIT-1007");
  }
  EXPECT_EQ(count("corp.users"), 0U);
}

TEST_F(JitApi, KeepsATokenToItsDomains) {
  usual();
  ASSERT_EQ(post("/jit/v1/provision", body("s-1", R"({"uid": "bob"})")).status, 201);
  token_ = token("bound", "jit", {"PRIMARY"});
  for (const char* subject : {"s-1", "s-2"}) {
    const auto response = post("/jit/v1/provision", body(subject, R"({"uid": "bob2"})"));
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(read(response).stringAt("code"), "JIT-1101");
  }
}

TEST_F(JitApi, MakesItsOwnCorrelationIdWhereTheGatewaysIsNotPlain) {
  usual();
  for (const std::string& sent :
       {std::string("a b"), std::string("x\r\ny"), std::string(65, 'a')}) {
    Headers correlation;
    correlation.add("X-Correlation-Id", sent);
    const auto response = post("/jit/v1/provision", body("s-1", R"({"uid": "bob"})"), correlation);
    EXPECT_EQ(response.headers.first("X-Correlation-Id")->size(), 16U);
  }
}

TEST_F(JitApi, ExplainsWithoutWriting) {
  usual();
  const auto before = footprint();
  const auto would = post("/jit/v1/explain", body("s-1", R"({"uid": "bob", "title": "Boss"})"));
  EXPECT_EQ(would.status, 200);
  const json::Value answer = read(would);
  EXPECT_EQ(answer.stringAt("outcome"), "created");
  EXPECT_EQ(answer.find("user")->stringAt("userName"), "bob");
  EXPECT_EQ(answer.find("user")->find("id"), nullptr);
  EXPECT_EQ((*answer.find("trace")->array())[0].stringAt("step"), "identityProvider");

  const auto refused = post("/jit/v1/explain", body("s-1", R"({"uid": "not a name"})"));
  EXPECT_EQ(refused.status, 200);
  EXPECT_EQ(read(refused).stringAt("outcome"), "refused");
  EXPECT_EQ(read(refused).find("problem")->stringAt("code"), "JIT-1202");
  EXPECT_EQ(read(refused).find("problem")->stringAt("onFailure"), "refuse");
  EXPECT_FALSE(read(refused).find("trace")->array()->empty());

  const auto unknown =
      post("/jit/v1/explain", R"({"identityProvider": "nobody", "subject": "s", "claims": {}})");
  EXPECT_EQ(unknown.status, 200);
  EXPECT_EQ(read(unknown).find("problem")->stringAt("code"), "JIT-1001");
  EXPECT_EQ(post("/jit/v1/explain", "{").status, 400);
  EXPECT_EQ(footprint(), before);
}

TEST_F(JitApi, ExplainsWhatAReadOfTheUserWouldShow) {
  // As the schemas of an operator may have it: an attribute that is returned on request only.
  auto files = scim::test::shippedSchemas();
  for (auto& file : files) {
    const auto at = file.content.find("\"nickName\"");
    if (at == std::string::npos) continue;
    const auto returned = file.content.find("\"default\"", at);
    file.content.replace(returned, 9, "\"request\"");
  }
  context_.registry = must(scim::Registry::load(files));
  context_.user_type = context_.registry->findResourceType("User");
  context_.group_type = context_.registry->findResourceType("Group");
  settings(std::string(R"("claims": {"userIdClaim": "uid", "mappings": [
      {"idpClaim": "nick", "attribute": "nickName"}, {"idpClaim": "title", "attribute": "title"}]}, )") +
           kSettings);
  const std::string login = body("s-1", R"({"uid": "bob", "nick": "Bobby", "title": "Boss"})");
  const json::Value would = read(post("/jit/v1/explain", login));
  ASSERT_EQ(would.stringAt("outcome"), "created");
  EXPECT_EQ(would.find("user")->stringAt("title"), "Boss");
  EXPECT_EQ(would.find("user")->find("nickName"), nullptr);
  const json::Value done = read(post("/jit/v1/provision", login));
  EXPECT_EQ(done.find("user")->find("nickName"), nullptr);
}

TEST_F(JitApi, NamesThePublicListenerByTheNameTheGatewayUses) {
  usual();
  Router router;
  addJitRoutes(
      router, context_, *providers_,
      {.origin = {"", [](const std::string& host) { return "http://<" + host + ">:8080"; }}});
  const std::pair<const char*, const char*> hosts[] = {
      {"id.corp.example:8081", "http://<id.corp.example>:8080"},
      {"10.0.0.7", "http://<10.0.0.7>:8080"},
      {"[fd00::7]:8081", "http://<fd00::7>:8080"},
      {"bad host", "http://<localhost>:8080"},
  };
  for (const auto& [host, origin] : hosts) {
    Request request;
    request.method = Method::kPost;
    request.path = "/jit/v1/provision";
    request.body = body("s-1", R"({"uid": "bob"})");
    request.headers.add("Content-Type", "application/json");
    request.headers.add("Authorization", "Bearer " + token_);
    request.headers.add("Host", host);
    const auto response = router.find(request.method, request.path).route->handler(request);
    const json::Value answer = read(response);
    const std::string location(*answer.find("user")->find("meta")->stringAt("location"));
    EXPECT_EQ(location.substr(0, location.find("/domains/")), origin);
  }
}

TEST_F(JitApi, LimitsTheBody) {
  for (const Route* route : router_.routes()) EXPECT_EQ(route->options.body_limit, kMaxJitBody);
}

}  // namespace
}  // namespace vestibule::http
