// What RFC 7643 says of users and groups, and RFC 7644 §3.3 to §3.6 of the requests that make,
// read, change and delete them, as clients see it.

#include <algorithm>

#include "http/scim/own_domain.h"
#include "json/parse.h"
#include "support/processes.h"

namespace vestibule::test {
namespace {

using Resources = OwnDomain;
using Ids = std::vector<std::string>;

/// The path below the server of an address in an answer.
std::string pathIn(const std::string& address) {
  const auto host = address.find("://");
  return host == std::string::npos ? address : address.substr(address.find('/', host + 3));
}

TEST_F(Resources, A6_ReferencesLeadToTheirResources) {
  const json::Value ann = make("/Users", user("ann"));
  const json::Value crew = make("/Groups", group("crew", members({idOf(ann)})));
  const json::Value shown = read("/Users/" + idOf(ann));
  const std::string to_member =
      text((*read("/Groups/" + idOf(crew)).find("members")->array())[0], "$ref");
  const std::string to_group = text((*shown.find("groups")->array())[0], "$ref");
  EXPECT_EQ(to_member, metaOf(ann, "location"));
  EXPECT_EQ(to_group, metaOf(crew, "location"));
  EXPECT_EQ(server().request("GET", pathIn(to_member)).json(), shown);
  EXPECT_EQ(server().request("GET", pathIn(to_group)).json().stringAt("id"), idOf(crew));
  // What clients say refers to something outside is kept as it is, relative or not.
  const json::Value linked = make(
      "/Users", user("bea", R"(,"profileUrl":"../people/bea","photos":[{"value":"https://x/p"}])"));
  EXPECT_EQ(linked.stringAt("profileUrl"), "../people/bea");
}

TEST_F(Resources, O1_AWriteIsFoundInTheAuditByItsCorrelationId) {
  const auto events = [&](const std::string& id) {
    const json::Value found =
        server()
            .process()
            .internal("GET", "/admin/v1/audit?correlationId=" + id, server().adminToken())
            .json();
    std::vector<std::string> actions;
    for (const auto& event : *found.find("events")->array()) {
      actions.push_back(text(event, "action"));
    }
    return actions;
  };
  const auto asked = [&](const char* method, const std::string& path, const std::string& body,
                         const std::string& id) {
    const Answer answer = server().request(method, base + path, body, {"X-Correlation-Id: " + id});
    EXPECT_EQ(answer.header("X-Correlation-Id"), id);
    return answer;
  };
  const Answer made = asked("POST", "/Users", user("ann"), "audit-1");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(events("audit-1"), Ids{"user.created"});
  asked("POST", "/Users", user("ann"), "audit-2");
  EXPECT_EQ(events("audit-2"), Ids{}) << "what was refused has changed nothing";
  const std::string bulk = R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
      "Operations":[{"method":"POST","path":"/Groups","bulkId":"g","data":)" +
                           group("crew") + R"(},{"method":"DELETE","path":"/Users/)" +
                           idOf(made.json()) + R"("}]})";
  ASSERT_EQ(asked("POST", "/Bulk", bulk, "audit-3").status, 200);
  EXPECT_EQ(events("audit-3"), (Ids{"user.deleted", "group.created"}));
  const Answer unnamed = server().request("POST", base + "/Users", user("bea"));
  EXPECT_EQ(events(std::string(unnamed.header("X-Correlation-Id").value_or(""))),
            Ids{"user.created"});
}

TEST_F(Resources, A10_TheSameTypeAndValueIsOneElement) {
  const json::Value made = make("/Users", user("ann", R"(,"emails":[{"value":"a@x","type":"work"},
                                          {"value":"A@X","type":"WORK"},{"value":"a@x"}])"));
  EXPECT_EQ(made.find("emails")->array()->size(), 2U);
  const Answer again =
      send("PATCH", "/Users/" + idOf(made),
           patch(R"({"op":"add","path":"emails","value":[{"type":"work","value":"a@x"}]})"));
  ASSERT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(again.json(), made);
}

TEST_F(Resources, A11_C4_NullEmptyListAndEmptyTextAreNoValue) {
  const json::Value made =
      make("/Users",
           user("ann", R"(,"title":null,"emails":[],"nickName":"","name":{"givenName":null})"));
  for (const char* name : {"title", "emails", "nickName", "name"}) {
    EXPECT_EQ(made.find(name), nullptr) << name;
  }
  const std::string one = "/Users/" + idOf(made);
  ASSERT_EQ(send("PUT", one, user("ann", R"(,"title":"t","emails":[{"value":"a@x"}])")).status,
            200);
  const Answer cleared = send("PUT", one, user("ann", R"(,"title":null,"emails":[])"));
  ASSERT_EQ(cleared.status, 200) << cleared.body;
  EXPECT_EQ(cleared.json().find("title"), nullptr);
  EXPECT_EQ(cleared.json().find("emails"), nullptr);
  EXPECT_EQ(totalOf("title pr or emails pr"), 0);
}

TEST_F(Resources, A15_IdsAreTheServersAndNeverComeBack) {
  const json::Value made = make("/Users", user("ann", R"(,"id":"chosen")"));
  const json::Value other = make("/Groups", group("crew", R"(,"id":")" + idOf(made) + "\""));
  const std::string id = idOf(made);
  EXPECT_NE(id, "chosen");
  EXPECT_NE(id, idOf(other));
  EXPECT_EQ(idOf(send("PUT", "/Users/" + id, user("ann", R"(,"id":"other")")).json()), id);
  std::string upper = id;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  EXPECT_EQ(send("GET", "/Users/" + upper).status, 404) << "ids have case";
  EXPECT_EQ(send("GET", "/Groups/" + id).status, 404) << "of another type";
  EXPECT_EQ(send("DELETE", "/Users/" + id).status, 204);
  EXPECT_NE(idOf(make("/Users", user("ann"))), id);
}

TEST_F(Resources, A16_Q2_ExternalIdIsTheClients) {
  const json::Value without = make("/Users", user("ann"));
  EXPECT_EQ(without.find("externalId"), nullptr) << "the server gives none";
  const json::Value bea = make("/Users", user("bea", R"(,"externalId":"Ext-7")"));
  make("/Users", user("cora", R"(,"externalId":"Ext-7")"));
  EXPECT_EQ(bea.stringAt("externalId"), "Ext-7");
  EXPECT_EQ(totalOf(R"(externalId eq "Ext-7")"), 2);
  EXPECT_EQ(totalOf(R"(externalId eq "ext-7")"), 0);
  const Answer put = send("PUT", "/Users/" + idOf(bea), user("bea"));
  EXPECT_EQ(put.json().find("externalId"), nullptr);
  EXPECT_EQ(totalOf(R"(externalId eq "Ext-7")"), 1);
}

TEST_F(Resources, A17_C2_C6_MetaIsTheServers) {
  const Answer created = send("POST", "/Users", user("ann", R"(,"meta":{"resourceType":"Group",
      "created":"1999-01-01T00:00:00Z","lastModified":"1999-01-01T00:00:00Z",
      "location":"https://x/","version":"W/\"99\""},"groups":[{"value":"g"}])"));
  ASSERT_EQ(created.status, 201) << created.body;
  const json::Value made = created.json();
  EXPECT_EQ(metaOf(made, "resourceType"), "User");
  EXPECT_EQ(metaOf(made, "created"), metaOf(made, "lastModified"));
  EXPECT_GT(metaOf(made, "created"), "2020");
  EXPECT_EQ(made.find("groups"), nullptr);
  const std::string one = "/Users/" + idOf(made);
  const Answer got = send("GET", one);
  const Answer put = send("PUT", one, user("ann", R"(,"title":"a")"));
  const Answer patched = send("PATCH", one, patch(R"({"op":"add","path":"title","value":"b"})"));
  std::vector<std::string> versions;
  for (const Answer* answer : {&created, &got, &put, &patched}) {
    const json::Value shown = answer->json();
    EXPECT_EQ(answer->header("Content-Location"), metaOf(shown, "location"));
    EXPECT_EQ(answer->header("ETag"), metaOf(shown, "version"));
    EXPECT_EQ(metaOf(shown, "version").substr(0, 3), "W/\"");
    EXPECT_EQ(metaOf(shown, "created"), metaOf(made, "created"));
    EXPECT_GE(metaOf(shown, "lastModified"), metaOf(made, "lastModified"));
    versions.push_back(metaOf(shown, "version"));
  }
  EXPECT_EQ(created.header("Location"), metaOf(made, "location"));
  EXPECT_EQ(versions[0], versions[1]);
  EXPECT_NE(versions[1], versions[2]);
  EXPECT_NE(versions[2], versions[3]);
}

TEST_F(Resources, A18_C3_ATakenNameIsUniqueness) {
  const json::Value made = make("/Users", user("BJensen"));
  make("/Users", user("other"));
  for (const char* name : {"BJensen", "bjensen", "BJENSEN", "\xEF\xBC\xA2Jensen"}) {
    SCOPED_TRACE(name);
    expectError(send("POST", "/Users", user(name)), 409, "uniqueness");
    EXPECT_EQ(totalOf("userName eq \"" + std::string(name) + "\""), 1);
  }
  EXPECT_EQ(made.stringAt("userName"), "BJensen") << "its spelling is kept";
  // Whoever asks after a 409 finds who has the name; the others' names are still free.
  make("/Groups", group("Crew"));
  expectError(send("POST", "/Groups", group("CREW")), 409, "uniqueness");
  const Answer own = send("PUT", "/Users/" + idOf(made), user("bjensen"));
  EXPECT_EQ(own.status, 200) << own.body;
}

TEST_F(Resources, A19_R3_PasswordsAreNeverShown) {
  const std::string secret = "Correct9-horse";
  const std::string with_password = R"(,"password":")" + secret + "\"";
  std::vector<Answer> answers;
  answers.push_back(send("POST", "/Users", user("ann", with_password)));
  ASSERT_EQ(answers[0].status, 201) << answers[0].body;
  const std::string one = "/Users/" + idOf(answers[0].json());
  answers.push_back(send("GET", one + "?attributes=password,userName"));
  answers.push_back(send("PUT", one + "?attributes=password", user("ann", with_password)));
  answers.push_back(send("PATCH", one,
                         patch(R"({"op":"replace","value":{"password":")" + secret +
                               R"("}},{"op":"add","path":"title","value":"t"})")));
  answers.push_back(send("GET", "/Users?attributes=password"));
  answers.push_back(send("POST", "/Users/.search",
                         R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],)"
                         R"("attributes":["password"]})"));
  answers.push_back(send("POST", "/Users", user("ann", with_password)));
  for (std::size_t i = 0; i < answers.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(answers[i].status, i == 0                    ? 201
                                 : i + 1 == answers.size() ? 409
                                                           : 200)
        << answers[i].body;
    EXPECT_EQ(answers[i].body.find("password"), std::string::npos) << answers[i].body;
    EXPECT_EQ(answers[i].body.find("argon2"), std::string::npos);
    EXPECT_EQ(answers[i].body.find(secret), std::string::npos);
  }
  EXPECT_EQ(server().process().log().find(secret), std::string::npos);
}

TEST_F(Resources, A20_GroupsOfAUserAreReadOnly) {
  const std::string ann = idOf(make("/Users", user("ann")));
  const json::Value crew = make("/Groups", group("crew", members({ann})));
  const auto groups = [&] { return idsIn(read("/Users/" + ann), "groups"); };
  EXPECT_EQ(groups(), Ids{idOf(crew)});
  const json::Value shown = (*read("/Users/" + ann).find("groups")->array())[0];
  EXPECT_EQ(shown.stringAt("display"), "crew");
  EXPECT_EQ(shown.stringAt("type"), "direct");
  EXPECT_EQ(shown.stringAt("$ref"), metaOf(crew, "location"));
  EXPECT_EQ(send("PUT", "/Users/" + ann, user("ann", R"(,"groups":[])")).status, 200);
  expectError(send("PATCH", "/Users/" + ann, patch(R"({"op":"remove","path":"groups"})")), 400,
              "mutability");
  EXPECT_EQ(groups(), Ids{idOf(crew)});
  EXPECT_EQ(
      send("PATCH", "/Groups/" + idOf(crew), patch(R"({"op":"remove","path":"members"})")).status,
      204);
  EXPECT_EQ(groups(), Ids{});
}

TEST_F(Resources, A21_ContactsAreKeptAsTheyAreGiven) {
  const json::Value made =
      make("/Users", user("ann", R"(,"addresses":[{"country":"Germany","type":"work"}],
          "timezone":"Atlantis/Capital","locale":"xx-YY","preferredLanguage":"klingon",
          "phoneNumbers":[{"value":"call me"}],"emails":[{"value":"ANN@Example.COM"}])"));
  EXPECT_EQ((*made.find("addresses")->array())[0].stringAt("country"), "Germany");
  EXPECT_EQ(made.stringAt("timezone"), "Atlantis/Capital");
  EXPECT_EQ((*made.find("emails")->array())[0].stringAt("value"), "ANN@Example.COM");
  // What has a type of its own is held to it.
  expectError(send("POST", "/Users", user("b", R"(,"x509Certificates":[{"value":"no base64"}])")),
              400, "invalidValue");
  expectError(send("POST", "/Users", user("b", R"(,"photos":[{"value":"a\tb"}])")), 400,
              "invalidValue");
}

TEST_F(Resources, A22_AGroupHasANameAndMembersThatExist) {
  expectError(
      send("POST", "/Groups", R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"]})"),
      400, "invalidValue");
  expectError(send("POST", "/Groups", group(" ")), 400, "invalidValue");
  expectError(send("POST", "/Groups", group("crew", members({kUnknownId}))), 400, "invalidValue");
  const std::string ann = idOf(make("/Users", user("ann")));
  const json::Value crew = make(
      "/Groups", group("crew", R"(,"members":[{"value":")" + ann + R"(","display":"Somebody"}])"));
  const json::Value member = (*read("/Groups/" + idOf(crew)).find("members")->array())[0];
  EXPECT_EQ(member.stringAt("type"), "User");
  EXPECT_EQ(member.stringAt("display"), "ann") << "readOnly: the server's";
}

TEST_F(Resources, A23_TheEnterpriseExtensionIsKeptButForTheManagersName) {
  const std::string extension = R"({"employeeNumber":"7","costCenter":"c","organization":"o",
      "division":"v","department":"d","manager":{"value":"m-1","$ref":"../Users/m-1")";
  const json::Value made =
      make("/Users", user("ann", ",\"" + std::string(kEnterprise) + "\":" + extension +
                                     R"(,"displayName":"Boss"}})"));
  const auto expected = json::parse(extension + "}}");
  ASSERT_TRUE(expected);
  ASSERT_NE(made.find(kEnterprise), nullptr);
  EXPECT_EQ(*made.find(kEnterprise), *expected) << "displayName is readOnly";
  EXPECT_EQ(made.find("schemas")->array()->size(), 2U);
  EXPECT_EQ(totalOf(std::string(kEnterprise) + R"(:manager.value eq "m-1")"), 1);
  EXPECT_EQ(totalOf(std::string(kEnterprise) + R"(:manager.value eq "M-1")"), 0)
      << "caseExact (erratum 8472)";
}

TEST_F(Resources, C1_ACreationAnswersWithTheResource) {
  const Answer made = send("POST", "/Users", user("ann", R"(,"title":"t")"));
  ASSERT_EQ(made.status, 201);
  EXPECT_EQ(made.header("Content-Type"), "application/scim+json");
  EXPECT_TRUE(made.header("Location"));
  EXPECT_TRUE(made.header("ETag"));
  EXPECT_EQ(made.json(), read("/Users/" + idOf(made.json()))) << "who reads finds what was written";
  EXPECT_EQ(totalOf(R"(userName eq "ann")"), 1);
}

TEST_F(Resources, C9_AnAnswerShowsWhatTheQueryAsksFor) {
  const auto names = [](const Answer& answer) {
    std::string text;
    const json::Value body = answer.json();
    for (const auto& member : body.object()->members()) text += member.key + " ";
    return text;
  };
  const Answer made =
      send("POST", "/Users?attributes=userName", user("ann", R"(,"title":"t","locale":"de")"));
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(names(made), "id schemas userName ");
  const std::string one = "/Users/" + idOf(made.json());
  EXPECT_EQ(names(send("PUT", one + "?excludedAttributes=meta,title", user("ann"))),
            "id schemas userName ");
  EXPECT_EQ(names(send("PATCH", one + "?attributes=title",
                       patch(R"({"op":"add","path":"title","value":"t"})"))),
            "id schemas title ");
  const std::string crew = "/Groups/" + idOf(make("/Groups", group("crew")));
  const Answer renamed = send("PATCH", crew + "?attributes=displayName",
                              patch(R"({"op":"replace","path":"displayName","value":"c"})"));
  EXPECT_EQ(renamed.status, 200);
  EXPECT_EQ(names(renamed), "id schemas displayName ");
}

TEST_F(Resources, D1_L1_AReadAnswersWithItsVersionOr404) {
  const json::Value made = make("/Users", user("ann"));
  const Answer got = send("GET", "/Users/" + idOf(made));
  EXPECT_EQ(got.status, 200);
  EXPECT_EQ(got.header("ETag"), metaOf(made, "version"));
  for (const std::string id : {kUnknownId, "7", "x", "00000000-0000-0000-0000-000000000000"}) {
    for (const char* endpoint : {"/Users/", "/Groups/"}) {
      expectError(send("GET", endpoint + id), 404, "");
    }
  }
}

TEST_F(Resources, D5_ListsOfNamesThatExcludeEachOtherAreRefused) {
  const std::string both = "?attributes=userName&excludedAttributes=emails";
  const std::string one = "/Users/" + idOf(make("/Users", user("ann")));
  expectError(send("GET", one + both), 400, "invalidValue");
  expectError(send("GET", "/Users" + both), 400, "invalidValue");
  expectError(send("POST", "/Users" + both, user("bea")), 400, "invalidValue");
  EXPECT_EQ(totalOf(R"(userName eq "bea")"), 0);
}

TEST_F(Resources, D9_ASlashAtTheEndIsNone) {
  const std::string one = "/Users/" + idOf(make("/Users", user("ann")));
  EXPECT_EQ(send("GET", one + "/").body, send("GET", one).body);
  EXPECT_EQ(send("GET", "/Users/?filter=" + percentEncode(R"(userName eq "ann")")).body,
            send("GET", "/Users?filter=" + percentEncode(R"(userName eq "ann")")).body);
  EXPECT_EQ(send("POST", "/Users/", user("bea")).status, 201);
}

TEST_F(Resources, F2_AFailedPatchChangesNothing) {
  const json::Value made = make("/Users", user("ann", R"(,"title":"a")"));
  const std::string one = "/Users/" + idOf(made);
  expectError(send("PATCH", one, patch(R"({"op":"replace","path":"title","value":"b"},
                            {"op":"remove","path":"emails[type eq \"x\"]"})")),
              400, "noTarget");
  EXPECT_EQ(read(one), made);
  const json::Value crew = make("/Groups", group("crew"));
  expectError(send("PATCH", "/Groups/" + idOf(crew),
                   patch(R"({"op":"replace","path":"displayName","value":"b"},
                            {"op":"add","path":"members","value":[{"value":")" +
                         std::string(kUnknownId) + R"("}]})")),
              400, "invalidValue");
  EXPECT_EQ(read("/Groups/" + idOf(crew)), crew);
}

TEST_F(Resources, F4_S26_APatchAnswersAndWithoutAChangeKeepsTheVersion) {
  const json::Value made = make("/Users", user("ann", R"(,"title":"a")"));
  const std::string one = "/Users/" + idOf(made);
  const Answer same = send("PATCH", one, patch(R"({"op":"replace","path":"title","value":"a"})"));
  EXPECT_EQ(same.status, 200);
  EXPECT_EQ(same.json(), made);
  EXPECT_EQ(send("PUT", one, user("ann", R"(,"title":"a")")).json(), made);
  const Answer changed =
      send("PATCH", one, patch(R"({"op":"replace","path":"title","value":"b"})"));
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(changed.header("ETag"), metaOf(changed.json(), "version"));
  EXPECT_NE(metaOf(changed.json(), "version"), metaOf(made, "version"));

  const json::Value crew = make("/Groups", group("crew", members({idOf(made)})));
  const std::string add =
      patch(R"({"op":"add","path":"members","value":[{"value":")" + idOf(made) + R"("}]})");
  const Answer silent = send("PATCH", "/Groups/" + idOf(crew), add);
  EXPECT_EQ(silent.status, 204);
  EXPECT_EQ(silent.body, "");
  EXPECT_EQ(silent.header("ETag"), metaOf(crew, "version"));
  const Answer asked = send("PATCH", "/Groups/" + idOf(crew) + "?attributes=displayName", add);
  EXPECT_EQ(asked.status, 200);
  EXPECT_EQ(asked.json().stringAt("displayName"), "crew");
}

TEST_F(Resources, F7_TheResultOfAPatchIsAResourceThatCouldBeMade) {
  make("/Users", user("ann"));
  const std::string one = "/Users/" + idOf(make("/Users", user("bea")));
  expectError(send("PATCH", one, patch(R"({"op":"replace","path":"userName","value":"ANN"})")), 409,
              "uniqueness");
  expectError(send("PATCH", one, patch(R"({"op":"remove","path":"userName"})")), 400, "mutability");
  EXPECT_EQ(read(one).stringAt("userName"), "bea");
}

TEST_F(Resources, F44_F45_MembersAreResourcesAndNotTheGroupItself) {
  const std::string crew = idOf(make("/Groups", group("crew")));
  const auto add = [&](const std::string& id) {
    return send("PATCH", "/Groups/" + crew,
                patch(R"({"op":"add","path":"members","value":[{"value":")" + id + R"("}]})"));
  };
  expectError(add(kUnknownId), 400, "invalidValue");
  expectError(add("nobody"), 400, "invalidValue");
  expectError(add(crew), 400, "invalidValue");
  EXPECT_EQ(idsIn(read("/Groups/" + crew), "members"), Ids{});
}

TEST_F(Resources, X16_ThatAGroupIsEmptiedWithoutNamingAnybodyIsInTheLog) {
  const auto ann = idOf(make("/Users", user("ann")));
  const auto named = idOf(make("/Groups", group("named", members({ann}))));
  const auto emptied = idOf(make("/Groups", group("emptied", members({ann}))));
  ASSERT_EQ(send("PATCH", "/Groups/" + named,
                 patch(R"({"op":"remove","path":"members[value eq \")" + ann + R"(\"]"})"))
                .status,
            204);
  ASSERT_EQ(
      send("PATCH", "/Groups/" + emptied, patch(R"({"op":"remove","path":"members"})")).status,
      204);
  EXPECT_EQ(read("/Groups/" + emptied).find("members"), nullptr);
  const auto event = "group=" + emptied + " token_id=";
  EXPECT_TRUE(eventually([&] { return server().process().log().find(event) != std::string::npos; }))
      << server().process().log();
  EXPECT_EQ(server().process().log().find("group=" + named + " token_id="), std::string::npos);
}

TEST_F(Resources, G1_APutNeverCreates) {
  expectError(send("PUT", "/Users/" + std::string(kUnknownId), user("ann")), 404, "");
  expectError(send("PUT", "/Groups/" + std::string(kUnknownId), group("crew")), 404, "");
  EXPECT_EQ(totalOf(R"(userName eq "ann")"), 0);
  const std::string one = "/Users/" + idOf(make("/Users", user("ann")));
  const Answer put = send("PUT", one, user("ann", R"(,"title":"t")"));
  EXPECT_EQ(put.status, 200);
  EXPECT_EQ(put.json(), read(one));
}

TEST_F(Resources, G2_G4_APutReplacesWhatAClientCanWrite) {
  const std::string ann =
      idOf(make("/Users", user("ann", R"(,"title":"t","emails":[{"value":"a@x"}])")));
  const std::string one = "/Users/" + ann;
  make("/Groups", group("crew", members({ann})));
  // As Okta does: everything that was read, with a change.
  json::Value echoed = read(one);
  echoed.object()->set("title", "new");
  echoed.object()->set("id", "another");
  const Answer put = send("PUT", one, json::write(echoed));
  ASSERT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(put.json().stringAt("title"), "new");
  EXPECT_EQ(idOf(put.json()), ann);
  EXPECT_EQ(idsIn(put.json(), "groups").size(), 1U);
  const Answer less = send("PUT", one, user("ann"));
  EXPECT_EQ(less.json().find("title"), nullptr);
  EXPECT_EQ(less.json().find("emails"), nullptr);
  EXPECT_EQ(idsIn(less.json(), "groups").size(), 1U);
}

TEST_F(Resources, G5_G6_APutIsHeldToWhatACreationIs) {
  make("/Users", user("ann"));
  const std::string one = "/Users/" + idOf(make("/Users", user("bea")));
  expectError(
      send("PUT", one, R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"title":"t"})"),
      400, "invalidValue");
  expectError(send("PUT", one, user("Ann")), 409, "uniqueness");
  EXPECT_EQ(read(one).stringAt("userName"), "bea");
}

TEST_F(Resources, G7_APutOfMembersIsTheSet) {
  Ids users;
  for (const char* name : {"ann", "bea", "cora"}) users.push_back(idOf(make("/Users", user(name))));
  const std::string crew =
      "/Groups/" + idOf(make("/Groups", group("crew", members({users[0], users[1]}))));
  const std::string before = metaOf(read(crew), "version");
  const Answer same = send("PUT", crew, group("crew", members({users[1], users[0]})));
  EXPECT_EQ(same.status, 200) << same.body;
  EXPECT_EQ(metaOf(same.json(), "version"), before);
  Ids wanted{users[1], users[2]};
  std::sort(wanted.begin(), wanted.end());
  EXPECT_EQ(idsIn(send("PUT", crew, group("crew", members(wanted))).json(), "members"), wanted);
  EXPECT_EQ(idsIn(read(crew), "members"), wanted);
  // What was read is a body, with the parts of members that are the server's.
  EXPECT_EQ(send("PUT", crew, send("GET", crew).body).status, 200);
  EXPECT_EQ(idsIn(send("PUT", crew, group("crew")).json(), "members"), Ids{});
}

TEST_F(Resources, H1_H3_D10_WhatIsDeletedIsGone) {
  const std::string ann = idOf(make("/Users", user("ann")));
  const std::string one = "/Users/" + ann;
  const Answer deleted = send("DELETE", one);
  EXPECT_EQ(deleted.status, 204);
  EXPECT_EQ(deleted.body, "");
  expectError(send("GET", one), 404, "");
  expectError(send("PUT", one, user("ann")), 404, "");
  expectError(send("PATCH", one, patch(R"({"op":"add","path":"title","value":"t"})")), 404, "");
  expectError(send("DELETE", one), 404, "");
  EXPECT_EQ(totalOf(R"(userName eq "ann")"), 0);
  EXPECT_EQ(totalOf("id eq \"" + ann + "\""), 0);
  make("/Users", user("ann"));
}

TEST_F(Resources, H2_ADeletionOfAnotherVersionIsRefused) {
  for (const auto& one : {"/Users/" + idOf(make("/Users", user("ann"))),
                          "/Groups/" + idOf(make("/Groups", group("crew")))}) {
    SCOPED_TRACE(one);
    expectError(send("DELETE", one, "", {R"(If-Match: W/"2")"}), 412, "");
    EXPECT_EQ(send("GET", one).status, 200);
    EXPECT_EQ(send("DELETE", one, "", {R"(If-Match: W/"1")"}).status, 204);
  }
}

TEST_F(Resources, H4_S30_WhatReferredToADeletedUser) {
  const std::string ann = idOf(make("/Users", user("ann")));
  const std::string bea =
      idOf(make("/Users", user("bea", ",\"" + std::string(kEnterprise) +
                                          R"(":{"manager":{"value":")" + ann + "\"}}")));
  const json::Value crew = make("/Groups", group("crew", members({ann, bea})));
  ASSERT_EQ(send("DELETE", "/Users/" + ann).status, 204);
  const json::Value after = read("/Groups/" + idOf(crew));
  EXPECT_EQ(idsIn(after, "members"), Ids{bea});
  EXPECT_NE(metaOf(after, "version"), metaOf(crew, "version"));
  // Who somebody's manager is, is theirs to say: the value stays until they change it.
  EXPECT_EQ(read("/Users/" + bea).find(kEnterprise)->find("manager")->stringAt("value"), ann);
}

TEST_F(Resources, H5_ADeleteMayHaveABodyAndAccept) {
  const std::string one = "/Users/" + idOf(make("/Users", user("ann")));
  EXPECT_EQ(send("DELETE", one, "{}", {"Accept: application/scim+json"}).status, 204);
}

TEST_F(Resources, Q1_TheBaseThatWasAskedIsInEveryAddress) {
  const std::string ann = idOf(make("/Users", user("ann")));
  make("/Groups", group("crew", members({ann})));
  const std::string one = "/Users/" + ann;
  for (const std::string& asked : {base, std::string("/scim/v2")}) {
    const std::string expected = asked + one;
    const json::Value shown = server().request("GET", expected).json();
    EXPECT_TRUE(metaOf(shown, "location").ends_with(expected)) << metaOf(shown, "location");
    const std::string ref = text((*shown.find("groups")->array())[0], "$ref");
    EXPECT_NE(ref.find(asked + "/Groups/"), std::string::npos) << ref;
    EXPECT_EQ(shown.stringAt("userName"), asked == base ? "ann" : domain + "/ann");
  }
}

TEST_F(Resources, Q3_NamesAreUniqueInTheirDomain) {
  const std::string other = ScimServer::baseOf(server().emptyDomain());
  make("/Users", user("ann"));
  make("/Groups", group("crew"));
  EXPECT_EQ(server().request("POST", other + "/Users", user("ann")).status, 201);
  EXPECT_EQ(server().request("POST", other + "/Groups", group("crew")).status, 201);
  expectError(server().request("POST", "/scim/v2/Users", user(domain + "/Ann")), 409, "uniqueness");
}

TEST_F(Resources, Q6_MembersAreOfTheGroupsOwnDomain) {
  const std::string other = ScimServer::baseOf(server().emptyDomain());
  const Answer stranger = server().request("POST", other + "/Users", user("ann"));
  ASSERT_EQ(stranger.status, 201);
  const std::string id = idOf(stranger.json());
  const Answer refused = send("POST", "/Groups", group("crew", members({id})));
  expectError(refused, 400, "invalidValue");
  // No hint that there is such a user somewhere else: the answer is that to one who is gone.
  const std::string gone = idOf(make("/Users", user("gone")));
  ASSERT_EQ(send("DELETE", "/Users/" + gone).status, 204);
  std::string unknown = send("POST", "/Groups", group("crew", members({gone}))).body;
  if (const auto at = unknown.find(gone); at != std::string::npos) {
    unknown.replace(at, gone.size(), id);
  }
  EXPECT_EQ(refused.body, unknown);
}

TEST_F(Resources, S33_LongAndUnusualNamesAreKeptWhole) {
  const std::string stem(250, 'x');
  // Letters of four bytes in UTF-8.
  const std::string first = "\xF0\xA0\x80\x80";
  const std::string second = "\xF0\xA0\x80\x81";
  for (const std::string& name : {stem + first, stem + second, stem}) {
    EXPECT_EQ(make("/Users", user(name)).stringAt("userName"), name);
    EXPECT_EQ(totalOf("userName eq \"" + name + "\""), 1);
  }
  // A name is not another one with a space behind it, and no name ends in one.
  expectError(send("POST", "/Users", user(stem + " ")), 400, "invalidValue");
  EXPECT_EQ(totalOf("userName eq \"" + stem + " \""), 0);
}

}  // namespace
}  // namespace vestibule::test
