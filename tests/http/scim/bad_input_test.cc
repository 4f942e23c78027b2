// Bad input that only the whole server shows: the security cases that docs/conformance.md lists at
// its end, where no table of another suite has them.

#include "http/scim/own_domain.h"

namespace vestibule::test {
namespace {

using Ids = std::vector<std::string>;

class BadInput : public OwnDomain {
 protected:
  static std::string quoted(const std::string& text) { return json::write(json::Value(text)); }
  static std::string search(const std::string& member, const std::string& value) {
    return R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],")" + member +
           "\":" + quoted(value) + "}";
  }
  static std::string bulk(const std::string& operations) {
    return R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[)" +
           operations + "]}";
  }
  /// The status of the only operation of a bulk request.
  std::string bulkStatus(const std::string& method, const std::string& path,
                         const std::string& data) const {
    const json::Value answer = send("POST", "/Bulk",
                                    bulk(R"({"method":")" + method + R"(","bulkId":"b","path":")" +
                                         path + R"(","data":)" + data + "}"))
                                   .json();
    const auto* results = answer.find("Operations");
    if (results == nullptr || !results->isArray() || results->array()->size() != 1) return "none";
    return text((*results->array())[0], "status");
  }
};

TEST_F(BadInput, FiltersBeyondEveryLimitAreRefusedInShort) {
  make("/Users", user("ann"));
  const std::string filters[] = {
      std::string(100'000, '('),
      std::string(100'000, '['),
      "title eq \"" + std::string(100'000, 'x'),
      "emails[" + std::string(50'000, '(') + "value pr" + std::string(50'000, ')') + "]",
      "title eq \"x",
      "emails[value eq \"x\"",
      "(title pr",
      "title pr)",
      "not title pr",
      "title pr and",
  };
  for (const std::string& filter : filters) {
    SCOPED_TRACE(filter.substr(0, 40));
    for (const char* endpoint : {"/Users/.search", "/Groups/.search", "/.search"}) {
      const Answer answer = send("POST", endpoint, search("filter", filter));
      expectError(answer, 400, "invalidFilter");
      EXPECT_LT(answer.body.size(), 700U);
    }
    if (filter.size() > 1'000) continue;
    expectError(send("GET", "/Users?filter=" + percentEncode(filter)), 400, "invalidFilter");
  }
}

TEST_F(BadInput, OneBadOperationOfFiveLeavesEverythingAsItWas) {
  make("/Users", user("taken"));
  make("/Groups", group("taken"));
  const json::Value ann = make("/Users", user("ann", R"(,"title":"t")"));
  const json::Value bea = make("/Users", user("bea"));
  const std::string crew_path =
      "/Groups/" + idOf(make("/Groups", group("crew", members({idOf(ann)}))));
  const json::Value crew = read(crew_path);
  const json::Value shown = read("/Users/" + idOf(ann));
  struct Case {
    const char* third;
    int status;
    const char* type;
  };
  const Case of_users[] = {
      {R"({"op":"replace","path":"userName","value":"TAKEN"})", 409, "uniqueness"},
      {R"({"op":"replace","path":"active","value":"maybe"})", 400, "invalidValue"},
      {R"({"op":"remove","path":"emails[type eq \"x\"]"})", 400, "noTarget"},
      {R"({"op":"replace","path":"meta.version","value":"x"})", 400, "mutability"},
      {R"({"op":"replace","path":"nope","value":"x"})", 400, "invalidPath"},
      {R"({"op":"replace","path":"emails[nope eq 1].value","value":"x"})", 400, "invalidFilter"},
      {R"({"op":"replace","path":"userName","value":""})", 400, "mutability"},
  };
  for (const Case& c : of_users) {
    SCOPED_TRACE(c.third);
    const std::string operations =
        patch(R"({"op":"replace","path":"title","value":"new"},
                 {"op":"add","path":"emails","value":[{"value":"a@x"}]},)" +
              std::string(c.third) +
              R"(,{"op":"remove","path":"title"},{"op":"add","path":"nickName","value":"n"})");
    expectError(send("PATCH", "/Users/" + idOf(ann), operations), c.status, c.type);
    EXPECT_EQ(bulkStatus("PATCH", "/Users/" + idOf(ann), operations), std::to_string(c.status));
    EXPECT_EQ(read("/Users/" + idOf(ann)), shown);
  }
  const Case of_groups[] = {
      {R"({"op":"replace","path":"displayName","value":"Taken"})", 409, "uniqueness"},
      {R"({"op":"remove","path":"displayName"})", 400, "mutability"},
      {R"({"op":"add","path":"members","value":[{"value":"nobody"}]})", 400, "invalidValue"},
      {R"({"op":"remove","path":"members[nope eq 1]"})", 400, "invalidFilter"},
      {R"({"op":"replace","path":"members[value eq \"x\"].display","value":"x"})", 400,
       "mutability"},
  };
  for (const Case& c : of_groups) {
    SCOPED_TRACE(c.third);
    const std::string operations =
        patch(R"({"op":"add","path":"members","value":[{"value":")" + idOf(bea) +
              R"("}]},{"op":"remove","path":"members[display eq \"ann\"]"},)" + c.third +
              R"(,{"op":"add","path":"externalId","value":"x"},{"op":"remove","path":"members"})");
    expectError(send("PATCH", crew_path, operations), c.status, c.type);
    EXPECT_EQ(bulkStatus("PATCH", crew_path, operations), std::to_string(c.status));
    EXPECT_EQ(read(crew_path), crew);
  }
}

TEST_F(BadInput, NothingInParticularIsNeverEveryMember) {
  Ids both{idOf(make("/Users", user("ann"))), idOf(make("/Users", user("bea")))};
  std::sort(both.begin(), both.end());
  const std::string crew = "/Groups/" + idOf(make("/Groups", group("crew", members(both))));
  const json::Value before = read(crew);
  struct Case {
    const char* operation;
    int status;
  };
  const Case cases[] = {
      {R"({"op":"remove"})", 400},
      {R"({"op":"remove","value":{"members":[]}})", 400},
      {R"({"op":"remove","path":""})", 400},
      {R"({"op":"remove","path":"members","value":[]})", 204},
      {R"({"op":"remove","path":"members","value":[{}]})", 400},
      {R"({"op":"remove","path":"members","value":{}})", 400},
      {R"({"op":"remove","path":"members","value":[null]})", 400},
      {R"({"op":"remove","path":"members","value":[{"value":""}]})", 400},
      {R"({"op":"remove","path":"members","value":[{"value":null}]})", 400},
      {R"({"op":"remove","path":"members","value":""})", 400},
      {R"({"op":"remove","path":"members[]"})", 400},
      {R"({"op":"remove","path":"members[ ]"})", 400},
      {R"({"op":"remove","path":"members[value eq \"\"]"})", 204},
      {R"({"op":"remove","path":"members[value eq null]"})", 204},
      {R"({"op":"remove","path":"members[value eq \"nobody\"]"})", 204},
      {R"({"op":"add","path":"members","value":[]})", 204},
      {R"({"op":"add","path":"members","value":null})", 204},
      {R"({"op":"replace","path":"members","value":[{}]})", 400},
      {R"({"op":"replace","path":"members","value":[null]})", 400},
      {R"({"op":"replace","path":"members","value":{}})", 400},
      {R"({"op":"replace","value":{}})", 204},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.operation);
    const Answer answer = send("PATCH", crew, patch(c.operation));
    EXPECT_EQ(answer.status, c.status) << answer.body;
    EXPECT_EQ(read(crew), before);
  }
  // And what is meant so is done.
  for (const char* all :
       {R"({"op":"remove","path":"members"})", R"({"op":"replace","path":"members","value":[]})",
        R"({"op":"remove","path":"members[value pr]"})"}) {
    SCOPED_TRACE(all);
    ASSERT_EQ(send("PUT", crew, group("crew", members(both))).status, 200);
    EXPECT_EQ(idsIn(read(crew), "members"), both);
    EXPECT_EQ(send("PATCH", crew, patch(all)).status, 204);
    EXPECT_EQ(idsIn(read(crew), "members"), Ids{});
  }
}

TEST_F(BadInput, WhatIsReadOnlyIsTheSameByEveryWay) {
  const std::string chosen = std::string(R"("id":")") + kUnknownId +
                             R"(","meta":{"created":"1999-01-01T00:00:00Z","version":"W/\"99\""},
      "groups":[{"value":"g"}],")" +
                             kEnterprise + R"(":{"manager":{"value":"m","displayName":"Boss"}})";
  const std::string data = user("ann", "," + chosen);
  const std::string ann = idOf(make("/Users", data));
  const std::string one = "/Users/" + ann;
  const std::string created = metaOf(read(one), "created");
  const auto expectUntouched = [&] {
    const json::Value shown = read(one);
    EXPECT_EQ(idOf(shown), ann);
    EXPECT_EQ(metaOf(shown, "created"), created);
    EXPECT_NE(metaOf(shown, "version"), "W/\"99\"");
    EXPECT_EQ(shown.find("groups"), nullptr);
    const auto* manager = shown.find(kEnterprise)->find("manager");
    EXPECT_EQ(*manager, json::Value(json::Object{{"value", "m"}}));
  };
  EXPECT_GT(created, "2020");
  expectUntouched();
  EXPECT_EQ(send("PUT", one, data).status, 200);
  expectUntouched();
  for (const char* op : {"add", "replace"}) {
    const std::string whole =
        patch(R"({"op":")" + std::string(op) + R"(","value":{)" + chosen + "}}");
    EXPECT_EQ(send("PATCH", one, whole).status, 200);
    expectUntouched();
    EXPECT_EQ(bulkStatus("PATCH", one, whole), "200");
    expectUntouched();
    for (const auto& [path, value] : std::vector<std::pair<std::string, std::string>>{
             {"id", R"("x")"},
             {"meta", R"({"version":"x"})"},
             {"meta.created", R"("1999-01-01T00:00:00Z")"},
             {"groups", R"([{"value":"g"}])"},
             {std::string(kEnterprise) + ":manager.displayName", R"("Boss")"}}) {
      SCOPED_TRACE(std::string(op) + " " + path);
      const std::string by_path = patch(R"({"op":")" + std::string(op) + R"(","path":")" + path +
                                        R"(","value":)" + value + "}");
      expectError(send("PATCH", one, by_path), 400, "mutability");
      EXPECT_EQ(bulkStatus("PATCH", one, by_path), "400");
      expectUntouched();
    }
  }
  EXPECT_EQ(bulkStatus("PUT", one, data), "200");
  expectUntouched();
  EXPECT_EQ(bulkStatus("POST", "/Users", user("bea", "," + chosen)), "201");
  EXPECT_EQ(totalOf("groups pr"), 0);
  EXPECT_EQ(totalOf("id eq \"" + std::string(kUnknownId) + "\""), 0);
  EXPECT_EQ(totalOf(R"(meta.created lt "2020-01-01T00:00:00Z")"), 0);
}

TEST_F(BadInput, APasswordOfTheWrongShapeIsNotRepeated) {
  const std::string secret = "Sup3r-secret-horse";
  const std::string one = "/Users/" + idOf(make("/Users", user("ann")));
  const std::string shapes[] = {
      R"(["Sup3r-secret-horse"])",
      R"({"value":"Sup3r-secret-horse"})",
      R"({"Sup3r-secret-horse":true})",
      R"([{"value":"Sup3r-secret-horse"}])",
  };
  const auto expectSilent = [&](const Answer& answer, int status) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ((answer.head + answer.body).find(secret), std::string::npos) << answer.body;
  };
  for (const std::string& shape : shapes) {
    SCOPED_TRACE(shape);
    const std::string body = user("bea", R"(,"password":)" + shape);
    expectSilent(send("POST", "/Users", body), 400);
    expectSilent(send("PUT", one, body), 400);
    for (const std::string& operation :
         {R"({"op":"replace","path":"password","value":)" + shape + "}",
          R"({"op":"add","value":{"password":)" + shape + "}}"}) {
      expectSilent(send("PATCH", one, patch(operation)), 400);
      expectSilent(send("POST", "/Bulk",
                        bulk(R"({"method":"PATCH","path":")" + one + R"(","data":)" +
                             patch(operation) + "}")),
                   200);
    }
  }
  // The right shape beside another fault, and what follows a success.
  const std::string with_password = R"(,"password":")" + secret + "\"";
  expectSilent(send("POST", "/Users", user("bea", with_password + R"(,"active":"maybe")")), 400);
  expectSilent(send("POST", "/Users", user("bea", with_password + with_password)), 400);
  expectSilent(send("POST", "/Users", user("bea", with_password) + "}"), 400);
  expectSilent(send("POST", "/Bulk",
                    bulk(R"({"method":"POST","bulkId":"b","path":"/Users","data":)" +
                         user("ann", with_password) + "}")),
               200);
  expectSilent(send("POST", "/Users", user("bea", with_password)), 201);
  expectSilent(send("GET", "/Users?attributes=password&excludedAttributes="), 200);
  EXPECT_EQ(server().process().log().find(secret), std::string::npos);
}

TEST(ScanLimit, AFilterBeyondItIsTooManyAndNeverAnEmptyList) {
  const TemporaryFolder folder;
  const ServerProcess server(VESTIBULE_BINARY, folder.path() / "data",
                             {{"VESTIBULE_SCIM_SCAN_LIMIT", "5"}});
  for (const char* domain : {"LARGE", "SMALL"}) {
    ASSERT_EQ(server.command({"domain", "create", domain}).status, 0);
  }
  const std::string token = server.token("scim", "scim:read scim:write");
  const auto send = [&](const char* method, const std::string& domain, const std::string& path,
                        const std::string& body = "") {
    return server.scim(method, ScimServer::baseOf(domain) + path, token, body);
  };
  const auto add = [&](const std::string& domain, int users) {
    for (int i = 0; i < users; ++i) {
      const std::string name = "user-" + std::to_string(i);
      EXPECT_EQ(send("POST", domain, "/Users",
                     R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":")" +
                         name + R"(","title":"t"})")
                    .status,
                201);
    }
  };
  add("LARGE", 6);
  add("SMALL", 5);
  for (const char* filter : {R"(title co "t")", R"(title co "nobody has it")", "not (title pr)",
                             R"(userName co "user" and title ew "t")"}) {
    SCOPED_TRACE(filter);
    for (const char* endpoint : {"/Users", ""}) {
      const Answer large =
          send("GET", "LARGE", endpoint + std::string("?filter=") + percentEncode(filter));
      EXPECT_EQ(large.status, 400) << large.body;
      EXPECT_EQ(large.json().stringAt("scimType"), "tooMany") << large.body;
    }
    // The limit is of what one request reads: the domain beside it has its answer.
    EXPECT_EQ(send("GET", "SMALL", "/Users?filter=" + percentEncode(filter)).status, 200);
  }
  // What an index narrows is not too many, and a list without a filter has no limit.
  for (const char* query : {"", "?filter=userName%20eq%20%22user-1%22%20and%20title%20co%20%22t%22",
                            "?filter=userName%20sw%20%22user%22"}) {
    EXPECT_EQ(send("GET", "LARGE", std::string("/Users") + query).status, 200) << query;
  }
}

}  // namespace
}  // namespace vestibule::test
