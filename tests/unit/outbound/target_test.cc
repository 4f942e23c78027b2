#include "outbound/target.h"

#include "unit/outbound/outbound_fixture.h"

namespace vestibule::outbound::test {
namespace {

TEST(OutboundTarget, HasItsDefaultsWrittenOutAndNoSecret) {
  const auto target = compiled("{}");
  ASSERT_TRUE(target) << target.error().detail;
  EXPECT_EQ(json::write(target->target.document),
            json::write(parsed(R"({"name": "hr", "enabled": true, "description": "",
      "baseUrl": "https://hr.example/scim/v2", "allowHttp": false, "caFile": "",
      "authentication": {"type": "bearer"}, "filter": "", "memberOf": [], "groups": [],
      "match": "userName", "update": "put", "onRemoval": "deactivate", "timeoutSeconds": 10,
      "blocking": {"enabled": false, "seconds": 5, "onFailure": "report"}})")));
  EXPECT_EQ(target->secret, "s3cr3t-text");
}

TEST(OutboundTarget, ShowsClientCredentialsWithoutTheSecret) {
  const auto target = compiled(R"({"authentication": {"type": "clientCredentials",
      "tokenUrl": "https://id.example/token?t=1", "clientId": "vestibule", "scope": "scim",
      "clientSecret": "s3cr3t-text"}})");
  ASSERT_TRUE(target) << target.error().detail;
  EXPECT_EQ(target->secret, "s3cr3t-text");
  EXPECT_EQ(target->target.authentication, Authentication::kClientCredentials);
  EXPECT_EQ(target->target.token_endpoint.url, "https://id.example/token?t=1");
  const auto* shown = target->target.document.find("authentication");
  ASSERT_NE(shown, nullptr);
  EXPECT_EQ(json::write(*shown),
            R"({"type":"clientCredentials","tokenUrl":"https://id.example/token?t=1",)"
            R"("clientId":"vestibule","scope":"scim"})");
  // The form that is stored is read again.
  const auto context = contextOfSchemas();
  EXPECT_TRUE(compileTarget(context, target->target.document));
}

TEST(OutboundTarget, KeepsTheSecretThatIsLeftOut) {
  const auto target = compiled(R"({"authentication": {"type": "bearer"}})");
  ASSERT_TRUE(target) << target.error().detail;
  EXPECT_FALSE(target->secret);
}

TEST(OutboundTarget, ReadsItsOwnCanonicalForm) {
  const auto first = compiled(
      R"({"mappings": [{"target": "userName", "source": "emails[type eq \"work\"].value"},
          {"target": "title", "constant": "x"}], "domains": ["CORP"], "groups": ["*"],
          "blocking": {"enabled": true, "seconds": 3, "onFailure": "error"}})");
  ASSERT_TRUE(first) << first.error().detail;
  const auto context = contextOfSchemas();
  const auto again = compileTarget(context, first->target.document);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(json::write(again->target.document), json::write(first->target.document));
}

TEST(OutboundTarget, SaysWhatIsWrongAndWhere) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {R"({"colour": 1})", "/colour"},
      {R"({"name": ""})", "/name"},
      {R"({"name": "a/b"})", "/name"},
      {R"({"baseUrl": "http://hr.example"})", "/baseUrl"},
      {R"({"caFile": "ca.pem"})", "/caFile"},
      {R"({"authentication": {"type": "magic"}})", "/authentication/type"},
      {R"({"authentication": {"type": "bearer", "token": "a\nb"}})", "/authentication/token"},
      {R"({"authentication": {"type": "basic", "userName": "a:b", "password": "x"}})",
       "/authentication/userName"},
      {R"({"authentication": {"type": "none", "token": "x"}})", "/authentication/token"},
      {R"({"authentication": {"type": "clientCredentials", "clientId": "a", "clientSecret": "x"}})",
       "/authentication/tokenUrl"},
      {R"({"authentication": {"type": "clientCredentials", "tokenUrl": "http://id.example/token",
           "clientId": "a", "clientSecret": "x"}})",
       "/authentication/tokenUrl"},
      {R"({"authentication": {"type": "clientCredentials", "tokenUrl": "https://id.example/token",
           "clientSecret": "x"}})",
       "/authentication/clientId"},
      {R"({"authentication": {"type": "clientCredentials", "tokenUrl": "https://id.example/token",
           "clientId": "a", "clientSecret": "a\nb"}})",
       "/authentication/clientSecret"},
      {R"({"authentication": {"type": "clientCredentials", "tokenUrl": "https://id.example/token",
           "clientId": "a", "clientSecret": "x", "scope": "\u00fc"}})",
       "/authentication/scope"},
      {R"({"filter": "nickname"})", "/filter"},
      {R"({"filter": "password eq \"x\""})", "/filter"},
      {R"({"match": "id"})", "/match"},
      {R"({"update": "post"})", "/update"},
      {R"({"onRemoval": "forget"})", "/onRemoval"},
      {R"({"timeoutSeconds": 0})", "/timeoutSeconds"},
      {R"({"timeoutSeconds": 61})", "/timeoutSeconds"},
      {R"({"blocking": {"seconds": "5"}})", "/blocking/seconds"},
      {R"({"blocking": {"onFailure": "panic"}})", "/blocking/onFailure"},
      {R"({"mappings": [{"target": "title"}]})", "/mappings/0/target"},
      {R"({"mappings": [{"target": "title", "source": "title", "constant": 1}]})",
       "/mappings/0/target"},
      {R"({"mappings": [{"target": "nothing", "constant": 1}]})", "/mappings/0/target"},
      {R"({"mappings": [{"target": "id", "constant": "1"}]})", "/mappings/0/target"},
      {R"({"mappings": [{"target": "groups", "source": "groups"}]})", "/mappings/0/target"},
      {R"({"mappings": [{"target": "title", "source": "password"}]})", "/mappings/0/source"},
      {R"({"mappings": ["title"]})", "/mappings/0"},
  };
  for (const auto& [members, place] : rows) {
    const auto target = compiled(members);
    ASSERT_FALSE(target) << members;
    EXPECT_NE(target.error().detail.find(place), std::string::npos)
        << members << ": " << target.error().detail;
    EXPECT_EQ(target.error().detail.find("s3cr3t"), std::string::npos) << target.error().detail;
  }
}

TEST(OutboundTarget, TakesGroupsByNameInAnyCase) {
  const auto some = targetOf(R"({"groups": ["Staff"]})");
  EXPECT_TRUE(some.takesGroup("staff"));
  EXPECT_FALSE(some.takesGroup("staff 2"));
  EXPECT_TRUE(some.sendsGroups());
  EXPECT_TRUE(targetOf(R"({"groups": ["*"]})").takesGroup("any"));
  EXPECT_FALSE(targetOf("{}").sendsGroups());
}

}  // namespace
}  // namespace vestibule::outbound::test
