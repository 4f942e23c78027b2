// What RFC 7644 says of every request: media types, versions, discovery, what is not offered, and
// which error has which status and scimType.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/scim/own_domain.h"

namespace vestibule::test {
namespace {

using Protocol = OwnDomain;

constexpr const char* kErrorSchema = "urn:ietf:params:scim:api:messages:2.0:Error";

/// An Error message with the status as a text (RFC 7644 §3.12).
void expectErrorBody(const Answer& answer, int status) {
  EXPECT_EQ(answer.status, status) << answer.body;
  EXPECT_EQ(answer.header("Content-Type"), "application/scim+json");
  const json::Value body = answer.json();
  ASSERT_NE(body.find("schemas"), nullptr) << answer.body;
  EXPECT_EQ(*body.find("schemas"), json::Value(json::Array{kErrorSchema}));
  EXPECT_EQ(body.stringAt("status"), std::to_string(status));
  EXPECT_FALSE(body.stringAt("detail").value_or("").empty());
}

std::string searchRequest(const std::string& members) {
  return R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],)" + members + "}";
}

TEST_F(Protocol, B1_AnotherVersionIsInvalidVers) {
  for (const std::string path :
       {"/scim/v1/Users", "/scim/v3/Users", "/scim/v1", "/domains/CORP/scim/v1/Groups/7"}) {
    for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
      SCOPED_TRACE(std::string(method) + " " + path);
      const Answer answer = server().request(method, path, *method == 'P' ? "{}" : "");
      expectErrorBody(answer, 400);
      expectError(answer, 400, "invalidVers");
    }
    EXPECT_EQ(server().process().scim("GET", path, "").status, 400) << "with no token, too";
  }
  expectError(server().request("GET", "/scim/v2/Nope"), 404, "");
  expectError(server().request("GET", "/scim/Users"), 404, "");
}

TEST_F(Protocol, B2_BodiesAreJsonInUtf8) {
  struct Case {
    const char* type;
    int status;
  };
  const Case cases[] = {
      {"application/scim+json", 201},
      {"application/json", 201},
      {"APPLICATION/SCIM+JSON", 201},
      {"application/scim+json; charset=utf-8", 201},
      {"application/json;charset=\"UTF-8\"", 201},
      {"application/json; profile=x", 201},
      {"application/scim+json; charset=iso-8859-1", 415},
      {"application/xml", 415},
      {"text/plain", 415},
      {"application/x-www-form-urlencoded", 415},
      {"application/scim", 415},
      {"", 415},
  };
  int number = 0;
  for (const Case& one : cases) {
    SCOPED_TRACE(one.type);
    const Answer answer = send("POST", "/Users", user("n" + std::to_string(++number)),
                               {std::string("Content-Type: ") + one.type});
    EXPECT_EQ(answer.status, one.status) << answer.body;
    EXPECT_EQ(answer.header("Content-Type"), "application/scim+json");
  }
  for (const char* accept : {"application/scim+json", "application/json", "*/*", "text/html", ""}) {
    const Answer answer = send("GET", "/Users", "", {std::string("Accept: ") + accept});
    EXPECT_EQ(answer.status, 200) << accept;
    EXPECT_EQ(answer.header("Content-Type"), "application/scim+json") << accept;
  }
}

TEST_F(Protocol, B5_UnknownParametersAreIgnoredAndKnownOnesAreRead) {
  make("/Users", user("ann"));
  const Answer plain = send("GET", "/Users");
  EXPECT_EQ(send("GET", "/Users?aadOptscim062020&x=1&&_method=DELETE").body, plain.body);
  expectError(send("GET", "/Users?sortBy=userName&sortOrder=sideways"), 400, "invalidValue");
  expectError(server().request("GET", "/scim/v2/Users?domain=NOWHERE"), 400, "invalidValue");
}

TEST_F(Protocol, B6_EveryRefusalIsAnErrorMessage) {
  const auto raw = [](const std::string& bytes) {
    RawClient client(server().process().publicPort());
    EXPECT_TRUE(client.send(bytes));
    const RawAnswer answer = client.receive().value_or(RawAnswer{});
    return Answer{answer.status, true, answer.head, answer.body};
  };
  expectErrorBody(send("GET", "/Nope"), 404);
  expectErrorBody(server().request("GET", "/nope"), 404);
  expectErrorBody(send("DELETE", "/Users"), 405);
  expectErrorBody(server().process().scim("GET", base + "/Users", ""), 401);
  expectErrorBody(send("POST", "/Users", "{}", {"Content-Type: text/plain"}), 415);
  expectErrorBody(send("POST", "/Users", std::string((1U << 20U) + 1, ' ')), 413);
  expectErrorBody(send("GET", "/Users?filter=%zz"), 400);
  expectErrorBody(raw("GET /scim/v2/Users HTTP/3.0\r\n\r\n"), 505);
  expectErrorBody(raw("BREW /scim/v2/Users HTTP/1.1\r\nHost: h\r\n\r\n"), 501);
  expectErrorBody(raw("GET /scim/v2/Users HTTP/1.1\r\n\r\n"), 400);
  expectErrorBody(raw("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n"),
                  431);
  expectErrorBody(raw("GET /" + std::string(100'000, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n"), 414);
}

TEST_F(Protocol, B8_OptionsAndWrongMethodsNameWhatIsAllowed) {
  struct Case {
    const char* path;
    const char* wrong;
    const char* allow;
  };
  const Case cases[] = {{"/Users", "DELETE", "GET, HEAD, POST, OPTIONS"},
                        {"/Users/x", "POST", "GET, HEAD, PUT, PATCH, DELETE, OPTIONS"},
                        {"/Users/.search", "GET", "POST, OPTIONS"},
                        {"/Bulk", "PUT", "POST, OPTIONS"},
                        {"/Schemas", "POST", "GET, HEAD, OPTIONS"}};
  for (const Case& one : cases) {
    SCOPED_TRACE(one.path);
    const Answer options = send("OPTIONS", one.path);
    EXPECT_EQ(options.status, 204);
    EXPECT_EQ(options.header("Allow"), one.allow);
    const Answer wrong = send(one.wrong, one.path, *one.wrong == 'P' ? "{}" : "");
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(wrong.header("Allow"), one.allow);
  }
}

TEST_F(Protocol, B9_AddressesThatClientsGiveAreNotFetched) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 8), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::string url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/x";
  const std::string one =
      "/Users/" +
      idOf(make("/Users", user("ann", R"(,"profileUrl":")" + url + R"(","photos":[{"value":")" +
                                          url + R"("}],")" + std::string(kEnterprise) +
                                          R"(":{"manager":{"value":"m","$ref":")" + url + "\"}}")));
  read(one);
  EXPECT_EQ(send("PATCH", one,
                 patch(R"({"op":"replace","path":"profileUrl","value":")" + url + R"(?2"})"))
                .status,
            200);
  pollfd caller{listener, POLLIN, 0};
  EXPECT_EQ(::poll(&caller, 1, 0), 0) << "somebody called";
  ::close(listener);
}

TEST_F(Protocol, B10_S12_WhatIsNeverShownCannotBeAskedFor) {
  make("/Users", user("ann", R"(,"password":"Correct9-horse")"));
  for (const char* filter : {R"(password eq "Correct9-horse")", R"(password sw "C")", "password pr",
                             R"(userName eq "ann" and password co "x")"}) {
    SCOPED_TRACE(filter);
    expectError(send("GET", "/Users?filter=" + percentEncode(filter)), 400, "invalidFilter");
    std::string quoted;
    json::appendString(quoted, filter);
    expectError(send("POST", "/Users/.search", searchRequest("\"filter\":" + quoted)), 400,
                "invalidFilter");
  }
  expectError(send("GET", "/Users?sortBy=password"), 403, "sensitive");
  expectError(send("POST", "/Users/.search", searchRequest(R"("sortBy":"PASSWORD")")), 403,
              "sensitive");
}

TEST_F(Protocol, L4_TagsAreComparedByTheirOpaquePart) {
  const std::string one = "/Users/" + idOf(make("/Users", user("ann")));
  int number = 0;
  for (const char* current : {R"(If-Match: W/"1")", R"(If-Match: "2")", R"(If-Match: w/"3")",
                              R"(If-Match: "x", W/"4")", "If-Match: *"}) {
    SCOPED_TRACE(current);
    const Answer put =
        send("PUT", one, user("ann", R"(,"title":")" + std::to_string(++number) + "\""), {current});
    EXPECT_EQ(put.status, 200) << put.body;
  }
  for (const char* other : {R"(If-Match: W/"1")", R"(If-Match: "66", "67")"}) {
    expectErrorBody(send("PUT", one, user("ann"), {other}), 412);
  }
  expectError(send("PUT", one, user("ann"), {"If-Match: 6"}), 400, "invalidValue");
  expectErrorBody(send("DELETE", "/Users/" + std::string(kUnknownId), "", {"If-Match: *"}), 404);
}

TEST_F(Protocol, M10_ABulkHasNoProjection) {
  const std::string body =
      R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[
          {"method":"POST","path":"/Users","bulkId":"a","data":)" +
      user("ann") + "}]}";
  const Answer answer = send("POST", "/Bulk?attributes=title&excludedAttributes=version", body);
  ASSERT_EQ(answer.status, 200) << answer.body;
  const json::Value result = (*answer.json().find("Operations")->array())[0];
  EXPECT_EQ(result.stringAt("status"), "201");
  EXPECT_EQ(result.stringAt("version"), "W/\"1\"");
  EXPECT_EQ(result.find("response"), nullptr);
}

TEST_F(Protocol, N1_N2_N3_MeIsNotOfferedToTokensOfNoUser) {
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
    SCOPED_TRACE(method);
    expectErrorBody(send(method, "/Me", *method == 'P' ? user("ann") : ""), 501);
  }
}

TEST_F(Protocol, O1_O2_O9_DiscoveryIsComplete) {
  for (const char* list : {"/Schemas", "/ResourceTypes"}) {
    const json::Value all = read(list);
    EXPECT_EQ(*all.find("schemas"),
              json::Value(json::Array{"urn:ietf:params:scim:api:messages:2.0:ListResponse"}));
    EXPECT_EQ(static_cast<std::size_t>(all.find("totalResults")->number()->asInt64().value_or(0)),
              all.find("Resources")->array()->size());
    for (const auto& one : *all.find("Resources")->array()) {
      const std::string id = idOf(one);
      EXPECT_EQ(send("GET", std::string(list) + "/" + id).json(), one) << id;
      EXPECT_EQ(send("GET", std::string(list) + "/" + percentEncode(id)).json(), one) << id;
      EXPECT_TRUE(metaOf(one, "location").ends_with(base + list + "/" + id));
    }
    expectErrorBody(send("GET", std::string(list) + "/urn:nope"), 404);
  }
  for (const char* id : {kUserSchema, kEnterprise, "urn:ietf:params:scim:schemas:core:2.0:Group"}) {
    EXPECT_EQ(send("GET", "/Schemas/" + std::string(id)).status, 200) << id;
  }
  for (const char* name : {"User", "Group"}) {
    const json::Value type = read(std::string("/ResourceTypes/") + name);
    EXPECT_EQ(type.stringAt("id"), name);
    EXPECT_EQ(send("GET", text(type, "endpoint")).status, 200);
    EXPECT_EQ(send("GET", "/Schemas/" + text(type, "schema")).status, 200);
  }
}

TEST_F(Protocol, B7_MessagesAreNoSchemasOfResources) {
  const json::Value schemas = read("/Schemas");
  ASSERT_FALSE(schemas.find("Resources")->array()->empty());
  for (const auto& schema : *schemas.find("Resources")->array()) {
    EXPECT_EQ(idOf(schema).find("urn:ietf:params:scim:api:"), std::string::npos) << idOf(schema);
  }
  expectErrorBody(send("GET", std::string("/Schemas/") + kErrorSchema), 404);
}

TEST_F(Protocol, O3_O4_DiscoveryTakesNoFilterAndNoWrites) {
  for (const char* endpoint : {"/ServiceProviderConfig", "/ResourceTypes", "/Schemas"}) {
    SCOPED_TRACE(endpoint);
    EXPECT_EQ(send("GET", std::string(endpoint) + "?count=1&sortBy=id&attributes=id").body,
              send("GET", endpoint).body);
    expectErrorBody(send("GET", std::string(endpoint) + "?filter=id%20pr"), 403);
    for (const char* method : {"POST", "PUT", "PATCH", "DELETE"}) {
      expectErrorBody(send(method, endpoint, *method == 'P' ? "{}" : ""), 405);
    }
  }
}

TEST_F(Protocol, O5_F51_TheConfigurationIsReadWithNoToken) {
  const Answer answer = server().process().scim("GET", base + "/ServiceProviderConfig", "");
  EXPECT_EQ(answer.status, 200);
  const json::Value config = answer.json();
  ASSERT_FALSE(config.find("authenticationSchemes")->array()->empty());
  EXPECT_EQ((*config.find("authenticationSchemes")->array())[0].stringAt("type"),
            "oauthbearertoken");
  EXPECT_EQ(config.find("patch")->boolAt("supported"), true);
}

TEST_F(Protocol, P_EveryErrorHasItsStatusAndScimType) {
  const json::Value ann = make("/Users", user("ann"));
  const std::string one = "/Users/" + idOf(ann);
  const std::string crew = "/Groups/" + idOf(make("/Groups", group("crew")));
  struct Case {
    const char* name;
    const char* method;
    std::string path;
    std::string body;
    int status;
    const char* type;
  };
  const auto of = [](const char* operation) { return patch(operation); };
  const Case cases[] = {
      {"S3 null", "POST", "/Users", "null", 400, "invalidSyntax"},
      {"S3 a list", "POST", "/Users", "[]", 400, "invalidSyntax"},
      {"S3 a text", "PUT", one, "\"x\"", 400, "invalidSyntax"},
      {"S3 null as PATCH", "PATCH", one, "null", 400, "invalidSyntax"},
      {"C5 bad JSON", "POST", "/Users", "{", 400, "invalidSyntax"},
      {"C5 no schemas", "POST", "/Users", R"({"userName":"b"})", 400, "invalidSyntax"},
      {"C5 another schema", "POST", "/Users", group("b"), 400, "invalidSyntax"},
      {"S1 a key twice", "POST", "/Users", user("b", R"(,"USERNAME":"c")"), 400, "invalidSyntax"},
      {"S2 a key outside ASCII", "POST", "/Users", user("b", R"(,"größe":1)"), 400,
       "invalidSyntax"},
      {"F1 no operations", "PATCH", one, of(""), 400, "invalidSyntax"},
      {"F1 unknown op", "PATCH", one, of(R"({"op":"move","path":"title"})"), 400, "invalidSyntax"},
      {"C5 wrong type", "POST", "/Users", user("b", R"(,"active":"maybe")"), 400, "invalidValue"},
      {"C5 nothing required", "PUT", one,
       R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]})", 400, "invalidValue"},
      {"C10 white space", "POST", "/Users", user("  "), 400, "invalidValue"},
      {"S4 two primaries", "POST", "/Users",
       user("b", R"(,"emails":[{"value":"a","primary":true},{"value":"b","primary":true}])"), 400,
       "invalidValue"},
      {"E10 filter", "GET", "/Users?filter=userName%20eq", "", 400, "invalidFilter"},
      {"E10 empty filter", "GET", "/Users?filter=", "", 400, "invalidFilter"},
      {"E11 unknown attribute", "GET", "/Users?filter=nope%20pr", "", 400, "invalidFilter"},
      {"F3 filter of a path", "PATCH", one, of(R"({"op":"remove","path":"emails[x"})"), 400,
       "invalidPath"},
      {"F40 unknown attribute", "PATCH", one, of(R"({"op":"add","path":"nope","value":1})"), 400,
       "invalidPath"},
      {"F20 remove without path", "PATCH", one, of(R"({"op":"remove"})"), 400, "noTarget"},
      {"F25 no match", "PATCH", one, of(R"({"op":"remove","path":"emails[type eq \"x\"]"})"), 400,
       "noTarget"},
      {"F43 readOnly", "PATCH", one, of(R"({"op":"replace","path":"id","value":"x"})"), 400,
       "mutability"},
      {"F21 required", "PATCH", crew, of(R"({"op":"remove","path":"displayName"})"), 400,
       "mutability"},
      {"C3 taken", "POST", "/Users", user("ANN"), 409, "uniqueness"},
      {"9865 cursor", "GET", "/Users?cursor=x", "", 400, "invalidCursor"},
      {"9865 count", "GET", "/Users?cursor=&count=38", "", 400, "invalidCount"},
      {"D1 unknown id", "GET", "/Users/" + std::string(kUnknownId), "", 404, ""},
      {"O4 method", "POST", "/Schemas", "{}", 405, ""},
      {"S14 too many operations", "PATCH", one,
       of((R"({"op":"add","path":"title","value":"t"})" +
           [] {
             std::string more;
             for (int i = 0; i < 1000; ++i) more += R"(,{"op":"add","path":"title","value":"t"})";
             return more;
           }())
              .c_str()),
       413, ""},
      {"N1 Me", "GET", "/Me", "", 501, ""},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const Answer answer = send(c.method, c.path, c.body);
    expectErrorBody(answer, c.status);
    expectError(answer, c.status, c.type);
  }
  // S3: a body that is announced and empty. Without even a Content-Type it is 415.
  expectError(send("POST", "/Users", "", {"Content-Type: application/scim+json"}), 400,
              "invalidSyntax");
  expectError(send("POST", "/Users"), 415, "");
  EXPECT_EQ(read(one), ann);
}

/// A server that asks for versions, for the tests of what that means.
class VersionsRequired : public ::testing::Test {
 protected:
  Answer send(std::string_view method, const std::string& path, std::string_view body = {},
              const std::vector<std::string>& headers = {}) const {
    return server.scim(method, "/scim/v2" + path, token, body, headers);
  }
  static std::string user(const std::string& name) {
    return R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":")" + name +
           "\"}";
  }
  static std::string patch(const std::string& title) {
    return R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[)"
           R"({"op":"replace","path":"title","value":")" +
           title + "\"}]}";
  }

  TemporaryFolder folder;
  ServerProcess server{
      VESTIBULE_BINARY, folder.path() / "data", {{"VESTIBULE_SCIM_REQUIRE_IF_MATCH", "true"}}};
  const std::string token = server.token("scim", "scim:read scim:write");
};

TEST_F(VersionsRequired, L6_AChangeWithoutAVersionIs428) {
  const Answer made = send("POST", "/Users", user("ann"));
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string id(made.json().stringAt("id").value_or(""));
  const std::string one = "/Users/" + id;
  for (const auto& [method, body] : std::vector<std::pair<std::string, std::string>>{
           {"PUT", user("bea")}, {"PATCH", patch("t")}, {"DELETE", ""}}) {
    SCOPED_TRACE(method);
    expectErrorBody(send(method, one, body), 428);
    expectErrorBody(send(method, one, body, {R"(If-None-Match: "9")"}), 428);
    EXPECT_EQ(send(method, one, body, {R"(If-Match: W/"9")"}).status, 412);
  }
  EXPECT_EQ(send("GET", one).json(), made.json());
  // By the other name of the user as well.
  const Answer own = server.internal("POST", "/admin/v1/tokens", server.token("admin", "admin"),
                                     R"({"name":"ann","scopes":"me:write","user":")" + id + "\"}");
  ASSERT_EQ(own.status, 201) << own.body;
  expectErrorBody(
      server.scim("PATCH", "/scim/v2/Me", own.json().stringAt("token").value_or(""), patch("t")),
      428);
  EXPECT_EQ(send("PUT", one, user("ann"), {R"(If-Match: W/"1")"}).status, 200);
  EXPECT_EQ(send("PATCH", one, patch("t"), {"If-Match: *"}).status, 200);

  // In a bulk the version stands in the operation. What the request itself makes needs none.
  const auto bulk = [&](const std::string& operations) {
    const Answer answer =
        send("POST", "/Bulk",
             R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[)" +
                 operations + "]}");
    EXPECT_EQ(answer.status, 200) << answer.body;
    std::string statuses;
    const json::Value message = answer.json();
    for (const auto& result : *message.find("Operations")->array()) {
      statuses += std::string(result.stringAt("status").value_or("")) + " ";
    }
    return statuses;
  };
  const std::string to_one = R"("path":")" + one + "\"";
  EXPECT_EQ(bulk(R"({"method":"PUT",)" + to_one + R"(,"data":)" + user("bea") +
                 R"(},{"method":"PATCH",)" + to_one + R"(,"data":)" + patch("u") +
                 R"(},{"method":"DELETE",)" + to_one + R"(},{"method":"PATCH",)" + to_one +
                 R"(,"version":"W/\"1\"","data":)" + patch("u") + R"(},{"method":"PATCH",)" +
                 to_one + R"(,"version":"W/\"2\"","data":)" + patch("u") +
                 R"(},{"method":"POST","path":"/Users","bulkId":"c","data":)" + user("cora") +
                 R"(},{"method":"PATCH","path":"/Users/bulkId:c","data":)" + patch("v") + "}"),
            "428 428 428 412 200 201 200 ");
  EXPECT_EQ(send("DELETE", one, "", {R"(If-Match: W/"3")"}).status, 204);
}

}  // namespace
}  // namespace vestibule::test
