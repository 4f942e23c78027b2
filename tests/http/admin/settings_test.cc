// What the admin API does with settings documents of every kind.

#include "http/admin/admin_api_fixture.h"
#include "http/admin_outbound.h"

namespace vestibule::http {
namespace {

struct Kind {
  std::string collection;
  const char* member;    ///< of the list
  const char* document;  ///< is called "one"
};

class AdminSettings : public AdminApi {
 protected:
  AdminSettings() {
    addEventStreamRoutes(router_, context_);
    addOutboundRoutes(router_, context_, nullptr);
  }

  const std::vector<Kind> kinds_{
      {"/admin/v1/token-issuers", "tokenIssuers",
       R"({"name": "one", "issuer": "https://as.example.com", "audiences": ["us"],
           "jwksUri": "https://as.example.com/keys", "scopes": ["scim:read"]})"},
      {"/admin/v1/event-streams", "eventStreams",
       R"({"name": "one", "kind": "push", "url": "https://crm.example.com/events", "audience": ["us"]})"},
      {"/admin/v1/outbound", "targets",
       R"({"name": "one", "baseUrl": "https://hr.example.com/scim/v2",
           "authentication": {"type": "none"}})"},
  };
};

TEST_F(AdminSettings, AreMadeChangedAndDeletedWithVersions) {
  for (const auto& kind : kinds_) {
    SCOPED_TRACE(kind.collection);
    const std::string one = kind.collection + "/one";
    EXPECT_EQ(ask(Method::kGet, one).status, 404);
    EXPECT_EQ(ask(Method::kPut, one, kind.document, "*").status, 412);
    const auto made = ask(Method::kPut, one, kind.document);
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.headers.first("Location"), one);
    EXPECT_EQ(etagOf(made), "W/\"1\"");
    const auto again = ask(Method::kPut, one, kind.document);
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(again.headers.first("Location"), std::nullopt);
    EXPECT_EQ(etagOf(again), "W/\"1\"") << "nothing has changed";

    EXPECT_EQ(ask(Method::kPatch, one, R"({"description": "d"})", "W/\"9\"").status, 412);
    const auto changed = ask(Method::kPatch, one, R"({"description": "d"})", "W/\"1\"");
    EXPECT_EQ(changed.status, 200) << changed.body;
    EXPECT_EQ(etagOf(changed), "W/\"2\"");
    EXPECT_EQ(read(changed).stringAt("description"), "d");
    const auto shown = ask(Method::kGet, one);
    EXPECT_EQ(shown.body, changed.body);
    EXPECT_EQ(etagOf(shown), "W/\"2\"");
    EXPECT_EQ(read(ask(Method::kGet, kind.collection)).find(kind.member)->array()->size(), 1U);

    EXPECT_EQ(ask(Method::kDelete, one, "", "W/\"1\"").status, 412);
    const auto deleted = ask(Method::kDelete, one, "", "W/\"2\"");
    EXPECT_EQ(deleted.status, 204);
    EXPECT_EQ(deleted.body, "");
    EXPECT_EQ(ask(Method::kDelete, one).status, 404);
    EXPECT_EQ(ask(Method::kPatch, one, "{}").status, 404);
    EXPECT_TRUE(read(ask(Method::kGet, kind.collection)).find(kind.member)->array()->empty());
  }
}

TEST_F(AdminSettings, AnotherWayToAuthenticateNeedsASecretOfItsOwn) {
  const auto put = [&](const std::string& authentication) {
    return ask(
        Method::kPut, "/admin/v1/outbound/one",
        R"({"name": "one", "baseUrl": "https://hr.example.com/scim/v2", "authentication": )" +
            authentication + "}");
  };
  EXPECT_EQ(put(R"({"type": "bearer"})").status, 400);
  EXPECT_EQ(put(R"({"type": "bearer", "token": "t0ken"})").status, 201);
  EXPECT_EQ(put(R"({"type": "bearer"})").status, 200) << "the stored one stays";
  const auto refused = put(R"({"type": "basic", "userName": "us"})");
  EXPECT_EQ(refused.status, 400) << "a token is no password";
  EXPECT_NE(refused.body.find("/authentication/password"), std::string::npos) << refused.body;
  EXPECT_EQ(put(R"({"type": "basic", "userName": "us", "password": "p4ss"})").status, 200);
  EXPECT_EQ(put(R"({"type": "basic", "userName": "we"})").status, 200);
  EXPECT_EQ(put(R"({"type": "bearer"})").status, 400);
  EXPECT_EQ(put(R"({"type": "none"})").status, 200);
  EXPECT_EQ(put(R"({"type": "bearer"})").status, 400) << "what was taken away does not come back";
}

TEST_F(AdminSettings, AnotherHostNeedsTheSecretGivenAnew) {
  const std::string one = "/admin/v1/outbound/one";
  const std::string credentials = R"({"type": "clientCredentials", "clientId": "us", )"
                                  R"("tokenUrl": "https://id.example.com/token", )";
  ASSERT_EQ(ask(Method::kPut, one,
                R"({"name": "one", "baseUrl": "https://hr.example.com/scim", "authentication": )" +
                    credentials + R"("clientSecret": "s3cret"}})")
                .status,
            201);
  const auto patched = [&](const std::string& change) {
    return ask(Method::kPatch, one, change).status;
  };
  EXPECT_EQ(patched(R"({"baseUrl": "https://hr.example.com:443/scim/v2"})"), 200);
  EXPECT_EQ(patched(R"({"authentication": {"tokenUrl": "https://ID.example.com/oauth2"}})"), 200);
  for (const char* url : {"https://evil.example.com/scim", "https://hr.example.com:8443/scim",
                          "https://hr.example.com.evil.example/scim", "http://localhost/scim"}) {
    EXPECT_EQ(patched(std::string(R"({"baseUrl": ")") + url + "\"}"), 400) << url;
  }
  EXPECT_EQ(patched(R"({"authentication": {"tokenUrl": "https://evil.example.com/token"}})"), 400);
  EXPECT_EQ(patched(R"({"authentication": {"tokenUrl": "https://id2.example.com/token", )"
                    R"("clientSecret": "n3w"}})"),
            200);
}

TEST_F(AdminSettings, HaveTheNameOfThePath) {
  for (const auto& kind : kinds_) {
    SCOPED_TRACE(kind.collection);
    const auto other = ask(Method::kPut, kind.collection + "/other", kind.document);
    EXPECT_EQ(other.status, 400);
    EXPECT_NE(other.body.find("the document's name is not the one of the path"), std::string::npos)
        << other.body;
    EXPECT_EQ(ask(Method::kPut, kind.collection + "/one", "[]").status, 400);
    EXPECT_EQ(ask(Method::kGet, kind.collection + "/other").status, 404);
  }
}

TEST_F(AdminSettings, AreNotForTokensBoundToDomains) {
  for (const auto& kind : kinds_) {
    SCOPED_TRACE(kind.collection);
    const std::string one = kind.collection + "/one";
    ASSERT_EQ(ask(Method::kPut, one, kind.document).status, 201);
    EXPECT_EQ(askBound({"CORP"}, Method::kGet, kind.collection).status, 403);
    EXPECT_EQ(askBound({"CORP"}, Method::kGet, one).status, 403);
    EXPECT_EQ(askBound({"CORP"}, Method::kPut, one, kind.document).status, 403);
    EXPECT_EQ(askBound({"CORP"}, Method::kPatch, one, "{}").status, 403);
    EXPECT_EQ(askBound({"CORP"}, Method::kDelete, one).status, 403);
    EXPECT_EQ(ask(Method::kGet, one).status, 200);
  }
}

}  // namespace
}  // namespace vestibule::http
