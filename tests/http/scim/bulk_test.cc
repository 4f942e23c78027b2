// POST /Bulk over real sockets: RFC 7644 §3.7 from the request to what is stored afterwards.

#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <thread>

#include "http/scim/scim_server.h"
#include "json/write.h"
#include "support/processes.h"
#include "support/server_process.h"
#include "support/temporary_folder.h"

namespace vestibule::test {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr const char* kUserSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
constexpr const char* kEnterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
constexpr const char* kGroupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group";
constexpr const char* kPatchSchema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
constexpr const char* kBulkSchema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

Object user(const std::string& name) {
  return {{"schemas", Array{kUserSchema}}, {"userName", name}};
}

Object userUnder(const std::string& name, const std::string& manager) {
  auto made = user(name);
  made.set(kEnterprise, Object{{"manager", Object{{"value", manager}}}});
  return made;
}

Object group(const std::string& name, const std::vector<std::string>& members) {
  Array list;
  for (const auto& member : members) list.emplace_back(Object{{"value", member}});
  return {{"schemas", Array{kGroupSchema}}, {"displayName", name}, {"members", std::move(list)}};
}

Object title(const std::string& text) {
  return {{"schemas", Array{kPatchSchema}},
          {"Operations", Array{Object{{"op", "replace"}, {"path", "title"}, {"value", text}}}}};
}

Value post(const std::string& path, const std::string& bulk_id, Object data) {
  return Object{{"method", "POST"}, {"path", path}, {"bulkId", bulk_id}, {"data", std::move(data)}};
}

Value with(const std::string& method, const std::string& path, Object data) {
  return Object{{"method", method}, {"path", path}, {"data", std::move(data)}};
}

Value erase(const std::string& path) { return Object{{"method", "DELETE"}, {"path", path}}; }

std::string bulk(Array operations, int fail_on_errors = 0) {
  Object message{{"schemas", Array{kBulkSchema}}};
  if (fail_on_errors > 0) message.set("failOnErrors", fail_on_errors);
  message.set("Operations", std::move(operations));
  return json::write(message);
}

class BulkTest : public ::testing::Test {
 protected:
  /// A domain of its own on the server that all tests share.
  void share() { base = ScimServer::baseOf(ScimServer::get().emptyDomain()); }

  /// A server of its own.
  void start(std::map<std::string, std::string> environment = {}) {
    own = std::make_unique<ServerProcess>(VESTIBULE_BINARY, folder.path() / "data",
                                          std::move(environment));
    token = own->token("scim", "scim:read scim:write");
  }

  Answer send(std::string_view method, const std::string& target, std::string_view body = {},
              const std::vector<std::string>& headers = {}) {
    return own ? own->scim(method, target, token, body, headers)
               : ScimServer::get().request(method, target, body, headers);
  }

  /// The results of a bulk request, which has to be answered 200.
  Array run(const std::string& body) {
    const auto answer = send("POST", base + "/Bulk", body);
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.header("Content-Type"), "application/scim+json");
    const auto message = answer.json();
    last = answer.body;
    const auto* schemas = message.find("schemas");
    EXPECT_TRUE(schemas != nullptr &&
                *schemas == Value(Array{"urn:ietf:params:scim:api:messages:2.0:BulkResponse"}));
    const auto* operations = message.find("Operations");
    return operations != nullptr && operations->isArray() ? *operations->array() : Array();
  }

  /// The statuses of results, separated by spaces.
  static std::string statuses(const Array& results) {
    std::string text;
    for (const auto& result : results) {
      if (!text.empty()) text += ' ';
      text += result.stringAt("status").value_or("none");
    }
    return text;
  }

  /// The id at the end of a result's location.
  static std::string idOf(const Value& result) {
    const auto location = std::string(result.stringAt("location").value_or(""));
    return location.substr(location.rfind('/') + 1);
  }

  Value read(const std::string& path) { return send("GET", base + path).json(); }

  std::string managerOf(const std::string& id) {
    const auto body = read("/Users/" + id);
    const auto* extension = body.find(kEnterprise);
    const auto* manager = extension != nullptr ? extension->find("manager") : nullptr;
    return manager != nullptr ? std::string(manager->stringAt("value").value_or("")) : "";
  }

  std::vector<std::string> membersOf(const std::string& id) {
    std::vector<std::string> ids;
    const auto body = read("/Groups/" + id);
    if (const auto* members = body.find("members"); members != nullptr && members->isArray()) {
      for (const auto& member : *members->array()) {
        ids.emplace_back(member.stringAt("value").value_or(""));
      }
    }
    std::sort(ids.begin(), ids.end());
    return ids;
  }

  bool exists(const std::string& user_name) {
    const auto list = read("/Users?filter=" + percentEncode("userName eq \"" + user_name + "\""));
    const auto* total = list.find("totalResults");
    return total != nullptr && total->isNumber() && total->number()->asInt64() == 1;
  }

  TemporaryFolder folder;
  std::unique_ptr<ServerProcess> own;
  std::string token;  ///< for the server of its own
  std::string base = "/scim/v2";
  std::string last;  ///< the last answer of `run`
};

TEST_F(BulkTest, M2_M8_L7_EachOperationIsAnsweredInTheOrderOfTheRequest) {
  share();
  const auto made = run(bulk({post("/Users", "a", user("ann")), post("Users", "b", user("bea"))}));
  ASSERT_EQ(statuses(made), "201 201") << last;
  EXPECT_EQ(made[0].stringAt("method"), "POST");
  EXPECT_EQ(made[0].stringAt("bulkId"), "a");
  EXPECT_EQ(made[0].stringAt("version"), "W/\"1\"");
  EXPECT_EQ(made[0].find("response"), nullptr);
  const auto ann = idOf(made[0]);
  const auto bea = idOf(made[1]);
  EXPECT_EQ(read("/Users/" + ann).find("meta")->stringAt("location"), made[0].stringAt("location"));

  // E 5050: the data of a PATCH is a whole PatchOp message (M8). Versions are preconditions (L7).
  auto stale = with("PATCH", "/Users/" + ann, title("stale"));
  stale.object()->set("version", "W/\"7\"");
  auto current = with("patch", "/Users/" + ann, title("chief"));
  current.object()->set("version", "W/\"1\"");
  const auto changed = run(bulk({
      stale,
      current,
      with("PUT", "/Users/" + bea, user("bea")),
      with("PUT", "/Users/" + bea, user("ann")),
      erase("/Users/" + bea),
      erase("/Users/" + bea),
      post("/Users", "c", Object{{"schemas", Array{kUserSchema}}}),
      post("/Bulk", "d", Object{}),
      with("PUT", "/Things/1", Object{}),
      with("PUT", "/Users", Object{}),
  }));
  ASSERT_EQ(statuses(changed), "412 200 200 409 204 404 400 400 404 400") << last;
  EXPECT_EQ(read("/Users/" + ann).stringAt("title"), "chief");
  EXPECT_EQ(changed[1].stringAt("version"), "W/\"2\"");
  EXPECT_EQ(changed[0].stringAt("location"), made[0].stringAt("location"));
  EXPECT_EQ(changed[0].find("version"), nullptr);
  EXPECT_EQ(changed[4].find("version"), nullptr);
  EXPECT_EQ(changed[4].stringAt("location"), made[1].stringAt("location"));
  EXPECT_EQ(changed[6].find("location"), nullptr);
  const auto* error = changed[3].find("response");
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->stringAt("status"), "409");
  EXPECT_EQ(error->stringAt("scimType"), "uniqueness");

  // A message that is none is refused as a whole; so is a media type that is not JSON.
  for (const auto* bad : {"{", "[]", R"({"schemas":[]})"}) {
    EXPECT_EQ(send("POST", base + "/Bulk", bad).status, 400) << bad;
  }
  EXPECT_EQ(
      send("POST", base + "/Bulk", bulk({erase("/Users/" + ann)}), {"Content-Type: text/plain"})
          .status,
      415);
  const auto twice =
      send("POST", base + "/Bulk",
           bulk({post("/Users", "x", user("twin-1")), post("/Users", "x", user("twin-2"))}));
  EXPECT_EQ(twice.status, 400);
  EXPECT_EQ(twice.json().stringAt("scimType"), "invalidValue");
  EXPECT_FALSE(exists("twin-1"));
  const auto got = send("GET", base + "/Bulk");
  EXPECT_EQ(got.status, 405);
  EXPECT_EQ(got.header("Allow"), "POST, OPTIONS");
}

TEST_F(BulkTest, M4_ReferencesLeadForwardsAndBackwards) {
  share();
  const auto results = run(bulk({
      post("/Groups", "g", group("crew", {"bulkId:u1", "bulkId:u2"})),
      post("/Users", "u1", userUnder("one", "bulkId:u2")),
      post("/Users", "u2", user("two")),
      with("PATCH", "/Groups/bulkId:g",
           Object{{"schemas", Array{kPatchSchema}},
                  {"Operations", Array{Object{{"op", "add"},
                                              {"path", "members"},
                                              {"value", Array{Object{{"value", "bulkId:u3"}}}}}}}}),
      post("/Users", "u3", user("three")),
      erase("/Users/bulkId:u2"),
  }));
  ASSERT_EQ(statuses(results), "201 201 201 200 201 204") << last;
  EXPECT_EQ(results[0].stringAt("bulkId"), "g");
  EXPECT_EQ(results[3].stringAt("location"), results[0].stringAt("location"));
  std::vector<std::string> members{idOf(results[1]), idOf(results[4])};
  std::sort(members.begin(), members.end());
  EXPECT_EQ(membersOf(idOf(results[0])), members);
  EXPECT_EQ(managerOf(idOf(results[1])), idOf(results[2]));
}

TEST_F(BulkTest, M5_CirclesAreResolvedOrLeaveNothing) {
  share();
  auto first = userUnder("first", "bulkId:b");
  first.set("password", "Battery9-staple");
  const auto managers = run(bulk({
      post("/Users", "a", std::move(first)),
      post("/Users", "b", userUnder("second", "bulkId:a")),
      post("/Users", "self", userUnder("boss", "bulkId:self")),
      with("PATCH", "/Users/bulkId:a", title("t")),
  }));
  ASSERT_EQ(statuses(managers), "201 201 201 200") << last;
  EXPECT_EQ(managerOf(idOf(managers[0])), idOf(managers[1]));
  EXPECT_EQ(managerOf(idOf(managers[1])), idOf(managers[0]));
  EXPECT_EQ(managerOf(idOf(managers[2])), idOf(managers[2]));
  for (const std::size_t i : {1U, 2U}) {
    EXPECT_EQ(read("/Users/" + idOf(managers[i])).find("meta")->stringAt("version"),
              managers[i].stringAt("version"));
  }

  // The second of the circle cannot be made, so the first does not stay; the rest is untouched.
  const auto broken = run(bulk({
      post("/Users", "c", userUnder("third", "bulkId:d")),
      post("/Users", "d", userUnder("second", "bulkId:c")),
      post("/Groups", "g", group("follows", {"bulkId:c"})),
      post("/Users", "e", user("fifth")),
  }));
  ASSERT_EQ(statuses(broken), "409 409 409 201") << last;
  EXPECT_EQ(broken[1].find("response")->stringAt("scimType"), "uniqueness");
  EXPECT_EQ(broken[0].find("location"), nullptr);
  EXPECT_FALSE(exists("third"));
  EXPECT_TRUE(exists("fifth"));

  // A circle of required values cannot be resolved.
  const auto impossible = run(bulk({
      post("/Users", "x", user("bulkId:y")),
      post("/Users", "y", user("bulkId:x")),
      post("/Users", "z", user("sixth")),
  }));
  EXPECT_EQ(statuses(impossible), "409 409 201") << last;
}

TEST_F(BulkTest, M3_M9_AFailedDependencyFailsWhatDependsAndNothingElse) {
  share();
  const auto results = run(bulk({
      post("/Users", "a", user("ann")),
      post("/Users", "b", user("ann")),
      post("/Groups", "g", group("needs-b", {"bulkId:a", "bulkId:b"})),
      with("PATCH", "/Users/bulkId:b", title("t")),
      post("/Groups", "h", group("unknown", {"bulkId:nobody"})),
      erase("/Groups/bulkId:g"),
      post("/Groups", "i", group("fine", {"bulkId:a"})),
  }));
  ASSERT_EQ(statuses(results), "201 409 409 409 400 409 201") << last;
  EXPECT_EQ(results[4].find("response")->stringAt("scimType"), "invalidValue");
  EXPECT_EQ(membersOf(idOf(results[6])), std::vector<std::string>{idOf(results[0])});

  // M3: after so many errors the rest is not begun, and not answered.
  const Array three{post("/Users", "1", user("ann")), post("/Users", "2", user("new-1")),
                    post("/Users", "3", user("ann")), post("/Users", "4", user("new-2"))};
  EXPECT_EQ(statuses(run(bulk(three, 1))), "409");
  EXPECT_EQ(statuses(run(bulk(three, 2))), "409 201 409");
  EXPECT_FALSE(exists("new-2"));
  EXPECT_EQ(statuses(run(bulk(three, 3))), "409 409 409");
  EXPECT_FALSE(exists("new-2"));
  EXPECT_EQ(statuses(run(bulk(three))), "409 409 409 201");
}

TEST_F(BulkTest, R1_Q6_Q7_EachOperationIsBoundToWhatTheTokenMay) {
  start();
  for (const char* domain : {"CORP", "SALES"}) {
    ASSERT_EQ(own->command({"domain", "create", domain}).status, 0);
  }
  const auto reader = own->token("reader", "scim:read");
  const auto corp = own->token("corp", "scim:read scim:write", "CORP");
  const auto body = bulk({post("/Users", "a", user("ann"))});
  EXPECT_EQ(own->scim("POST", "/scim/v2/Bulk", "", body).status, 401);
  EXPECT_EQ(own->scim("POST", "/scim/v2/Bulk", reader, body).status, 403);
  EXPECT_EQ(own->scim("POST", "/domains/SALES/scim/v2/Bulk", corp, body).status, 404);
  EXPECT_FALSE(exists("ann"));

  base = "/domains/SALES/scim/v2";
  const auto sales = run(bulk({post("/Users", "s", user("sam"))}));
  ASSERT_EQ(statuses(sales), "201") << last;
  const auto stranger = idOf(sales[0]);
  EXPECT_NE(sales[0].stringAt("location")->find("/domains/SALES/scim/v2/Users/"),
            std::string::npos);

  // Over one domain, names are bare, and what is of another domain is not there.
  const auto all = std::exchange(token, corp);
  const Array across{
      post("/Users", "u", user("uma")),
      with("PATCH", "/Users/" + stranger, title("t")),
      erase("/Users/" + stranger),
      post("/Groups", "g", group("mixed", {"bulkId:u", stranger})),
      post("/Groups", "h", group("own-crew", {"bulkId:u"})),
  };
  base = "/domains/CORP/scim/v2";
  const auto own_crew = run(bulk(across));
  ASSERT_EQ(statuses(own_crew), "201 404 404 400 201") << last;
  EXPECT_NE(own_crew[0].stringAt("location")->find("/domains/CORP/scim/v2/Users/"),
            std::string::npos);
  EXPECT_EQ(read("/Users/" + idOf(own_crew[0])).stringAt("userName"), "uma");

  base = "/scim/v2";
  EXPECT_EQ(read("/Users/" + idOf(own_crew[0])).stringAt("userName"), "CORP/uma");
  // Over all domains the token may see, the name says which one.
  const auto over_all =
      run(bulk({post("/Users", "a", user("CORP/vic")), post("/Users", "b", user("SALES/wil")),
                post("/Users", "c", user("xen"))}));
  EXPECT_EQ(statuses(over_all), "201 400 400") << last;
  token = all;
  EXPECT_EQ(read("/Users/" + stranger).stringAt("userName"), "SALES/sam");
  EXPECT_EQ(read("/Users/" + stranger).find("title"), nullptr);
}

TEST_F(BulkTest, M6_LimitsRefuseBeforeAnyWork) {
  start({{"VESTIBULE_SCIM_BULK_OPERATIONS", "3"}, {"VESTIBULE_SCIM_BULK_PAYLOAD_BYTES", "4096"}});
  const auto config = read("/ServiceProviderConfig");
  EXPECT_EQ(*config.find("bulk"),
            Value(Object{{"supported", true}, {"maxOperations", 3}, {"maxPayloadSize", 4096}}));
  const auto many =
      send("POST", base + "/Bulk",
           bulk({post("/Users", "1", user("user-1")), post("/Users", "2", user("user-2")),
                 post("/Users", "3", user("user-3")), post("/Users", "4", user("user-4"))}));
  EXPECT_EQ(many.status, 413);
  EXPECT_NE(many.body.find("maxOperations (3)"), std::string::npos) << many.body;
  EXPECT_FALSE(exists("user-1"));

  auto long_user = user("user-5");
  long_user.set("name", Object{{"formatted", std::string(5000, 'x')}});
  const auto large = send("POST", base + "/Bulk", bulk({post("/Users", "5", long_user)}));
  EXPECT_EQ(large.status, 413);
  EXPECT_NE(large.body.find("4096"), std::string::npos) << large.body;
  EXPECT_FALSE(exists("user-5"));
  EXPECT_EQ(send("POST", base + "/Users", json::write(long_user)).status, 201);
}

TEST_F(BulkTest, M7_GroupsInGroupsAreMadeInAnyOrderButNotInACircle) {
  share();
  const auto made = run(bulk(
      {post("/Groups", "outer", group("outer", {"bulkId:inner", "bulkId:u"})),
       post("/Groups", "inner", group("inner", {"bulkId:u"})), post("/Users", "u", user("ula"))}));
  ASSERT_EQ(statuses(made), "201 201 201") << last;
  std::vector<std::string> members{idOf(made[1]), idOf(made[2])};
  std::sort(members.begin(), members.end());
  EXPECT_EQ(membersOf(idOf(made[0])), members);

  const auto circle = run(bulk({post("/Groups", "a", group("a", {"bulkId:b"})),
                                post("/Groups", "b", group("b", {"bulkId:a"}))}));
  EXPECT_EQ(statuses(circle), "409 400") << last;
  EXPECT_EQ(circle[1].find("response")->stringAt("scimType"), "invalidValue");
  EXPECT_NE(last.find("a group cannot contain itself, not even through other groups"),
            std::string::npos)
      << last;
  const auto selfish = run(bulk({post("/Groups", "c", group("c", {"bulkId:c"}))}));
  EXPECT_EQ(statuses(selfish), "400") << last;
  EXPECT_EQ(read("/Groups?attributes=displayName").find("totalResults")->number()->asInt64(), 2)
      << "nothing of a circle stays";
}

TEST_F(BulkTest, R5_PasswordsWaitTheirTurnAndAFewRequestsRunAtATime) {
  start();
  // More requests than may run at a time, each with more passwords than a hasher has places.
  constexpr int kRequests = 8;
  constexpr int kUsers = 12;
  std::vector<Answer> answers(kRequests);
  std::vector<std::thread> clients;
  for (int i = 0; i < kRequests; ++i) {
    clients.emplace_back([&, i] {
      Array operations;
      for (int k = 0; k < kUsers; ++k) {
        auto secret = user("user-" + std::to_string(i) + "-" + std::to_string(k));
        secret.set("password", "Battery9-staple");
        operations.push_back(post("/Users", std::to_string(k), std::move(secret)));
      }
      answers[static_cast<std::size_t>(i)] =
          send("POST", base + "/Bulk", bulk(std::move(operations)));
    });
  }
  for (auto& client : clients) client.join();
  std::string all_made;
  for (int k = 0; k < kUsers; ++k) all_made += k == 0 ? "201" : " 201";
  int refused = 0;
  for (const auto& answer : answers) {
    if (answer.status == 503) {
      EXPECT_TRUE(answer.header("Retry-After")) << answer.head;
      ++refused;
      continue;
    }
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(statuses(*answer.json().find("Operations")->array()), all_made) << answer.body;
    EXPECT_EQ(answer.body.find("Battery"), std::string::npos);
  }
  EXPECT_GT(refused, 0);
  EXPECT_LE(refused, kRequests - 4);
  EXPECT_EQ(own->log().find("Battery"), std::string::npos);
  EXPECT_EQ(statuses(run(bulk({post("/Users", "1", user("afterwards"))}))), "201");
}

TEST_F(BulkTest, Q8_AnOutageEndsARequestInsteadOfBeingWaitedForByEachOperation) {
  start();
  const auto made = run(bulk({post("/Users", "1", user("user-1"))}));
  ASSERT_EQ(statuses(made), "201");
  pid_t database = 0;
  std::ifstream(folder.path() / "data" / "mariadb" / "mariadb.pid") >> database;
  ASSERT_GT(database, 0);
  ::kill(database, SIGKILL);
  // Until the database has been restarted: one of the first requests meets none.
  const std::string body = bulk(Array(5, with("PATCH", "/Users/" + idOf(made[0]), title("t"))));
  Array met;
  ASSERT_TRUE(eventually([&] {
    met = run(body);
    return statuses(met) == "503 503 503 503 503";
  })) << last;
  for (std::size_t i = 0; i < met.size(); ++i) {
    const auto detail = std::string(met[i].find("response")->stringAt("detail").value_or(""));
    EXPECT_EQ(detail.find("not tried") == 0, i >= 3) << detail;
  }
  EXPECT_TRUE(eventually([&] { return statuses(run(body)) == "200 200 200 200 200"; }));
}

}  // namespace
}  // namespace vestibule::test
