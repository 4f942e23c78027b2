#include "http/admin_api.h"

#include <future>

#include "http/admin/admin_api_fixture.h"

namespace vestibule::http {
namespace {

TEST_F(AdminApi, MakesChangesAndDeletesADomain) {
  const auto made = ask(Method::kPost, kDomains, R"({"name": "sales-2"})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.headers.first("Location"), "/admin/v1/domains/SALES-2");
  EXPECT_EQ(etagOf(made), "W/\"1\"");
  EXPECT_EQ(read(made).stringAt("state"), "active");
  EXPECT_EQ(ask(Method::kPost, kDomains, R"({"name": "SALES-2"})").status, 409);

  const std::string path = "/admin/v1/domains/SALES-2";
  const auto same = ask(Method::kPatch, path, "{}");
  EXPECT_EQ(same.status, 200);
  EXPECT_EQ(etagOf(same), "W/\"1\"");
  EXPECT_EQ(etagOf(ask(Method::kPatch, path, R"({"description": "x"})")), "W/\"2\"");
  EXPECT_EQ(ask(Method::kPatch, path, R"({"description": "y"})", "W/\"1\"").status, 412);
  EXPECT_EQ(ask(Method::kPatch, path, R"({"description": "y"})", "W/\"7\", ,\"2\"").status, 200);
  EXPECT_EQ(ask(Method::kPatch, path, "{}", "nonsense").status, 400);
  EXPECT_EQ(ask(Method::kPatch, "/admin/v1/domains/NOWHERE", "{}").status, 404);

  EXPECT_EQ(ask(Method::kDelete, path).status, 400);
  EXPECT_EQ(ask(Method::kDelete, path + "?confirm=SALES-2", "", "W/\"1\"").status, 412);
  EXPECT_EQ(ask(Method::kDelete, path + "?confirm=SALES-2", "", "W/\"3\"").status, 204);
  EXPECT_EQ(ask(Method::kDelete, path + "?confirm=SALES-2").status, 404);
}

TEST_F(AdminApi, ListsWhatIsHalfDeletedAndFinishesIt) {
  onlooker_.run("UPDATE " + prefix_ +
                "_control.domains SET state = 'deleting' WHERE name = 'CORP'");
  must(catalog_->refresh());
  const auto listed = read(ask(Method::kGet, kDomains));
  const auto& domains = *listed.find("domains")->array();
  ASSERT_EQ(domains.size(), 2U);
  EXPECT_EQ(domains[1].stringAt("name"), "CORP");
  EXPECT_EQ(domains[1].stringAt("state"), "deleting");
  EXPECT_EQ(ask(Method::kGet, kCorp).status, 404);
  EXPECT_EQ(ask(Method::kDelete, std::string(kCorp) + "?confirm=CORP").status, 204);
  EXPECT_EQ(read(ask(Method::kGet, kDomains)).find("domains")->array()->size(), 1U);
}

TEST_F(AdminApi, ShowsABoundTokenItsDomainsOnly) {
  const auto bound = [&](Method method, const std::string& path, const std::string& body = "") {
    return askBound({"CORP"}, method, path, body).status;
  };
  EXPECT_EQ(bound(Method::kGet, kCorp), 200);
  EXPECT_EQ(bound(Method::kPatch, kCorp, R"({"description": "ours"})"), 200);
  EXPECT_EQ(bound(Method::kGet, "/admin/v1/domains/PRIMARY"), 404);
  EXPECT_EQ(bound(Method::kPatch, "/admin/v1/domains/PRIMARY", "{}"), 404);
  EXPECT_EQ(bound(Method::kPost, kDomains, R"({"name": "MORE"})"), 403);
  EXPECT_EQ(bound(Method::kGet, kTokens), 403);
  EXPECT_EQ(bound(Method::kGet, kProviders), 403);
  const auto listed = jit::test::parsed(askBound({"CORP"}, Method::kGet, kDomains).body);
  EXPECT_EQ(listed.find("domains")->array()->size(), 1U);
}

TEST_F(AdminApi, MakesAnIdentityProviderOnce) {
  std::vector<std::future<Response>> posts;
  for (int i = 0; i < 6; ++i) {
    posts.push_back(std::async(std::launch::async, [&, i] {
      return ask(Method::kPost, kProviders,
                 R"({"name": "okta", "description": ")" + std::to_string(i) + "\"}");
    }));
  }
  int made = 0;
  std::string description;
  for (auto& post : posts) {
    const auto response = post.get();
    if (response.status == 201) {
      ++made;
      description = *read(response).stringAt("description");
    } else {
      EXPECT_EQ(response.status, 409) << response.body;
    }
  }
  EXPECT_EQ(made, 1);
  const auto stored = ask(Method::kGet, std::string(kProviders) + "/okta");
  EXPECT_EQ(read(stored).stringAt("description"), description);
}

TEST_F(AdminApi, SaysWhereAnIdentityProviderIs) {
  const auto posted = ask(Method::kPost, kProviders, R"({"name": "Łódź 1%"})");
  ASSERT_EQ(posted.status, 201) << posted.body;
  EXPECT_EQ(posted.headers.first("Location"),
            "/admin/v1/identity-providers/%C5%81%C3%B3d%C5%BA%201%25");
  const auto put = ask(Method::kPut, std::string(kProviders) + "/a b", R"({"name": "a b"})");
  ASSERT_EQ(put.status, 201) << put.body;
  EXPECT_EQ(put.headers.first("Location"), "/admin/v1/identity-providers/a%20b");
  const auto again = ask(Method::kPut, std::string(kProviders) + "/a b", R"({"name": "a b"})");
  EXPECT_EQ(again.status, 200);
  EXPECT_FALSE(again.headers.first("Location"));
  EXPECT_EQ(ask(Method::kPut, std::string(kProviders) + "/a", R"({"name": "b"})").status, 400);
}

TEST_F(AdminApi, HoldsIdentityProvidersToIfMatch) {
  const std::string path = std::string(kProviders) + "/okta";
  const std::string body = R"({"name": "okta"})";
  EXPECT_EQ(ask(Method::kPut, path, body, "*").status, 412);
  EXPECT_EQ(ask(Method::kPut, path, body, "\"1\"").status, 412);
  EXPECT_EQ(ask(Method::kGet, path).status, 404);
  EXPECT_EQ(ask(Method::kPut, path, body).status, 201);
  EXPECT_EQ(ask(Method::kPut, path, R"({"name": "okta", "enabled": false})", "*").status, 200);
  EXPECT_EQ(ask(Method::kPatch, path, R"({"enabled": true})", "\"1\"").status, 412);
  EXPECT_EQ(ask(Method::kPatch, path, R"({"enabled": true})", "\"1\", \"2\"").status, 200);
  EXPECT_EQ(ask(Method::kDelete, path, "", "\"2\"").status, 412);
  EXPECT_EQ(ask(Method::kDelete, path, "", "\"3\"").status, 204);
  EXPECT_EQ(ask(Method::kDelete, path).status, 404);
}

TEST_F(AdminApi, KeepsWhatTheSettingsOfAnIdentityProviderWere) {
  const std::string path = std::string(kProviders) + "/okta";
  EXPECT_EQ(ask(Method::kGet, path + "/history").status, 404);
  ask(Method::kPut, path, R"({"name": "okta", "description": "one"})");
  ask(Method::kPatch, path, R"({"description": "two"})");
  ask(Method::kPatch, path, R"({"description": "two"})");
  must(providers_->remove("okta"));

  const auto listed = read(ask(Method::kGet, path + "/history"));
  const auto& versions = *listed.find("versions")->array();
  ASSERT_EQ(versions.size(), 3U);
  EXPECT_EQ(versions[0].boolAt("deleted"), true);
  EXPECT_EQ(versions[0].stringAt("by"), "cli");
  EXPECT_EQ(versions[1].boolAt("deleted"), false);
  EXPECT_EQ(versions[1].stringAt("by"), "token:operator");
  EXPECT_EQ(versions[1].find("version")->number()->asInt64(), 2);
  EXPECT_TRUE(parseTimestamp(versions[1].stringAt("changed").value_or("")));

  const auto first = ask(Method::kGet, path + "/history/1");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(etagOf(first), "W/\"1\"");
  EXPECT_EQ(read(first).stringAt("description"), "one");
  for (const char* version : {"3", "4", "0", "x", "-1", "1x", "99999999999999999999"}) {
    EXPECT_EQ(ask(Method::kGet, path + "/history/" + version).status, 404) << version;
  }
  EXPECT_EQ(askBound({"CORP"}, Method::kGet, path + "/history").status, 403);
  EXPECT_EQ(askBound({"CORP"}, Method::kGet, path + "/history/1").status, 403);
}

TEST_F(AdminApi, RollsAnIdentityProviderBackByAnOrdinarySave) {
  const std::string path = std::string(kProviders) + "/okta";
  ask(Method::kPut, path, R"({"name": "okta", "description": "one"})");
  ask(Method::kPatch, path, R"({"description": "two", "jit": {"userstore": "CORP"}})");
  const auto roll = [&](const std::string& body, const std::string& if_match = "") {
    return ask(Method::kPost, path + "/rollback", body, if_match);
  };
  EXPECT_EQ(roll(R"({"version": 1})", "\"1\"").status, 412);
  const auto rolled = roll(R"({"version": 1})", "\"2\"");
  EXPECT_EQ(rolled.status, 200) << rolled.body;
  EXPECT_EQ(etagOf(rolled), "W/\"3\"");
  EXPECT_EQ(rolled.body, ask(Method::kGet, path + "/history/1").body);
  EXPECT_EQ(rolled.body, ask(Method::kGet, path).body);
  // To what it is already: nothing changes.
  EXPECT_EQ(etagOf(roll(R"({"version": 1})")), "W/\"3\"");

  for (const char* body : {"{}", R"({"version": "1"})", R"({"version": 0})", R"({"version": 1.5})",
                           R"({"version": 1, "x": 1})", "[]", "1"}) {
    EXPECT_EQ(roll(body).status, 400) << body;
  }
  EXPECT_EQ(roll(R"({"version": 4})").status, 404);
  EXPECT_EQ(askBound({"CORP"}, Method::kPost, path + "/rollback", R"({"version": 1})").status, 403);

  // A deleted one comes back.
  EXPECT_EQ(ask(Method::kDelete, path).status, 204);
  EXPECT_EQ(roll(R"({"version": 4})").status, 404);
  EXPECT_EQ(roll(R"({"version": 2})", "*").status, 412);
  const auto back = roll(R"({"version": 2})");
  EXPECT_EQ(back.status, 201);
  EXPECT_EQ(etagOf(back), "W/\"5\"");
  EXPECT_EQ(back.headers.first("Location"), path);

  // What cannot be saved any more is not rolled back to.
  ask(Method::kPatch, path, R"({"jit": {"userstore": "PRIMARY"}})");
  ASSERT_EQ(ask(Method::kDelete, std::string(kCorp) + "?confirm=CORP").status, 204);
  const auto refused = roll(R"({"version": 2})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("/jit/userstore"), std::string::npos) << refused.body;
}

TEST_F(AdminApi, ShowsAdviceBesideTheDocumentWhereItIsAskedFor) {
  const std::string path = std::string(kProviders) + "/okta";
  const std::string body =
      R"({"name": "okta", "jit": {"isEnabled": true, "create": false}, "roles": {"maxRevokedPerLogin": 2}})";
  const auto codes = [](const Response& answer) {
    std::string all;
    const auto shown = read(answer);
    EXPECT_EQ(shown.object()->size(), 2U) << answer.body;
    for (const auto& one : *shown.find("advice")->array()) {
      all += std::string(*one.stringAt("code")) + " " + std::string(*one.stringAt("setting")) + ";";
      EXPECT_TRUE(one.stringAt("text"));
    }
    return all;
  };
  const std::string both = "JIT-2005 /roles/maxRevokedPerLogin;JIT-2004 /jit/create;";
  const auto made = ask(Method::kPost, std::string(kProviders) + "?advice=true", body);
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.headers.first("Location"), path);
  EXPECT_EQ(codes(made), both);
  const auto plain = ask(Method::kGet, path + "?advice=false");
  EXPECT_EQ(plain.body, ask(Method::kGet, path).body);
  EXPECT_EQ(json::write(*read(made).find("identityProvider")), plain.body);
  EXPECT_EQ(codes(ask(Method::kGet, path + "?advice=true")), both);
  const auto patched =
      ask(Method::kPatch, path + "?advice=true", R"({"jit": {"create": true}})", "\"1\"");
  EXPECT_EQ(codes(patched), "JIT-2005 /roles/maxRevokedPerLogin;");
  EXPECT_EQ(etagOf(patched), "W/\"2\"");
  EXPECT_EQ(codes(ask(Method::kPut, path + "?advice=true", R"({"name": "okta"})")), "");
  EXPECT_EQ(codes(ask(Method::kPost, path + "/rollback?advice=true", R"({"version": 1})")), both);
  for (const auto method : {Method::kGet, Method::kPut, Method::kPatch}) {
    EXPECT_EQ(ask(method, path + "?advice=yes", body).status, 400);
  }
  EXPECT_EQ(ask(Method::kPost, std::string(kProviders) + "?advice=", body).status, 400);
}

TEST_F(AdminApi, SaysWhatAMemberOfATokenRequestIs) {
  const struct {
    const char* body;
    const char* says;
  } cases[] = {
      {R"({"name": "t", "scopes": [1]})", "scopes is a list of scopes, or a text of scopes with"},
      {R"({"name": "t", "scopes": null})", "scopes is a list of scopes"},
      {R"({"name": 7, "scopes": "jit"})", "name is a text"},
      {R"({"name": null, "scopes": "jit"})", "name is a text"},
      {R"({"name": "t", "scopes": "jit", "domains": "CORP"})", "domains is a list of names"},
      {R"({"name": "t", "scopes": "jit", "expires": "tomorrow"})", "expires is a date and time"},
      {R"({"name": "t", "scopes": "jit", "expires": 12})", "expires is a date and time"},
      {R"({"name": "t", "scopes": "jit", "tolerances": true})", "tolerances is a text"},
      {R"({"name": "t", "scopes": "me:read", "user": 7})", "user is the id of a user"},
      {R"({"name": "t", "scopes": "me:read", "user": "7"})", "no user with the id"},
      {R"({"name": "t", "scopes": "me:read", "subject": ["s"]})", "subject is what the identity"},
      {R"({"name": "t", "scopes": "me:read", "identityProvider": {}})", "identityProvider is the"},
      {R"({"name": "t", "scopes": "me:read", "subject": "s"})", "an identity provider and a sub"},
      {R"({"name": "t", "scopes": "me:read", "identityProvider": "idp", "subject": "s"})",
       "no identity provider"},
      {R"({"name": "t", "scopes": "me:read", "user": null})", "bound to a user"},
      {R"({"name": "t", "scope": "jit"})",
       "unknown key: there are name, scopes, domains, expires, tol"},
  };
  for (const auto& look : cases) {
    const auto answer = ask(Method::kPost, kTokens, look.body);
    EXPECT_EQ(answer.status, 400) << look.body;
    EXPECT_NE(answer.body.find(look.says), std::string::npos) << look.body << ": " << answer.body;
  }
  const auto made = ask(Method::kPost, kTokens,
                        R"({"name": "list", "scopes": ["scim:read", "jit"], "expires": null,)"
                        R"( "tolerances": null, "user": null, "identityProvider": null,)"
                        R"( "subject": null})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(read(made).stringAt("scopes"), "scim:read jit");
  EXPECT_EQ(json::write(*read(made).find("user")), "null");
}

TEST_F(AdminApi, MakesNoUnboundTokenOfAnEmptyList) {
  const auto status = [&](const std::string& body) {
    return ask(Method::kPost, kTokens, body).status;
  };
  EXPECT_EQ(status(R"({"name": "t", "scopes": "jit", "domains": []})"), 400);
  EXPECT_EQ(status(R"({"name": "t", "scopes": "jit", "domains": null})"), 400);
  EXPECT_EQ(status(R"({"name": "a/b", "scopes": "jit"})"), 400);
  const auto all = ask(Method::kPost, kTokens, R"({"name": "t", "scopes": "jit"})");
  EXPECT_EQ(all.status, 201);
  EXPECT_EQ(read(all).boolAt("allDomains"), true);
  const auto bound =
      ask(Method::kPost, kTokens, R"({"name": "u", "scopes": "jit", "domains": ["corp"]})");
  EXPECT_EQ(bound.status, 201);
  EXPECT_EQ(read(bound).boolAt("allDomains"), false);
  EXPECT_EQ(json::write(*read(bound).find("domains")), R"(["CORP"])");
  EXPECT_EQ(ask(Method::kDelete, std::string(kTokens) + "/t").status, 204);
  EXPECT_EQ(ask(Method::kDelete, std::string(kTokens) + "/t").status, 404);
}

TEST_F(AdminApi, ATokenIsRotatedAndItsTermsChange) {
  const std::string path = std::string(kTokens) + "/t";
  const auto made = read(
      ask(Method::kPost, kTokens, R"({"name": "t", "scopes": "jit", "requestsPerMinute": 60})"));
  EXPECT_EQ(json::write(*made.find("requestsPerMinute")), "60");
  EXPECT_TRUE(made.find("lastUsed")->isNull());

  const auto rotated = ask(Method::kPost, path + "/rotate",
                           R"({"overlapSeconds": 3600, "requestsPerMinute": null})");
  ASSERT_EQ(rotated.status, 200) << rotated.body;
  const json::Value shown = read(rotated);
  EXPECT_TRUE(shown.stringAt("token")->starts_with("vst_"));
  EXPECT_NE(shown.stringAt("token"), made.stringAt("token"));
  EXPECT_EQ(shown.stringAt("id"), made.stringAt("id"));
  EXPECT_TRUE(shown.stringAt("formerExpires"));
  EXPECT_TRUE(shown.find("requestsPerMinute")->isNull());

  const auto changed = ask(Method::kPatch, path, R"({"expires": "2099-01-01T00:00:00Z"})");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(read(changed).find("token"), nullptr);
  EXPECT_EQ(read(changed).stringAt("expires"), "2099-01-01T00:00:00.000Z");

  const struct {
    const char* path;
    const char* body;
    int status;
    const char* detail;
  } cases[] = {
      {"/t/rotate", R"({"overlap": 60})", 400, "there are overlapSeconds, expires, requestsPer"},
      {"/t/rotate", R"({"overlapSeconds": -1})", 400, "overlap for 0 seconds to 30 days"},
      {"/t/rotate", R"({"overlapSeconds": "1h"})", 400, "is a whole number of seconds"},
      {"/t/rotate", R"([])", 400, "JSON object"},
      {"/nobody/rotate", "{}", 404, "there is no token"},
      {"/t", R"({"name": "u"})", 400, "there are expires, requestsPerMinute"},
      {"/t", R"({"expires": "soon"})", 400, "is a date and time"},
      {"/t", R"({"expires": "2020-01-01T00:00:00Z"})", 400, "would have expired already"},
      {"/t", R"({"requestsPerMinute": 0})", 400, "1 to 6000000"},
      {"/t", R"({"requestsPerMinute": 1.5})", 400, "is a whole number"},
      {"/nobody", R"({"expires": null})", 404, "there is no token"},
  };
  for (const auto& look : cases) {
    SCOPED_TRACE(std::string(look.path) + look.body);
    const bool rotates = std::string_view(look.path).ends_with("/rotate");
    const auto response =
        ask(rotates ? Method::kPost : Method::kPatch, kTokens + std::string(look.path), look.body);
    EXPECT_EQ(response.status, look.status);
    EXPECT_NE(response.body.find(look.detail), std::string::npos) << response.body;
  }
  EXPECT_EQ(askBound({"CORP"}, Method::kPost, path + "/rotate", "{}").status, 403);
}

TEST_F(AdminApi, TokenIssuersAreManaged) {
  const std::string path = std::string(kIssuers) + "/as";
  const std::string document =
      R"({"name": "as", "issuer": "https://as.example", "audiences": ["scim"],
          "jwksUri": "https://as.example/keys", "scopes": ["scim:read"]})";
  EXPECT_EQ(ask(Method::kGet, path).status, 404);
  const auto made = ask(Method::kPut, path, document);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.headers.first("Location"), path);
  EXPECT_EQ(etagOf(made), "W/\"1\"");
  EXPECT_EQ(read(made).stringAt("clientClaim"), "client_id");
  const auto again = ask(Method::kPut, path, document);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(etagOf(again), "W/\"1\"");

  // What is shown is what is taken.
  EXPECT_EQ(etagOf(ask(Method::kPut, path, ask(Method::kGet, path).body)), "W/\"1\"");

  EXPECT_EQ(ask(Method::kPatch, path, R"({"enabled": false})", "W/\"7\"").status, 412);
  const auto changed = ask(Method::kPatch, path, R"({"enabled": false})", "W/\"1\"");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(etagOf(changed), "W/\"2\"");
  EXPECT_EQ(read(ask(Method::kGet, kIssuers)).find("tokenIssuers")->array()->size(), 1U);

  EXPECT_EQ(ask(Method::kPatch, path, R"({"name": "other"})").status, 400);
  EXPECT_EQ(ask(Method::kPatch, path, R"({"audiences": null})").status, 400);
  EXPECT_EQ(ask(Method::kPatch, path, "[]").status, 400);
  EXPECT_EQ(ask(Method::kPut, std::string(kIssuers) + "/other", document).status, 400);
  EXPECT_EQ(askBound({"CORP"}, Method::kGet, kIssuers).status, 403);
  EXPECT_EQ(ask(Method::kDelete, path, "", "W/\"1\"").status, 412);
  EXPECT_EQ(ask(Method::kDelete, path).status, 204);
  EXPECT_EQ(ask(Method::kDelete, path).status, 404);
}

}  // namespace
}  // namespace vestibule::http
