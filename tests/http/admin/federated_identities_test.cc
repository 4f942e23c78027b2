// Federated identities in the hands of an administrator: unique per (identity provider, subject),
// many for a user.

#include "http/admin/admin_api_fixture.h"

namespace vestibule::http {
namespace {

class FederatedIdentities : public AdminApi {
 protected:
  static constexpr const char* kIdentities = "/admin/v1/federated-identities";

  static std::string of(const std::string& subject, const std::string& provider = "idp") {
    return std::string(kIdentities) + "?identityProvider=" + provider + "&subject=" + subject;
  }
  Response link(const std::string& subject, const ResourceId& user,
                const std::string& provider = "idp") {
    return ask(Method::kPost, kIdentities,
               R"({"identityProvider": ")" + provider + R"(", "subject": ")" + subject +
                   R"(", "user": ")" + user.text() + "\"}");
  }
  Response move(const std::string& subject, const ResourceId& user) {
    return ask(Method::kPatch, of(subject), R"({"user": ")" + user.text() + "\"}");
  }
  /// Subjects of a list in their order, and where the next page begins.
  std::string listed(const std::string& query) {
    const auto answer = ask(Method::kGet, std::string(kIdentities) + "?" + query);
    EXPECT_EQ(answer.status, 200) << answer.body;
    const auto body = read(answer);
    std::string subjects;
    for (const auto& each : *body.find("federatedIdentities")->array()) {
      subjects += std::string(*each.stringAt("subject")) + " ";
    }
    return subjects + std::string(body.stringAt("after").value_or("."));
  }
};

TEST_F(FederatedIdentities, ALinkMadeBeforeTheFirstLoginIsFoundByIt) {
  usual();
  const auto ada = scimUser(R"("userName": "CORP/ada.local", "title": "Old")");
  const auto linked = link("s-1", ada);
  ASSERT_EQ(linked.status, 201) << linked.body;
  EXPECT_EQ(read(linked).stringAt("user"), ada.text());
  EXPECT_EQ(read(linked).stringAt("domain"), "CORP");
  EXPECT_EQ(read(linked).stringAt("identityProvider"), "idp");
  EXPECT_TRUE(read(linked).find("lastSynced")->isNull());

  const auto first = login("s-1", R"({"uid": "somebody.else", "title": "New"})");
  EXPECT_EQ(outcome(first), "updated");
  EXPECT_EQ(idOf(first), ada);
  EXPECT_EQ(userName(first), "ada.local");
  EXPECT_EQ(outcome(login("s-1", R"({"uid": "somebody.else", "title": "New"})")), "unchanged");
  const auto now = read(ask(Method::kGet, of("s-1")));
  EXPECT_TRUE(now.find("federatedIdentities")->array()->front().stringAt("lastSynced"));
}

TEST_F(FederatedIdentities, APairHasOneUserAndAUserManyPairs) {
  usual();
  usual("other");
  const auto ada = scimUser(R"("userName": "CORP/ada")");
  const auto bob = scimUser(R"("userName": "bob")");
  EXPECT_EQ(link("s", ada).status, 201);
  EXPECT_EQ(link("s", ada).status, 409);
  EXPECT_EQ(link("s", bob).status, 409);
  EXPECT_EQ(link("S", ada).status, 201);
  EXPECT_EQ(link("https:%2F%2Fidp/s", ada, "other").status, 201);
  EXPECT_EQ(listed("identityProvider=idp"), "S s .");
  const auto of_ada = listed("user=" + ada.text());
  EXPECT_EQ(std::count(of_ada.begin(), of_ada.end(), ' '), 3);
  EXPECT_EQ(listed("user=" + bob.text()), ".");
}

TEST_F(FederatedIdentities, AreListedInPages) {
  usual();
  const auto ada = scimUser(R"("userName": "CORP/ada")");
  for (const char* subject : {"d", "a", "c", "b", "e"}) {
    EXPECT_EQ(link(subject, ada).status, 201);
  }
  EXPECT_EQ(listed("identityProvider=idp&count=2"), "a b b");
  EXPECT_EQ(listed("identityProvider=idp&count=2&after=b"), "c d d");
  EXPECT_EQ(listed("identityProvider=idp&count=2&after=d"), "e .");
  EXPECT_EQ(listed("identityProvider=idp&count=5"), "a b c d e .");
}

TEST_F(FederatedIdentities, AMoveTakesWhatTheProviderGrantedFromTheOldUser) {
  usual();
  group("CORP/granted");
  const auto kept = group("CORP/keepers");
  const char* claims = R"({"uid": "ada", "title": "T", "groups": ["granted", "keepers"]})";
  const auto first = login("s", claims);
  ASSERT_EQ(outcome(first), "created");
  const auto ada = idOf(first);
  changeMembers(kept,
                R"({"op": "add", "path": "members", "value": [{"value": ")" + ada.text() + "\"}]}");
  const auto bob = scimUser(R"("userName": "CORP/bob")");

  const auto moved = move("s", bob);
  ASSERT_EQ(moved.status, 200) << moved.body;
  EXPECT_EQ(read(moved).stringAt("user"), bob.text());
  EXPECT_EQ(count("corp.idp_grants"), 0U);
  EXPECT_EQ(count("corp.memberships"), 1U);  // that of SCIM
  const auto next = login("s", claims);
  EXPECT_EQ(outcome(next), "updated");
  EXPECT_EQ(idOf(next), bob);
  EXPECT_EQ(groupsOf(next), (std::vector<std::string>{"granted", "keepers"}));
  EXPECT_EQ(move("s", bob).status, 200);
  EXPECT_EQ(count("corp.idp_grants"), 2U);
}

TEST_F(FederatedIdentities, GrantsStayWhileAnotherSubjectOfTheProviderIsLinked) {
  usual();
  group("CORP/granted");
  const auto first = login("s", R"({"uid": "ada", "groups": ["granted"]})");
  EXPECT_EQ(link("second", idOf(first)).status, 201);
  EXPECT_EQ(ask(Method::kDelete, of("s")).status, 204);
  EXPECT_EQ(count("corp.idp_grants"), 1U);
  EXPECT_EQ(ask(Method::kDelete, of("second")).status, 204);
  EXPECT_EQ(count("corp.idp_grants"), 0U);
  EXPECT_EQ(count("corp.memberships"), 0U);
  EXPECT_EQ(ask(Method::kDelete, of("second")).status, 404);
}

TEST_F(FederatedIdentities, AnUnlinkedSubjectIsAStrangerAgain) {
  usual();
  const auto first = login("s", R"({"uid": "ada"})");
  EXPECT_EQ(ask(Method::kDelete, of("s")).status, 204);
  EXPECT_EQ(count("corp.users"), 1U);
  EXPECT_EQ(outcome(login("s", R"({"uid": "ada2"})")), "created");
  EXPECT_EQ(count("corp.users"), 2U);
}

TEST_F(FederatedIdentities, ALinkToADeletedUserCanBeMoved) {
  usual();
  const auto ada = scimUser(R"("userName": "CORP/ada")");
  const auto bob = scimUser(R"("userName": "bob")");
  EXPECT_EQ(link("s", ada).status, 201);
  // Deleting a user deletes its links, so nothing but another hand leaves one behind.
  onlooker_.run("DELETE FROM " + table("corp.users"));
  EXPECT_EQ(listed("identityProvider=idp"), "s .");
  EXPECT_EQ(move("s", bob).status, 200);
  EXPECT_EQ(read(ask(Method::kGet, of("s")))
                .find("federatedIdentities")
                ->array()
                ->front()
                .stringAt("domain"),
            "PRIMARY");
}

TEST_F(FederatedIdentities, WrongRequestsAreRefusedWithTheReason) {
  usual();
  const auto ada = scimUser(R"("userName": "CORP/ada")");
  const auto crew = group("CORP/sailors");
  ASSERT_EQ(link("s", ada).status, 201);
  const std::string body_of_ada = R"(, "user": ")" + ada.text() + "\"}";
  const auto nobody = ResourceId::generate(ada.domain(), ResourceKind::kUser).text();
  const std::string root(kIdentities);
  const struct {
    Method method;
    std::string path;
    std::string body;
    int status;
    std::string says;
  } kCases[] = {
      {Method::kGet, root, "", 400, "say whose links"},
      {Method::kGet, root + "?subject=s", "", 400, "identity provider"},
      {Method::kGet, root + "?user=x", "", 400, "id of a user"},
      {Method::kGet, root + "?identityProvider=none", "", 404, "no identity provider"},
      {Method::kGet, root + "?identityProvider=idp&count=0", "", 400, "from 1 to 1000"},
      {Method::kGet, root + "?identityProvider=idp&count=1001", "", 400, "from 1 to 1000"},
      {Method::kGet, root + "?identityProvider=idp&count=-1", "", 400, "from 1 to 1000"},
      {Method::kGet, of("t"), "", 404, "linked to nobody"},
      {Method::kPost, root, "[]", 400, "JSON object"},
      {Method::kPost, root, R"({"identityProvider": "idp", "subject": "t"})", 400,
       "user is needed"},
      {Method::kPost, root, R"({"identityProvider": "none", "subject": "t")" + body_of_ada, 400,
       "no identity provider"},
      {Method::kPost, root, R"({"identityProvider": "idp", "subject": "")" + body_of_ada, 400,
       "the subject is empty"},
      {Method::kPost, root,
       R"({"identityProvider": "idp", "subject": ")" + std::string(1'021, 'x') + '"' + body_of_ada,
       400, "longer than 1020"},
      {Method::kPost, root, R"({"identityProvider": "idp", "subject": "t", "x": 1)" + body_of_ada,
       400, "unknown key"},
      {Method::kPost, root,
       R"({"identityProvider": "idp", "subject": "t", "user": ")" + nobody + "\"}", 400,
       "no such user"},
      {Method::kPost, root,
       R"({"identityProvider": "idp", "subject": "t", "user": ")" + crew.text() + "\"}", 400,
       "no such user"},
      {Method::kPatch, of("s"), R"({"user": ")" + nobody + "\"}", 400, "no such user"},
      {Method::kPatch, of("s"), R"({"user": 7})", 400, "user is needed"},
      {Method::kPatch, of("t"), "{" + body_of_ada.substr(2), 404, "linked to nobody"},
      {Method::kPatch, root + "?identityProvider=idp", "{" + body_of_ada.substr(2), 400, "subject"},
      {Method::kDelete, root, "", 400, "identity provider"},
  };
  for (const auto& test : kCases) {
    const auto answer = ask(test.method, test.path, test.body);
    EXPECT_EQ(answer.status, test.status) << test.path << test.body << answer.body;
    EXPECT_NE(answer.body.find(test.says), std::string::npos) << test.path << answer.body;
  }
  EXPECT_EQ(askBound({"CORP"}, Method::kGet, of("s")).status, 403);
  EXPECT_EQ(listed("identityProvider=idp"), "s .");
}

}  // namespace
}  // namespace vestibule::http
