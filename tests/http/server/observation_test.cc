// A server as its operator sees it from outside: the log as machines read it, and `vestibule top`.

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "json/parse.h"
#include "support/processes.h"
#include "support/server_process.h"
#include "support/temporary_folder.h"

namespace vestibule::test {
namespace {

using Arguments = std::vector<std::string>;

constexpr const char* kJson = "Content-Type: application/json";
const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string kTraceParent = "traceparent: 00-" + kTrace + "-00f067aa0ba902b7-01";

class Observed : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = std::make_unique<TemporaryFolder>();
    server = std::make_unique<ServerProcess>(
        VESTIBULE_BINARY, folder->path() / "data",
        std::map<std::string, std::string>{{"VESTIBULE_LOG_FORMAT", "json"},
                                           {"VESTIBULE_LOG_LEVEL", "debug"},
                                           {"VESTIBULE_LOG_REQUESTS", "true"}});
    admin = server->token("admin", "admin");
    scim = server->token("scim", "scim:read scim:write");
    jit = server->token("jit", "jit");
    ASSERT_EQ(
        server
            ->internal("POST", "/admin/v1/identity-providers", admin,
                       R"({"name":"acme","claims":{"userIdClaim":"uid","mappings":[)"
                       R"({"idpClaim":"mail","attribute":"emails[type eq \"work\"].value"}]},)"
                       R"("jit":{"isEnabled":true,"userstore":"PRIMARY"}})",
                       {kJson})
            .status,
        201);
  }
  static void TearDownTestSuite() {
    server.reset();
    folder.reset();
  }

  /// Every line that has this correlation id so far.
  static std::vector<json::Value> linesOf(const std::string& correlation_id) {
    std::vector<json::Value> found;
    std::istringstream log(server->log());
    for (std::string line; std::getline(log, line);) {
      auto value = json::parse(line);
      EXPECT_TRUE(value && value->isObject()) << line;
      if (value && value->stringAt("correlation_id") == correlation_id) {
        found.push_back(*std::move(value));
      }
    }
    return found;
  }
  /// The line of the request with this id, once it is there.
  static json::Value answered(const std::string& correlation_id) {
    json::Value line;
    EXPECT_TRUE(eventually([&] {
      for (auto& one : linesOf(correlation_id)) {
        if (one.stringAt("event") == "request.answered") line = std::move(one);
      }
      return line.isObject();
    })) << server->log();
    return line;
  }

  static inline std::unique_ptr<TemporaryFolder> folder;
  static inline std::unique_ptr<ServerProcess> server;
  static inline std::string admin, scim, jit;
};

TEST_F(Observed, LogsEachRequestByIdsAlone) {
  const auto made = server->scim(
      "POST", "/scim/v2/Users", scim,
      R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"hidden-name"})",
      {"X-Correlation-Id: made-1", kTraceParent});
  ASSERT_EQ(made.status, 201);
  const auto line = answered("made-1");
  EXPECT_EQ(line.stringAt("method"), "POST");
  EXPECT_EQ(line.stringAt("route"), "/scim/v2/Users");
  EXPECT_EQ(line.stringAt("trace_id"), kTrace);
  EXPECT_EQ(line.stringAt("level"), "info");
  EXPECT_EQ(line.stringAt("token_id").value_or("").size(), 32U);
  EXPECT_EQ(line.find("status")->number()->asInt64(), 201);
  EXPECT_GT(line.find("microseconds")->number()->asInt64().value_or(0), 0);

  EXPECT_EQ(server
                ->scim("GET", "/scim/v2/Users?filter=userName%20eq%20%22hidden-name%22", "wrong",
                       "", {"X-Correlation-Id: wrong-1"})
                .status,
            401);
  EXPECT_EQ(answered("wrong-1").stringAt("token_id"), "-");
}

TEST_F(Observed, LogsNothingOfThePerson) {
  const auto login = [&](const std::string& claims, const std::string& id) {
    return server
        ->internal(
            "POST", "/jit/v1/provision", jit,
            R"({"identityProvider":"acme","subject":"hidden-subject","claims":)" + claims + "}",
            {kJson, "X-Correlation-Id: " + id, kTraceParent})
        .status;
  };
  EXPECT_EQ(login(R"({"uid":"hidden-person","mail":"hidden-person@mail.example"})", "login-1"),
            201);
  EXPECT_EQ(login(R"({"uid":"hidden-person","mail":"no address of hidden-person"})", "login-2"),
            200);
  const auto taken = server->internal(
      "POST", "/jit/v1/provision", jit,
      R"({"identityProvider":"acme","subject":"hidden-other","claims":{"uid":"hidden-person"}})",
      {kJson, "X-Correlation-Id: login-3", kTraceParent});
  EXPECT_EQ(taken.json().stringAt("code"), "JIT-1203");
  const auto unknown = server->internal(
      "POST", "/jit/v1/provision", jit,
      R"({"identityProvider":"hidden-text","subject":"hidden-other","claims":{}})", {kJson});
  EXPECT_NE(unknown.body.find("hidden-text"), std::string::npos) << "the gateway is told";
  answered("login-3");
  const auto lines = linesOf("login-3");
  ASSERT_GE(lines.size(), 2U);
  EXPECT_EQ(lines.front().stringAt("event"), "login.refused");
  EXPECT_EQ(lines.front().stringAt("code"), "JIT-1203");
  EXPECT_EQ(lines.front().stringAt("trace_id"), kTrace);
  const auto log = server->log();
  EXPECT_EQ(log.find("hidden-"), std::string::npos) << log.substr(log.find("hidden-"), 100);
  for (const auto& token : {admin, scim, jit}) EXPECT_EQ(log.find(token), std::string::npos);
}

TEST_F(Observed, TakesNoTraceFromHeadersThatAreNotValid) {
  int number = 0;
  for (const std::vector<std::string>& headers : std::vector<std::vector<std::string>>{
           {"traceparent: 00-" + std::string(32, '0') + "-00f067aa0ba902b7-01"},
           {"traceparent: ff-" + kTrace + "-00f067aa0ba902b7-01"},
           {"traceparent: " + kTrace},
           {kTraceParent, kTraceParent},
       }) {
    const std::string id = "trace-" + std::to_string(++number);
    auto lines = headers;
    lines.push_back("X-Correlation-Id: " + id);
    EXPECT_EQ(server->scim("GET", "/scim/v2/Users?count=0", scim, "", lines).status, 200);
    EXPECT_EQ(answered(id).stringAt("trace_id"), std::nullopt) << headers.front();
  }
}

TEST_F(Observed, IsShownByTop) {
  const auto token_file = folder->path() / "token";
  std::ofstream(token_file) << admin << '\n';
  const auto url = "http://127.0.0.1:" + std::to_string(server->internalPort());
  const Arguments arguments{"top",        "--url", url,     "--token-file", token_file.string(),
                            "--interval", "0.1",   "--once"};
  const auto shown = runCommand(VESTIBULE_BINARY, arguments, {});
  ASSERT_EQ(shown.status, 0) << shown.errors;
  for (const char* part : {"vestibule ", "requests/s", "sessions", "open prompts", "route"}) {
    EXPECT_NE(shown.output.find(part), std::string::npos) << shown.output;
  }
  EXPECT_EQ(shown.output.find('\x1b'), std::string::npos) << "no terminal, no sequences";

  auto as_json = arguments;
  as_json.push_back("--json");
  const auto printed = runCommand(VESTIBULE_BINARY, as_json, {});
  const auto picture = json::parse(printed.output);
  ASSERT_TRUE(picture) << printed.output << printed.errors;
  // The scrape itself is the least that happens in between.
  const auto& routes = *picture->find("routes")->array();
  EXPECT_TRUE(std::any_of(routes.begin(), routes.end(), [](const json::Value& route) {
    return route.stringAt("name") == "metrics" &&
           route.find("responsesPerSecond")->number()->asDouble().value_or(0) > 0;
  })) << printed.output;
  EXPECT_EQ(picture->find("listeners")->array()->size(), 2U);
}

TEST_F(Observed, IsNotShownWithoutATokenOrAnAnswer) {
  const auto url = "http://127.0.0.1:" + std::to_string(server->internalPort());
  struct Row {
    Arguments arguments;
    std::map<std::string, std::string> variables;
    int status;
    std::string says;
  };
  for (const auto& [arguments, variables, status, says] : std::vector<Row>{
           {{"top", "--url", url}, {}, 1, "a token of the scope admin is needed"},
           {{"top", "--url", url}, {{"VESTIBULE_TOKEN", scim}}, 1, "status 403"},
           {{"top", "--url", url}, {{"VESTIBULE_TOKEN", "wrong"}}, 1, "status 401"},
           {{"top", "--url", url, "--token-file", "/nonexistent"}, {}, 1, "no token in the file"},
           {{"top", "--url", "http://127.0.0.1:1"}, {{"VESTIBULE_TOKEN", "x"}}, 1, "not answer"},
           {{"top", "--url", "file:///etc/passwd"}, {{"VESTIBULE_TOKEN", "x"}}, 1, "not answer"},
           {{"top", "--interval", "0"}, {{"VESTIBULE_TOKEN", "x"}}, 2, "--interval"},
           {{"top", "--key", "k"}, {{"VESTIBULE_TOKEN", "x"}}, 2, "--certificate"},
       }) {
    const auto shown = runCommand(VESTIBULE_BINARY, arguments, variables);
    EXPECT_EQ(shown.status, status) << shown.errors;
    EXPECT_NE((shown.errors + shown.output).find(says), std::string::npos) << shown.errors;
    EXPECT_EQ(shown.errors.find(scim), std::string::npos);
  }
}

}  // namespace
}  // namespace vestibule::test
