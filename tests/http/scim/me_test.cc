// `/Me` (RFC 7644 §3.11): another name of the user that a token is bound to, and what a token for
// nothing else may do there.

#include "http/scim/own_domain.h"

namespace vestibule::test {
namespace {

class Me : public OwnDomain {
 protected:
  /// A token that is bound to a user, and with `domains`, a JSON array, to these.
  static std::string tokenOf(const std::string& holder, const std::string& scopes,
                             const std::string& domains = "") {
    static int made = 0;
    const Answer answer = server().process().internal(
        "POST", "/admin/v1/tokens", server().adminToken(),
        R"({"name":"me )" + std::to_string(++made) + R"(","scopes":")" + scopes + R"(","user":")" +
            holder + "\"" + (domains.empty() ? "" : R"(,"domains":)" + domains) + "}");
    EXPECT_EQ(answer.status, 201) << answer.body;
    return text(answer.json(), "token");
  }
  static Answer ask(const std::string& token, std::string_view method, const std::string& target,
                    std::string_view body = {}, const std::vector<std::string>& headers = {}) {
    return server().process().scim(method, target, token, body, headers);
  }
  /// `/Me` at the domain's own base.
  Answer me(const std::string& token, std::string_view method, std::string_view body = {},
            const std::vector<std::string>& headers = {}, const std::string& query = "") const {
    return ask(token, method, base + "/Me" + query, body, headers);
  }
  static std::string operation(const std::string& path, const std::string& value) {
    return R"({"op":"replace","path":")" + path + R"(","value":)" + value + "}";
  }
  static std::string replace(const std::string& path, const std::string& value) {
    return patch(operation(path, value));
  }
  /// The same behind a change that is everybody's own.
  static std::string alsoReplace(const std::string& path, const std::string& value) {
    return patch(operation("displayName", R"("x")") + "," + operation(path, value));
  }
  /// What an administrator sees of ann.
  json::Value seen() const { return read("/Users/" + id); }
  void settings(const std::string& changes) const {
    const Answer answer =
        server().process().internal("PATCH", "/admin/v1/domains/" + domain, server().adminToken(),
                                    R"({"settings":)" + changes + "}");
    EXPECT_EQ(answer.status, 200) << answer.body;
  }

  const json::Value ann = make("/Users", R"({"userName":"ann","displayName":"Ann","title":"Dr",
      "active":true,"externalId":"e7","roles":[{"value":"clerk"}],"emails":[{"value":"a@x.org"}],
      "schemas":["urn:ietf:params:scim:schemas:core:2.0:User",
                 "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"d"}})");
  const std::string id = idOf(ann);
};

TEST_F(Me, N1_N2_IsTheUserOfTheTokenByItsPermanentLocation) {
  const std::string token = tokenOf(id, "me:read me:write");
  const std::string location = metaOf(ann, "location");
  const Answer got = me(token, "GET");
  EXPECT_EQ(got.status, 200) << got.body;
  EXPECT_EQ(got.json(), ann);
  EXPECT_EQ(got.header("Location"), location);
  EXPECT_EQ(got.header("ETag"), "W/\"1\"");
  const Answer head = me(token, "HEAD");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("ETag"), "W/\"1\"");
  EXPECT_EQ(head.header("Location"), location);
  EXPECT_TRUE(head.body.empty());

  const Answer patched = me(token, "PATCH", replace("displayName", R"("Anna")"));
  EXPECT_EQ(patched.status, 200) << patched.body;
  EXPECT_EQ(patched.header("Location"), location);
  EXPECT_EQ(patched.header("ETag"), "W/\"2\"");
  EXPECT_EQ(patched.json(), seen());
  EXPECT_EQ(text(patched.json(), "displayName"), "Anna");

  json::Value body = patched.json();
  body.object()->set("nickName", "Annie");
  const Answer put = me(token, "PUT", json::write(body));
  EXPECT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(put.header("Location"), location);
  EXPECT_EQ(put.json(), seen());
  EXPECT_EQ(text(put.json(), "nickName"), "Annie");
  EXPECT_EQ(metaOf(put.json(), "location"), location);
}

TEST_F(Me, N1_ShowsItselfByTheBaseThatWasAsked) {
  const std::string token = tokenOf(id, "me:read me:write");
  const Answer everywhere = ask(token, "GET", "/scim/v2/Me");
  EXPECT_EQ(everywhere.status, 200) << everywhere.body;
  EXPECT_EQ(text(everywhere.json(), "userName"), domain + "/ann");
  EXPECT_EQ(metaOf(everywhere.json(), "location"), everywhere.header("Location"));
  EXPECT_NE(everywhere.header("Location").value_or("").find("/scim/v2/Users/" + id),
            std::string::npos);
  EXPECT_EQ(everywhere.json(), server().request("GET", "/scim/v2/Users/" + id).json());
  EXPECT_EQ(ask(token, "GET", "/scim/v2/Me?domain=" + domain).status, 200);
  // Its own name with the domain in front is no change of it.
  json::Value body = everywhere.json();
  body.object()->set("nickName", "Annie");
  const Answer put = ask(token, "PUT", "/scim/v2/Me", json::write(body));
  EXPECT_EQ(put.status, 200) << put.body;

  // Where other domains are looked at, there is no such user.
  const std::string other = server().emptyDomain();
  for (const std::string& target :
       {ScimServer::baseOf(other) + "/Me", "/scim/v2/Me?domain=" + other,
        std::string("/domains/NOWHERE/scim/v2/Me")}) {
    SCOPED_TRACE(target);
    const Answer answer = ask(token, "GET", target);
    EXPECT_EQ(answer.status, 404) << answer.body;
    EXPECT_EQ(answer.header("Location"), std::nullopt);
    EXPECT_EQ(ask(token, "PATCH", target, replace("displayName", R"("x")")).status, 404);
  }
  EXPECT_EQ(ask(tokenOf(id, "me:read", "[\"" + domain + "\"]"), "GET", "/scim/v2/Me").status, 200);
}

TEST_F(Me, N1_D5_L1_TakesProjectionsAndVersions) {
  const std::string token = tokenOf(id, "me:read me:write");
  const Answer title = me(token, "GET", "", {}, "?attributes=title");
  EXPECT_EQ(json::write(title.json()), send("GET", "/Users/" + id + "?attributes=title").body);
  EXPECT_EQ(title.json().find("displayName"), nullptr);
  const Answer rest = me(token, "GET", "", {}, "?excludedAttributes=title,groups");
  EXPECT_EQ(rest.json().find("title"), nullptr);
  EXPECT_EQ(me(token, "GET", "", {"If-None-Match: W/\"1\""}, "?excludedAttributes=groups").status,
            304);
  const Answer late = me(token, "PATCH", replace("displayName", R"("x")"), {"If-Match: W/\"9\""});
  EXPECT_EQ(late.status, 412) << late.body;
  EXPECT_EQ(late.header("Location"), metaOf(ann, "location"));
  EXPECT_EQ(seen(), ann);
  EXPECT_EQ(me(token, "PATCH", replace("displayName", R"("x")"), {"If-Match: W/\"1\""}).status,
            200);
  EXPECT_EQ(me(token, "GET", "", {}, "?attributes=title&excludedAttributes=name").status, 400);
  EXPECT_EQ(me(token, "PUT", "{", {}).status, 400);
  EXPECT_EQ(me(token, "PUT", "x", {"Content-Type: text/plain"}).status, 415);
}

TEST_F(Me, N1_N2_TokensOfScimClientsDoThereWhatTheyDoToUsers) {
  const std::string reader = tokenOf(id, "scim:read");
  EXPECT_EQ(me(reader, "GET").json(), ann);
  const Answer lacking = me(reader, "PATCH", replace("displayName", R"("x")"));
  EXPECT_EQ(lacking.status, 403) << lacking.body;
  EXPECT_EQ(lacking.header("WWW-Authenticate"),
            "Bearer realm=\"vestibule\", error=\"insufficient_scope\"");

  const std::string writer = tokenOf(id, "scim:write");
  EXPECT_EQ(me(writer, "GET").status, 403);
  EXPECT_EQ(me(writer, "PATCH", replace("active", "false")).status, 200);
  EXPECT_EQ(me(writer, "PATCH", replace("userName", R"("anna")")).status, 200);
  EXPECT_EQ(me(writer, "PATCH", replace("active", "true")).status, 200);
  EXPECT_EQ(text(seen(), "userName"), "anna");
  const Answer gone = me(writer, "DELETE");
  EXPECT_EQ(gone.status, 204) << gone.body;
  EXPECT_EQ(gone.header("Location"), metaOf(ann, "location"));
  EXPECT_EQ(send("GET", "/Users/" + id).status, 404);
}

TEST_F(Me, N2_POSTIsNotOffered) {
  for (const std::string& token : {tokenOf(id, "me:read me:write"), tokenOf(id, "scim:write")}) {
    const Answer answer = me(token, "POST", user("bea"));
    EXPECT_EQ(answer.status, 501) << answer.body;
  }
  EXPECT_EQ(totalOf("userName eq \"bea\""), 0);
}

TEST_F(Me, N1_ATokenOfItsOwnScopesDoesNothingElse) {
  const std::string token = tokenOf(id, "me:read me:write");
  struct Request {
    const char* method;
    std::string path;
    std::string body;
  };
  for (const auto& [method, path, body] :
       std::vector<Request>{{"GET", "", ""},
                            {"GET", "/Users", ""},
                            {"GET", "/Users/" + id, ""},
                            {"GET", "/Groups", ""},
                            {"GET", "/Schemas", ""},
                            {"GET", "/ResourceTypes", ""},
                            {"POST", "/Users", user("bea")},
                            {"POST", "/Users/.search", "{}"},
                            {"POST", "/.search", "{}"},
                            {"POST", "/Bulk", "{}"},
                            {"PUT", "/Users/" + id, user("ann")},
                            {"PATCH", "/Users/" + id, replace("displayName", R"("x")")},
                            {"DELETE", "/Users/" + id, ""}}) {
    for (const std::string& at : {base, std::string("/scim/v2")}) {
      SCOPED_TRACE(testing::Message() << method << " " << at << path);
      EXPECT_EQ(ask(token, method, at + path, body).status, 403);
    }
  }
  for (const char* path : {"/admin/v1/tokens", "/admin/v1/domains", "/metrics"}) {
    EXPECT_EQ(server().process().internal("GET", path, token).status, 403) << path;
  }
  EXPECT_EQ(server().process().internal("POST", "/jit/v1/provision", token, "{}").status, 403);
  EXPECT_EQ(seen(), ann);

  // Reading and writing are apart.
  const std::string reads = tokenOf(id, "me:read");
  EXPECT_EQ(me(reads, "GET").status, 200);
  EXPECT_EQ(me(reads, "PATCH", replace("displayName", R"("x")")).status, 403);
  EXPECT_EQ(me(reads, "DELETE").status, 403);
  const std::string writes = tokenOf(id, "me:write");
  EXPECT_EQ(me(writes, "GET").status, 403);
  EXPECT_EQ(me(writes, "PATCH", replace("displayName", R"("x")")).status, 200);
}

TEST_F(Me, N2_SelfServiceRefusesWhatIsAnAdministratorsByName) {
  const std::string token = tokenOf(id, "me:read me:write");
  const std::string department = std::string(kEnterprise) + ":department";
  struct Change {
    std::string path;
    std::string value;
  };
  for (const auto& [path, value] : std::vector<Change>{{"userName", R"("anna")"},
                                                       {"externalId", R"("e8")"},
                                                       {"active", "false"},
                                                       {"title", R"("Prof")"},
                                                       {"userType", R"("Boss")"},
                                                       {"emails", R"([{"value":"b@x.org"}])"},
                                                       {"roles", R"([{"value":"admin"}])"},
                                                       {"entitlements", R"([{"value":"all"}])"},
                                                       {department, R"("x")"}}) {
    SCOPED_TRACE(path);
    const Answer refused = me(token, "PATCH", replace(path, value));
    EXPECT_EQ(refused.status, 403) << refused.body;
    EXPECT_NE(text(refused.json(), "detail").find(path), std::string::npos) << refused.body;
    EXPECT_EQ(refused.header("WWW-Authenticate"), std::nullopt);
    EXPECT_EQ(me(token, "PATCH", alsoReplace(path, value)).status, 403) << "all or nothing";
  }
  for (const std::string& path :
       {std::string("title"), std::string("externalId"), std::string("roles"), department}) {
    SCOPED_TRACE(path);
    EXPECT_EQ(me(token, "PATCH", patch(R"({"op":"remove","path":")" + path + "\"}")).status, 403);
  }
  // A PUT clears what it leaves out, which is a change too.
  EXPECT_EQ(me(token, "PUT", user("ann", R"(,"displayName":"x")")).status, 403);
  EXPECT_EQ(me(token, "DELETE").status, 403);
  EXPECT_EQ(seen(), ann);

  // What says what is there already changes nothing.
  EXPECT_EQ(me(token, "PATCH", replace("userName", R"("ann")")).status, 200);
  EXPECT_EQ(me(token, "PUT", json::write(ann)).status, 200);
  EXPECT_EQ(seen(), ann);
}

TEST_F(Me, N2_SelfServiceChangesThePassword) {
  const std::string token = tokenOf(id, "me:write");
  const Answer changed = me(token, "PATCH", replace("password", R"("correct horse")"));
  EXPECT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(metaOf(seen(), "version"), "W/\"2\"");
  settings(R"({"PasswordJavaRegEx":"^[a-z]{5,30}$"})");
  const Answer weak = me(token, "PATCH", replace("password", R"("NO")"));
  EXPECT_EQ(weak.status, 400) << weak.body;
}

TEST_F(Me, N1_ADeactivatedUserIsShutOutOfSelfService) {
  const std::string token = tokenOf(id, "me:read me:write");
  ASSERT_EQ(send("PATCH", "/Users/" + id, replace("active", "false")).status, 200);
  const json::Value off = seen();
  for (const auto& [method, body] : std::vector<std::pair<std::string, std::string>>{
           {"GET", ""},
           {"PATCH", replace("active", "true")},
           {"PATCH", replace("displayName", R"("x")")},
           {"PATCH", replace("password", R"("correct horse")")},
           {"PUT", json::write(ann)},
           {"DELETE", ""}}) {
    SCOPED_TRACE(method + body);
    EXPECT_EQ(me(token, method, body).status, 403);
  }
  EXPECT_EQ(me(token, "GET", "", {"If-None-Match: *"}, "?excludedAttributes=groups").status, 403);
  EXPECT_EQ(seen(), off);
  EXPECT_EQ(me(tokenOf(id, "scim:read"), "GET").json(), off);
}

TEST_F(Me, N1_ADomainThatTakesNoWritesOrIsDisabledIsSoHere) {
  const std::string token = tokenOf(id, "me:read me:write");
  settings(R"({"ReadOnly":true})");
  EXPECT_EQ(me(token, "GET").status, 200);
  EXPECT_EQ(me(token, "PATCH", replace("displayName", R"("x")")).status, 403);
  settings(R"({"ReadOnly":false,"Disabled":true})");
  EXPECT_EQ(me(token, "GET").status, 404);
  EXPECT_EQ(ask(token, "GET", "/scim/v2/Me").status, 404);
  settings(R"({"Disabled":false})");
  EXPECT_EQ(me(token, "GET").json(), ann);
}

TEST_F(Me, N1_ADeletedUserIsNobodyAndNobodyElse) {
  const std::string token = tokenOf(id, "me:read me:write scim:read");
  ASSERT_EQ(send("DELETE", "/Users/" + id).status, 204);
  make("/Users", user("ann", R"(,"externalId":"e7")"));
  const auto expectNobody = [&](const std::string& target) {
    for (const auto& [method, body] : std::vector<std::pair<std::string, std::string>>{
             {"GET", ""},
             {"PUT", user("ann")},
             {"PATCH", replace("displayName", R"("x")")},
             {"DELETE", ""}}) {
      SCOPED_TRACE(testing::Message() << method << " " << target);
      const Answer answer = ask(token, method, target, body);
      EXPECT_EQ(answer.status, 404) << answer.body;
      EXPECT_EQ(answer.header("Location"), std::nullopt);
    }
  };
  expectNobody(base + "/Me");
  expectNobody("/scim/v2/Me");

  // Nor is somebody of a later domain of the same name.
  const Answer deleted = server().process().internal(
      "DELETE", "/admin/v1/domains/" + domain + "?confirm=" + domain, server().adminToken());
  ASSERT_EQ(deleted.status, 204) << deleted.body;
  expectNobody("/scim/v2/Me");
  const Answer again = server().process().internal(
      "POST", "/admin/v1/domains", server().adminToken(), R"({"name":")" + domain + "\"}");
  ASSERT_EQ(again.status, 201) << again.body;
  expectNobody(base + "/Me");
}

TEST_F(Me, M11_IsNoPathOfABulkRequest) {
  const std::string token = tokenOf(id, "scim:read scim:write me:read me:write");
  const Answer answer =
      ask(token, "POST", base + "/Bulk",
          R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[
              {"method":"DELETE","path":"/Me"}]})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const json::Value result = (*answer.json().find("Operations")->array())[0];
  EXPECT_EQ(result.stringAt("status"), "404");
  EXPECT_EQ(seen(), ann);
}

}  // namespace
}  // namespace vestibule::test
