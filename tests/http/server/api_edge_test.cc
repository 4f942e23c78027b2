// What a client sees at the edge of the APIs, over a started server: who may do what, what refusals
// look like, and what they must not tell.

#include <gtest/gtest.h>

#include "base/clock.h"
#include "json/write.h"
#include "support/private_database.h"
#include "support/processes.h"
#include "support/scim_schemas.h"
#include "support/served_routes.h"
#include "support/server_process.h"
#include "support/temporary_folder.h"

namespace vestibule::test {
namespace {

constexpr const char* kChallenge = "Bearer realm=\"vestibule\"";
constexpr const char* kUnknownId = "0b0e7c1e-0000-4000-8000-000000000000";

std::string challenge(const std::string& error) {
  return kChallenge + (", error=\"" + error + "\"");
}

std::string user(const std::string& name) {
  return R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":")" + name +
         R"("})";
}

class ApiEdge : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = std::make_unique<TemporaryFolder>();
    server = std::make_unique<ServerProcess>(VESTIBULE_BINARY, folder->path() / "data");
    ASSERT_EQ(server->command({"domain", "create", "CORP"}).status, 0);
    writer = server->token("writer", "scim:read scim:write");
    reader = server->token("reader", "scim:read");
    corp = server->token("corp", "scim:read scim:write", "CORP");
    jit = server->token("jit", "jit");
    admin = server->token("admin", "admin");
    const auto made = server->scim("POST", "/scim/v2/Users", writer, user("ada"));
    ASSERT_EQ(made.status, 201) << made.body;
    ada = made.json().stringAt("id").value_or("");
  }
  static void TearDownTestSuite() {
    server.reset();
    folder.reset();
  }

  /// Sends exactly these bytes on a connection of their own.
  static RawAnswer raw(const std::string& bytes) {
    RawClient client(server->publicPort());
    EXPECT_TRUE(client.send(bytes));
    return client.receive().value_or(RawAnswer{});
  }

  /// A list of users with these header lines, and none besides Host.
  static RawAnswer list(const std::string& headers) {
    return raw("GET /scim/v2/Users?count=1 HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n");
  }

  static inline std::unique_ptr<TemporaryFolder> folder;
  static inline std::unique_ptr<ServerProcess> server;
  static inline std::string writer, reader, corp, jit, admin;  // tokens
  static inline std::string ada;                               // the id of a user in PRIMARY
};

/// The path of a route with something for each of its segments.
std::string pathOf(const http::Route& route) {
  std::string path = route.pattern;
  for (const auto& name : route.parameter_names) {
    const auto at = path.find('{' + name + '}');
    path.replace(at, name.size() + 2, name == "domain" ? "PRIMARY" : "x");
  }
  return path;
}

bool needsNoToken(std::string_view path) {
  return path == "/healthz" || path == "/readyz" || path == "/events/v1/keys" ||
         path.ends_with("/ServiceProviderConfig");
}

/// The pages that people are asked on: who has a ticket may open its page, and their files are
/// everybody's.
bool isOpenedByATicket(std::string_view path) { return path.starts_with("/provision/"); }

/// To a proxy 401 says that its user has to sign in, so its own token is told of by another status.
bool isAskedByAProxy(std::string_view path) { return path == "/jit/v1/forward-auth"; }

TEST_F(ApiEdge, B3_EveryRouteNeedsAToken) {
  app::Config config;
  config.data_dir = folder->path() / "routes";
  config.database.tuning = quickTuning();
  prepareDataDir(config.data_dir);
  ServedRoutes routes(config);
  const auto outside = routes.outside();
  const auto inside = routes.inside();

  const auto check = [](const http::Router& router, std::uint16_t port, const std::string& type) {
    for (const auto* route : router.routes()) {
      const auto path = pathOf(*route);
      const auto method = http::methodName(route->method);
      SCOPED_TRACE(std::string(method) + " " + path);
      const bool has_body = method == "POST" || method == "PUT" || method == "PATCH";
      const auto answer = server->request(port, method, path, "", has_body ? "{}" : "");
      if (needsNoToken(path)) {
        EXPECT_EQ(answer.status, 200);
        continue;
      }
      if (isOpenedByATicket(path)) {
        EXPECT_TRUE(answer.status == 404 || answer.status == 400 || method == "OPTIONS")
            << answer.status;
        continue;
      }
      if (isAskedByAProxy(path)) {
        EXPECT_EQ(answer.status, 403);
        continue;
      }
      EXPECT_EQ(answer.status, 401);
      EXPECT_EQ(answer.header("WWW-Authenticate"), kChallenge);
      // Receivers of events are no SCIM clients, at whatever address.
      const bool polls = path.starts_with("/events/");
      EXPECT_EQ(answer.header("Content-Type"), polls ? "application/problem+json" : type);
    }
  };
  ASSERT_GT(outside.routes().size(), 30U);
  ASSERT_GT(inside.routes().size(), 50U);
  check(outside, server->publicPort(), "application/scim+json");
  check(inside, server->internalPort(), "application/problem+json");
}

TEST_F(ApiEdge, WhatIsInternalIsNotOnThePublicAddress) {
  for (const char* path : {"/metrics", "/admin/v1/domains", "/admin/v1/tokens",
                           "/admin/v1/identity-providers", "/jit/v1/provision"}) {
    EXPECT_EQ(server->scim("GET", path, admin).status, 404) << path;
    EXPECT_EQ(server->scim("POST", path, jit, "{}").status, 404) << path;
  }
  EXPECT_EQ(server->internal("GET", "/scim/v2/Users", writer).status, 404);
}

TEST_F(ApiEdge, B3_S19_CredentialsThatDoNotAuthenticate) {
  struct Row {
    std::string headers;
    std::string challenge;
  };
  const std::string good = "Authorization: Bearer " + reader + "\r\n";
  ASSERT_EQ(list(good).status, 200);
  for (const auto& [headers, expected] : std::vector<Row>{
           {"", kChallenge},
           {"Authorization:\r\n", kChallenge},
           {"Authorization: Bearer\r\n", kChallenge},
           {"Authorization: Bearer \r\n", kChallenge},
           {"Authorization: Basic YWRhOmFkYQ==\r\n", kChallenge},
           {"Authorization: " + reader + "\r\n", kChallenge},
           {"Authorization: Token " + reader + "\r\n", kChallenge},
           {"X-Authorization: Bearer " + reader + "\r\n", kChallenge},
           {good + good, challenge("invalid_request")},
           {good + "authorization: Bearer x\r\n", challenge("invalid_request")},
           {"Authorization: Bearer x\r\n", challenge("invalid_token")},
           {"Authorization: Bearer " + reader + "x\r\n", challenge("invalid_token")},
           {"Authorization: Bearer " + reader + ", " + reader + "\r\n", challenge("invalid_token")},
           {"Authorization: Bearer \"" + reader + "\"\r\n", challenge("invalid_token")},
           {"Authorization: Bearer " + std::string(5'000, 'x') + "\r\n",
            challenge("invalid_token")},
       }) {
    SCOPED_TRACE(headers);
    const auto answer = list(headers);
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.header("WWW-Authenticate"), expected);
    EXPECT_EQ(answer.body.find(reader), std::string::npos) << "a token is never repeated";
  }
  EXPECT_EQ(list("authorization: bearer " + reader + "\r\n").status, 200)
      << "names of fields and schemes have no case";
}

TEST_F(ApiEdge, ExpiredAndRevokedTokensAreToldApartFromUnknownOnesByNothing) {
  const auto unknown = list("Authorization: Bearer x\r\n");
  const auto expires = formatTimestamp(now() + 3'000'000);
  const auto made = server->command({"--json", "token", "create", "--name", "short", "--scope",
                                     "scim:read", "--expires", expires});
  ASSERT_EQ(made.status, 0) << made.errors;
  const auto shown = json::parse(made.output);
  ASSERT_TRUE(shown.has_value());
  const std::string brief(shown->stringAt("token").value_or(""));
  const auto revoked = server->token("revoked", "scim:read");
  ASSERT_EQ(server->command({"token", "revoke", "revoked"}).status, 0);
  for (const auto& token : {brief, revoked}) {
    RawAnswer answer;
    EXPECT_TRUE(eventually([&] {
      answer = list("Authorization: Bearer " + token + "\r\n");
      return answer.status == 401;
    }));
    EXPECT_EQ(answer.body, unknown.body);
    EXPECT_EQ(answer.header("WWW-Authenticate"), challenge("invalid_token"));
  }
}

TEST_F(ApiEdge, R1_AReadOnlyTokenWritesNothing) {
  for (const std::string base : {"/scim/v2", "/domains/PRIMARY/scim/v2"}) {
    for (const std::string type : {"/Users", "/Groups"}) {
      for (const auto& [method, path] :
           std::vector<std::pair<std::string, std::string>>{{"POST", type},
                                                            {"PUT", type + "/" + ada},
                                                            {"PATCH", type + "/" + ada},
                                                            {"DELETE", type + "/" + ada}}) {
        SCOPED_TRACE(method + " " + base + path);
        const auto body = method == "DELETE" ? "" : user("eve");
        const auto answer = server->scim(method, base + path, reader, body);
        EXPECT_EQ(answer.status, 403);
        EXPECT_EQ(answer.header("WWW-Authenticate"), challenge("insufficient_scope"));
      }
      EXPECT_EQ(server->scim("GET", base + type, reader).status, 200);
    }
  }
  EXPECT_EQ(server->scim("GET", "/scim/v2/Users/" + ada, reader).status, 200);
  EXPECT_NE(server->scim("GET", "/scim/v2/Users?filter=userName%20eq%20%22eve%22", reader)
                .body.find("\"totalResults\":0"),
            std::string::npos);
}

TEST_F(ApiEdge, AScopeIsGoodForNothingElse) {
  EXPECT_EQ(server->scim("GET", "/scim/v2/Users", jit).status, 403);
  EXPECT_EQ(server->scim("GET", "/scim/v2/Users", admin).status, 403);
  for (const auto& token : {writer, jit}) {
    EXPECT_EQ(server->internal("GET", "/metrics", token).status, 403);
    EXPECT_EQ(server->internal("GET", "/admin/v1/domains", token).status, 403);
  }
  for (const auto& token : {writer, admin}) {
    const auto answer = server->internal("POST", "/jit/v1/provision", token, "{}");
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.header("WWW-Authenticate"), challenge("insufficient_scope"));
  }
}

TEST_F(ApiEdge, B8_HeadIsGetWithoutTheBody) {
  for (const std::string& path : {"/scim/v2/Users/" + ada, std::string("/scim/v2/Users?count=1"),
                                  std::string("/scim/v2/ServiceProviderConfig"),
                                  "/scim/v2/Users/" + std::string(kUnknownId)}) {
    SCOPED_TRACE(path);
    const auto head = server->scim("HEAD", path, reader);
    const auto get = server->scim("GET", path, reader);
    EXPECT_EQ(head.status, get.status);
    EXPECT_EQ(head.body, "");
    for (const char* name : {"Content-Length", "Content-Type", "ETag", "Content-Location"}) {
      EXPECT_EQ(head.header(name), get.header(name)) << name;
    }
  }
}

TEST_F(ApiEdge, AHostileHostIsRefusedAndNeverRepeated) {
  for (const std::string host : {"evil.example/path", "evil\"quote", "<script>", "a@b", "a b",
                                 "evil.example:1x", "evil.example\\", "[::1", "%41"}) {
    SCOPED_TRACE(host);
    const auto answer = raw("GET /scim/v2/Users/" + ada + " HTTP/1.1\r\nHost: " + host +
                            "\r\nAuthorization: Bearer " + reader + "\r\n\r\n");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body.find(host), std::string::npos);
    EXPECT_EQ(answer.header("Content-Type"), "application/scim+json");
  }
}

TEST_F(ApiEdge, AnOverriddenMethodIsStillTheMethodOnTheWire) {
  for (const char* name : {"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"}) {
    const auto header = std::string(name) + ": DELETE";
    EXPECT_EQ(server->scim("GET", "/scim/v2/Users/" + ada, writer, "", {header}).status, 200);
    EXPECT_EQ(server->scim("POST", "/scim/v2/Users/" + ada, writer, "{}", {header}).status, 405);
  }
  EXPECT_EQ(server->scim("GET", "/scim/v2/Users/" + ada + "?_method=DELETE", writer).status, 200);
  EXPECT_EQ(server->scim("GET", "/scim/v2/Users/" + ada, writer).status, 200);
}

TEST_F(ApiEdge, B2_AnEncodedBodyIsRefused) {
  for (const char* coding : {"gzip", "br", "deflate, gzip", "identity, gzip", ""}) {
    SCOPED_TRACE(coding);
    const auto header = "Content-Encoding: " + std::string(coding);
    EXPECT_EQ(server->scim("POST", "/scim/v2/Users", writer, user("zip"), {header}).status, 415);
    EXPECT_EQ(server->scim("PATCH", "/scim/v2/Users/" + ada, writer, user("zip"), {header}).status,
              415);
    EXPECT_EQ(server->internal("POST", "/jit/v1/provision", jit, "{}", {header}).status, 415);
    EXPECT_EQ(server
                  ->internal("POST", "/admin/v1/domains", admin, "{}",
                             {header, "Content-Type: application/json"})
                  .status,
              415);
    EXPECT_EQ(server
                  ->internal("PATCH", "/admin/v1/domains/CORP", admin, "{}",
                             {header, "Content-Type: application/merge-patch+json"})
                  .status,
              415);
  }
  EXPECT_EQ(
      server->scim("POST", "/scim/v2/Users", writer, user("plain"), {"Content-Encoding: Identity"})
          .status,
      201);
}

TEST_F(ApiEdge, R1_WhatATokenMayNotSeeIsAsIfItWereNotThere) {
  const auto bodyWithoutIds = [](const Answer& answer, const std::string& id) {
    std::string body = answer.body;
    for (auto at = body.find(id); at != std::string::npos; at = body.find(id)) {
      body.replace(at, id.size(), "ID");
    }
    return body;
  };
  const std::string patch = R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],)"
                            R"("Operations":[{"op":"replace","path":"externalId","value":"x"}]})";
  const std::string group =
      R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"hidden"})";
  const auto made = server->scim("POST", "/scim/v2/Groups", writer, group);
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string group_id(made.json().stringAt("id").value_or(""));
  for (const auto& [type, id, whole] :
       {std::tuple{"Users/", ada, user("ada")}, std::tuple{"Groups/", group_id, group}}) {
    for (const std::string base : {"/scim/v2/", "/domains/CORP/scim/v2/"}) {
      for (const auto& [method, body] : std::vector<std::pair<std::string, std::string>>{
               {"GET", ""}, {"PUT", whole}, {"PATCH", patch}, {"DELETE", ""}}) {
        SCOPED_TRACE(method + " " + base + type);
        const auto hidden = server->scim(method, base + type + id, corp, body);
        const auto missing = server->scim(method, base + type + kUnknownId, corp, body);
        EXPECT_EQ(hidden.status, 404);
        EXPECT_EQ(missing.status, 404);
        EXPECT_EQ(bodyWithoutIds(hidden, id), bodyWithoutIds(missing, kUnknownId));
      }
    }
  }
  const auto hidden = server->scim("GET", "/domains/PRIMARY/scim/v2/Users", corp);
  const auto missing = server->scim("GET", "/domains/NOWHERE/scim/v2/Users", corp);
  EXPECT_EQ(hidden.status, 404);
  EXPECT_EQ(bodyWithoutIds(hidden, "PRIMARY"), bodyWithoutIds(missing, "NOWHERE"));
  EXPECT_EQ(server->scim("GET", "/scim/v2/Users/" + ada, writer).status, 200);
}

TEST_F(ApiEdge, T6_NoConditionTellsOfAResourceThatIsNotSeen) {
  const auto seen = server->scim("GET", "/scim/v2/Users/" + ada, writer);
  const auto tag = seen.header("ETag").value_or("");
  ASSERT_FALSE(tag.empty());
  for (const std::string& condition :
       {"If-None-Match: " + tag, std::string("If-None-Match: *"), "If-Match: " + tag,
        std::string("If-Match: *"), std::string("If-Match: W/\"99\"")}) {
    for (const char* method : {"GET", "DELETE"}) {
      SCOPED_TRACE(method + (" " + condition));
      const auto hidden = server->scim(method, "/scim/v2/Users/" + ada, corp, "", {condition});
      EXPECT_EQ(hidden.status, 404);
      EXPECT_EQ(hidden.header("ETag"), std::nullopt);
    }
  }
}

TEST_F(ApiEdge, T3_T6_ListsAndTheirTotalsAreOfTheTokensDomains) {
  const auto made = server->scim("POST", "/scim/v2/Users", corp, user("CORP/lovelace"));
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string lovelace(made.json().stringAt("id").value_or(""));
  const std::string ids = "(id eq \"" + ada + "\" or id eq \"" + lovelace + "\")";
  for (const std::string& filter :
       {ids, "not (id ne \"" + ada + "\") or id eq \"" + lovelace + "\"",
        ids + " and not (userName eq \"nobody\")",
        std::string("userName co \"a\" and (userName ew \"ada\" or userName ew \"lovelace\")")}) {
    SCOPED_TRACE(filter);
    json::Object search;
    search.set("schemas", json::Array{"urn:ietf:params:scim:api:messages:2.0:SearchRequest"});
    search.set("filter", filter);
    const auto body = json::write(search);
    const auto found = [&](const std::string& token) {
      const auto answer = server->scim("POST", "/scim/v2/Users/.search", token, body);
      EXPECT_EQ(answer.status, 200) << answer.body;
      return answer.body;
    };
    EXPECT_NE(found(writer).find("\"totalResults\":2,"), std::string::npos);
    const auto bound = found(corp);
    EXPECT_NE(bound.find("\"totalResults\":1,"), std::string::npos) << bound;
    EXPECT_EQ(bound.find(ada), std::string::npos) << bound;
  }
  EXPECT_EQ(server->scim("DELETE", "/scim/v2/Users/" + lovelace, corp).status, 204);
}

TEST_F(ApiEdge, WhatCouldBeReadInTwoWaysIsRefused) {
  struct Case {
    const char* target;
    const char* says;
  };
  const Case cases[] = {
      {"/scim/v2/Users?count=1&count=2", "count is given more than once"},
      {"/scim/v2/Users?count=1&Count=1", "count is given more than once"},
      {"/scim/v2/Groups?startIndex=1&startIndex=2", "startIndex is given more than once"},
      {"/scim/v2/Users?filter=userName%20pr&filter=id%20pr", "filter is given more than once"},
      {"/scim/v2/Users?sortBy=id&sortBy=userName", "sortBy is given more than once"},
      {"/scim/v2/Users?sortOrder=ascending&sortOrder=descending", "sortOrder is given more"},
      {"/scim/v2/Users?cursor=&cursor=", "cursor is given more than once"},
      {"/scim/v2?count=1&count=2", "count is given more than once"},
      {"/scim/v2/Users?domain=CORP&domain=PRIMARY", "domain is given more than once"},
      {"/domains/CORP/scim/v2/Users?domain=PRIMARY", "another domain"},
      {"/domains/CORP/scim/v2/Groups?domain=NOPE", "another domain"},
      {"/domains/CORP/scim/v2?domain=PRIMARY", "another domain"},
  };
  for (const auto& look : cases) {
    const auto answer = server->scim("GET", look.target, reader);
    EXPECT_EQ(answer.status, 400) << look.target << ' ' << answer.body;
    EXPECT_EQ(answer.json().stringAt("scimType"), "invalidValue") << look.target;
    EXPECT_NE(answer.body.find(look.says), std::string::npos) << look.target << answer.body;
  }
  const auto searched = server->scim(
      "POST", "/domains/CORP/scim/v2/Users/.search", reader,
      R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"domain":"PRIMARY"})");
  EXPECT_EQ(searched.status, 400) << searched.body;

  EXPECT_EQ(server->scim("GET", "/domains/CORP/scim/v2/Users?domain=corp", reader).status, 200);
  EXPECT_EQ(server->scim("GET", "/scim/v2/Users?attributes=id&attributes=userName", reader).status,
            200);
  const auto two_types =
      server->scim("POST", "/scim/v2/Users", writer, user("twice"),
                   {"Content-Type: application/json", "Content-Type: text/plain"});
  EXPECT_EQ(two_types.status, 415) << two_types.body;
}

TEST_F(ApiEdge, ANameWithoutItsDomainIsOneOfPrimary) {
  const auto made = server->scim("POST", "/scim/v2/Users", corp, user("carol"));
  EXPECT_EQ(made.status, 400);
  EXPECT_NE(made.body.find("a name without DOMAIN/ in front is one of PRIMARY"), std::string::npos)
      << made.body;
}

TEST_F(ApiEdge, ATakenNameIsNoMatterForTheLog) {
  EXPECT_EQ(server->scim("POST", "/scim/v2/Users", writer, user("ada")).status, 409);
  EXPECT_EQ(server->log().find("user_user_name"), std::string::npos) << server->log();
}

TEST_F(ApiEdge, R2_ErrorsTellNothingOfWhatIsInside) {
  const std::string deep = std::string(2'000, '[') + std::string(2'000, ']');
  const std::string quote = "x' OR '1'='1'; DROP TABLE users; --";
  std::vector<Answer> answers;
  const auto add = [&](Answer answer) { answers.push_back(std::move(answer)); };
  for (const std::string id :
       {"x", "'", "%27%20OR%201%3D1", "..%2F..%2Fetc", "%00", kUnknownId,
        "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"}) {
    for (const char* method : {"GET", "DELETE"}) {
      add(server->scim(method, "/scim/v2/Users/" + id, writer));
      add(server->scim(method, "/scim/v2/Groups/" + id, writer));
    }
  }
  for (const auto& filter :
       {quote, "userName eq \"" + std::string(3'000, 'x') + "\" or", std::string("userName eq"),
        std::string("password eq \"x\""), std::string("nosuch eq 1"), std::string(500, '('),
        std::string("emails[type eq \"work\""), std::string("meta.created gt \"yesterday\"")}) {
    add(server->scim("GET", "/scim/v2/Users?filter=" + percentEncode(filter), reader));
  }
  for (const char* query :
       {"count=abc", "startIndex=9223372036854775808", "domain=%27", "excludedAttributes=id%00"}) {
    add(server->scim("GET", "/scim/v2/Users?" + std::string(query), reader));
  }
  for (const auto& body :
       {std::string("{"), std::string("[]"), std::string("null"), deep,
        user(std::string(9'000, 'u')), user("a\\u0000b"), user("NOWHERE/ada"), user(""),
        user("ada"), std::string("{\"a\":1e999999}"),
        std::string(R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":7})"),
        std::string(R"({"schemas":["urn:nosuch"],"userName":"b"})")}) {
    add(server->scim("POST", "/scim/v2/Users", writer, body));
    add(server->scim("PUT", "/scim/v2/Users/" + std::string(kUnknownId), writer, body));
    add(server->scim("PATCH", "/scim/v2/Users/" + ada, writer, body));
    add(server->internal("POST", "/jit/v1/provision", jit, body));
    add(server->internal("POST", "/admin/v1/domains", admin, body));
    add(server->internal("PUT", "/admin/v1/identity-providers/x", admin, body));
  }
  add(server->scim(
      "POST", "/scim/v2/Groups", writer,
      R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"g",)"
      R"("members":[{"value":"x' --"}]})"));
  add(server->scim("GET", "/domains/" + percentEncode("x'; DROP") + "/scim/v2/Users", reader));
  add(server->scim("GET", "/nowhere", reader));
  add(server->scim("PUT", "/scim/v2/Users", writer, "{}"));
  ASSERT_GT(answers.size(), 80U);
  const std::string data = folder->path().string();
  for (const auto& answer : answers) {
    SCOPED_TRACE(std::to_string(answer.status) + " " + answer.body.substr(0, 300));
    EXPECT_GE(answer.status, 400);
    EXPECT_LT(answer.status, 500);
    const auto body = answer.json();
    EXPECT_TRUE(body.isObject()) << "an error is a document";
    for (const std::string secret : {"SELECT", "INSERT", "UPDATE ", "WHERE", "mysql", "MySQL",
                                     "MariaDB", "mariadb", "SQLSTATE", "soci", "vestibule_", ".cc",
                                     "std::", "/tmp", "/usr", "/home", "/src", data.c_str()}) {
      EXPECT_EQ(answer.body.find(secret), std::string::npos) << secret;
    }
  }
}

/// The value of a metric, or -1.
long metric(const ServerProcess& server, const std::string& admin, const std::string& name) {
  const auto body = server.internal("GET", "/metrics", admin).body;
  const auto at = body.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::stol(body.substr(at + 2 + name.size(), 20));
}

TEST(FullAddress, TurnsClientsAwayInItsOwnWordsAndLeavesTheOtherAlone) {
  constexpr std::size_t kCap = 8;
  const TemporaryFolder folder;
  const ServerProcess server(VESTIBULE_BINARY, folder.path() / "data",
                             {{"VESTIBULE_SERVER_MAX_CONNECTIONS", std::to_string(kCap)}});
  const auto admin = server.token("admin", "admin");
  const auto connections = [&](const std::string& listener) {
    return metric(server, admin, "vestibule_connections{listener=\"" + listener + "\"}");
  };
  ASSERT_TRUE(eventually([&] { return connections("public") == 0; }));
  std::vector<RawClient> clients;
  for (std::size_t i = 0; i < kCap; ++i) clients.emplace_back(server.publicPort());
  ASSERT_TRUE(eventually([&] { return connections("public") == kCap; }));
  RawClient beyond(server.publicPort());
  const auto refused = beyond.receive();
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->status, 503);
  EXPECT_TRUE(refused->header("Retry-After").has_value());
  EXPECT_EQ(refused->header("Content-Type"), "application/scim+json");
  EXPECT_NE(refused->body.find("urn:ietf:params:scim:api:messages:2.0:Error"), std::string::npos);
  EXPECT_EQ(server.internal("GET", "/healthz", "").status, 200);
  EXPECT_EQ(server.internal("GET", "/readyz", "").status, 200);

  for (std::size_t i = 0; i < kCap; ++i) clients.emplace_back(server.internalPort());
  std::optional<RawAnswer> problem;
  EXPECT_TRUE(eventually([&] {
    RawClient client(server.internalPort());
    problem = client.receive(false, std::chrono::milliseconds(50));
    return problem.has_value();
  }));
  EXPECT_EQ(problem->status, 503);
  EXPECT_EQ(problem->header("Content-Type"), "application/problem+json");
}

}  // namespace
}  // namespace vestibule::test
