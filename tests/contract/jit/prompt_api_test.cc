// Prompts over the three doors they have: the gateway's request, the person's ticket, the gateway's
// question what came of it.

#include "http/prompt_api.h"

#include <gtest/gtest.h>

#include <string>

#include "contract/jit/jit_test.h"
#include "directory/tokens.h"
#include "http/jit_api.h"
#include "http/jit_prompts.h"

namespace vestibule::http {
namespace {

constexpr const char* kAnswer = R"({"userName": "zoe.nunez", "password": "correct-horse",
    "consents": [{"purpose": "DEFAULT", "version": 1, "agreed": [""]}], "language": "en"})";

class PromptApi : public jit::test::JitTest {
 protected:
  PromptApi() {
    const PublicOrigin origin{.url = "https://id.example"};
    addJitRoutes(router_, context_, *providers_, {.origin = origin});
    addPromptStateRoute(router_, context_, *providers_, origin);
    addPromptRoutes(router_, context_, *providers_, themes_, origin.url);
    token_ = must(directory::createToken(context_, {"gateway", "jit", std::nullopt, {}})).text;
    must(catalog_->refresh());
    prompting();
  }

  void prompting(const std::string& prompt = {}) {
    jitSettings(R"("userstore": "CORP", "scheme": "PROMPT_USERNAME_PASSWORD_CONSENT",
        "prompt": {"returnOrigins": ["https://gateway.example"])" +
                prompt + "}");
  }

  Response send(Method method, const std::string& path, const std::string& body = {},
                const Headers& more = {}) {
    Request request;
    request.method = method;
    request.path = path;
    request.body = body;
    if (method == Method::kPost) request.headers.add("Content-Type", "application/json");
    for (const auto& [name, value] : more.fields()) request.headers.set(name, value);
    const auto match = router_.find(method, path);
    EXPECT_NE(match.route, nullptr) << path;
    request.parameters = match.parameters;
    return match.route->handler(request);
  }
  Response asGateway(Method method, const std::string& path, const std::string& body = {},
                     const std::string& key = {}) {
    Headers headers;
    headers.add("Authorization", "Bearer " + token_);
    if (!key.empty()) headers.add("Idempotency-Key", key);
    return send(method, path, body, headers);
  }
  Response provisionOf(const std::string& subject, const std::string& key = {}) {
    return asGateway(Method::kPost, "/jit/v1/provision",
                     R"({"identityProvider": "idp", "subject": ")" + subject +
                         R"(", "claims": {"uid": "zoe", "title": "Dr"},
        "returnUrl": "https://gateway.example/back"})",
                     key);
  }

  /// A prompt that was opened: the path of its page and of its state.
  struct Opened {
    std::string page, state;
  };
  Opened open(const std::string& subject = "s-1") {
    const auto response = provisionOf(subject);
    EXPECT_EQ(response.status, 200) << response.body;
    const json::Value answer = read(response);
    const json::Value* prompt = answer.find("prompt");
    if (prompt == nullptr) throw std::runtime_error(response.body);
    const std::string url(*prompt->stringAt("url"));
    constexpr std::string_view kOrigin = "https://id.example";
    EXPECT_TRUE(url.starts_with(kOrigin)) << url;
    return {url.substr(kOrigin.size()), std::string(*prompt->stringAt("state"))};
  }
  static json::Value read(const Response& response) { return jit::test::parsed(response.body); }

  Router router_;
  PromptThemes themes_{VESTIBULE_SOURCE_DIR "/web/prompt", ""};
  std::string token_;
};

TEST_F(PromptApi, LeadsFromTheLoginToTheUserAndBack) {
  const auto response = provisionOf("s-1");
  ASSERT_EQ(response.status, 200) << response.body;
  const json::Value asked = read(response);
  EXPECT_EQ(asked.stringAt("outcome"), "prompt");
  EXPECT_EQ(asked.stringAt("domain"), "CORP");
  EXPECT_EQ(asked.find("user"), nullptr);

  const auto [page, state] = open("s-2");
  const auto form = send(Method::kGet, page);
  ASSERT_EQ(form.status, 200) << form.body;
  EXPECT_EQ(form.headers.first("Cache-Control"), "no-store");
  const json::Value shown = read(form);
  EXPECT_EQ(shown.stringAt("state"), "open");
  EXPECT_EQ(shown.find("userName")->stringAt("proposed"), "zoe");
  EXPECT_NE(shown.find("password"), nullptr);
  EXPECT_EQ(json::write(*shown.find("claims")), R"([{"attribute":"title","value":"Dr"}])");
  EXPECT_EQ(shown.find("purposes")->array()->front().stringAt("purpose"), "DEFAULT");
  EXPECT_EQ(read(asGateway(Method::kGet, state)).stringAt("state"), "open");

  const auto name = send(Method::kPost, page + "/user-name", R"({"userName": "zoe.nunez"})");
  EXPECT_EQ(name.body, R"({"available":true})");
  const auto done = send(Method::kPost, page, kAnswer);
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(read(done).stringAt("outcome"), "created");
  const std::string id = state.substr(state.rfind('/') + 1);
  EXPECT_EQ(read(done).stringAt("returnUrl"), "https://gateway.example/back?vestibulePrompt=" + id);

  const json::Value outcome = read(asGateway(Method::kGet, state));
  EXPECT_EQ(outcome.stringAt("state"), "answered");
  EXPECT_EQ(outcome.stringAt("outcome"), "created");
  EXPECT_EQ(outcome.stringAt("subject"), "s-2");
  EXPECT_EQ(outcome.find("user")->stringAt("userName"), "zoe.nunez");
  EXPECT_EQ(read(provisionOf("s-2")).stringAt("outcome"), "unchanged");
  const json::Value again = read(send(Method::kGet, page));
  EXPECT_EQ(again.stringAt("state"), "answered");
  EXPECT_EQ(again.find("userName"), nullptr);
}

TEST_F(PromptApi, TellsWhatIsWrongWithAStatusAndACode) {
  const auto [page, state] = open();
  scimUser(R"("userName": "CORP/bob")");
  struct Case {
    const char* body;
    int status;
    const char* code;
  };
  const Case cases[] = {
      {"", 400, "JIT-1000"},
      {"[]", 400, "JIT-1000"},
      {"{\"userName\": 7}", 400, "JIT-1000"},
      {R"({"username": "x"})", 400, "JIT-1000"},
      {R"({"attributes": {"title": 7}})", 400, "JIT-1000"},
      {R"({"consents": [{"purpose": "DEFAULT"}]})", 400, "JIT-1000"},
      {R"({"consents": [{"purpose": "DEFAULT", "version": 0, "agreed": []}]})", 400, "JIT-1000"},
      {R"({"consents": [{"purpose": "DEFAULT", "version": 1, "agreed": "all"}]})", 400, "JIT-1000"},
      {R"({"consents": [{"purpose": "A", "version": 1}, {"purpose": "A", "version": 1}]})", 400,
       "JIT-1000"},
      {R"({"decline": "yes"})", 400, "JIT-1000"},
      {R"({"decline": true, "userName": "x"})", 400, "JIT-1000"},
      {R"({})", 400, "JIT-1412"},
      {R"({"userName": "bob", "password": "correct-horse"})", 400, "JIT-1412"},
  };
  for (const Case& look : cases) {
    const auto response = send(Method::kPost, page, look.body);
    EXPECT_EQ(response.status, look.status) << look.body;
    EXPECT_EQ(response.headers.first("Content-Type"), "application/problem+json");
    EXPECT_EQ(read(response).stringAt("code"), look.code) << look.body << response.body;
  }
  const auto taken = send(Method::kPost, page, R"({"userName": "bob", "password": "abc"})");
  EXPECT_EQ(json::write(read(taken).find("problems")->array()->front()),
            R"({"field":"userName","reason":"taken","detail":"another user has this name"})");
  const auto name = send(Method::kPost, page + "/user-name", R"({"userName": "bob"})");
  EXPECT_EQ(read(name).boolAt("available"), false);
  EXPECT_EQ(read(name).stringAt("suggestion"), "bob-2");
  EXPECT_EQ(send(Method::kPost, page + "/user-name", R"({"name": "bob"})").status, 400);
  Headers xml;
  xml.add("Content-Type", "application/xml");
  EXPECT_EQ(send(Method::kPost, page, "<x/>", xml).status, 415);
  EXPECT_EQ(send(Method::kPost, page + "/user-name", "userName=x", xml).status, 415);
  EXPECT_EQ(send(Method::kGet, "/provision/nobody-has-this").status, 404);
  EXPECT_EQ(count("corp.users"), 1);

  EXPECT_EQ(send(Method::kPost, page, R"({"decline": true})").status, 200);
  const auto late = send(Method::kPost, page, kAnswer);
  EXPECT_EQ(late.status, 410);
  EXPECT_EQ(read(late).stringAt("code"), "JIT-1017");
  const json::Value outcome = read(asGateway(Method::kGet, state));
  EXPECT_EQ(outcome.stringAt("state"), "declined");
  EXPECT_EQ(outcome.stringAt("outcome"), "refused");
  EXPECT_EQ(outcome.find("problem")->stringAt("code"), "JIT-1410");
}

TEST_F(PromptApi, IsReadByThePageThatTheSettingsNameAndByNoOther) {
  prompting(R"(, "pageUrl": "https://pages.example/join?lang=de")");
  const auto response = provisionOf("s-1");
  const std::string url(*read(response).find("prompt")->stringAt("url"));
  constexpr std::string_view kPage = "https://pages.example/join?lang=de&ticket=";
  ASSERT_TRUE(url.starts_with(kPage)) << url;
  const std::string path = "/provision/" + url.substr(kPage.size());
  for (const auto& [origin, allowed] :
       {std::pair("https://pages.example", true), std::pair("https://evil.example", false),
        std::pair("null", false)}) {
    SCOPED_TRACE(origin);
    Headers headers;
    headers.add("Origin", origin);
    const auto got = send(Method::kGet, path, {}, headers);
    EXPECT_EQ(got.headers.first("Access-Control-Allow-Origin").has_value(), allowed);
    headers.add("Access-Control-Request-Method", "POST");
    const auto preflight = send(Method::kOptions, path, {}, headers);
    EXPECT_EQ(preflight.status, 204);
    EXPECT_EQ(preflight.headers.first("Access-Control-Allow-Headers").has_value(), allowed);
    EXPECT_EQ(send(Method::kPost, path, "{}", headers)
                  .headers.first("Access-Control-Allow-Origin")
                  .has_value(),
              allowed);
  }
}

TEST_F(PromptApi, GivesARepeatedLoginAPromptOfItsOwn) {
  const auto first = provisionOf("s-1", "key-1");
  const auto second = provisionOf("s-1", "key-1");
  ASSERT_EQ(second.status, 200) << second.body;
  EXPECT_EQ(read(first).stringAt("outcome"), "prompt");
  EXPECT_EQ(read(second).stringAt("outcome"), "prompt");
  EXPECT_NE(read(first).find("prompt")->stringAt("url"),
            read(second).find("prompt")->stringAt("url"));
  EXPECT_EQ(count("control.operations"), 0);
  EXPECT_EQ(onlooker_.rows("SELECT DISTINCT return_url FROM " + table("control.prompts")),
            std::vector<std::string>{"https://gateway.example/back"});
}

TEST_F(PromptApi, SendsNobodyElsewhereUnderAKeyEither) {
  const auto response =
      asGateway(Method::kPost, "/jit/v1/provision",
                R"({"identityProvider": "idp", "subject": "s-1", "claims": {"uid": "zoe"}, )"
                R"("returnUrl": "https://evil.example/back"})",
                "key-1");
  EXPECT_EQ(read(response).stringAt("code"), "JIT-1019") << response.body;
  EXPECT_EQ(count("control.prompts"), 0);
}

TEST_F(PromptApi, ExplainShowsTheFormAndTheStateNeedsATokenOfItsOwn) {
  const auto explained =
      asGateway(Method::kPost, "/jit/v1/explain",
                R"({"identityProvider": "idp", "subject": "s-1", "claims": {}})");
  const json::Value answer = read(explained);
  EXPECT_EQ(answer.stringAt("outcome"), "prompt");
  EXPECT_NE(answer.find("prompt")->find("password"), nullptr);
  EXPECT_EQ(answer.find("prompt")->find("url"), nullptr);
  EXPECT_EQ(count("control.prompts"), 0);
  const auto [page, state] = open();
  EXPECT_EQ(send(Method::kGet, state).status, 401);
  EXPECT_EQ(asGateway(Method::kGet, "/jit/v1/prompts/" + std::string(32, '0')).status, 404);
}

}  // namespace
}  // namespace vestibule::http
