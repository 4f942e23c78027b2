// Tolerances over HTTP: each fires for what it is for and for nothing else, is refused where
// nothing is tolerated, and is chosen by token, else by domain, else by the server.

#include "scim/tolerance/tolerances.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "http/scim/scim_server.h"
#include "support/processes.h"

namespace vestibule::test {
namespace {

using scim::Tolerance;
using scim::Tolerances;

constexpr const char* kUser = "urn:ietf:params:scim:schemas:core:2.0:User";
constexpr const char* kGroup = "urn:ietf:params:scim:schemas:core:2.0:Group";
constexpr const char* kEnterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A user of some attributes, another, and a group that the first is a member of.
struct Place {
  std::string base;
  std::string name;   ///< the user's
  std::string fresh;  ///< a name that nothing has
  std::string user;
  std::string other;
  std::string group;
};

struct Sent {
  const char* method;
  std::string target;
  std::string body;
};

std::string patchOf(const std::string& operation) {
  return R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[)" +
         operation + "]}";
}

std::string bodyOf(const std::string& schemas, const std::string& rest) {
  return R"({"schemas":[)" + schemas + "]," + rest + "}";
}

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

/// One tolerance with a request that needs it.
struct Row {
  Tolerance tolerance;
  std::function<Sent(const Place&)> request;
  /// The error where nothing is tolerated. Empty: there the request is taken and means something
  /// else, which `tolerated` sees.
  const char* refusal = "";
  /// Whether the answer, or the resource afterwards, is as it is with the tolerance.
  std::function<bool(const Answer&, const Place&)> tolerated = {};
};

Answer get(const std::string& target) { return ScimServer::get().request("GET", target); }

std::size_t membersOf(const Place& place) {
  const auto group = get(place.base + "/Groups/" + place.group).json();
  const auto* members = group.find("members");
  return members == nullptr ? 0 : members->array()->size();
}

const std::vector<Row>& rows() {
  static const std::vector<Row> all = {
      {Tolerance::kStringBooleans,
       [](const Place& at) {
         return Sent{"PATCH", "/Users/" + at.user,
                     patchOf(R"({"op":"replace","path":"active","value":"False"})")};
       },
       "invalidValue"},
      {Tolerance::kStringManager,
       [](const Place& at) {
         return Sent{"PATCH", "/Users/" + at.user,
                     patchOf(R"({"op":"add","path":")" + std::string(kEnterprise) +
                             R"(:manager","value":")" + at.other + "\"}")};
       },
       "invalidValue"},
      {Tolerance::kDottedKeysInValue,
       [](const Place& at) {
         return Sent{"PATCH", "/Users/" + at.user,
                     patchOf(R"({"op":"replace","value":{"name.givenName":"G"}})")};
       },
       "invalidPath"},
      {Tolerance::kFilterAddCreates,
       [](const Place& at) {
         return Sent{
             "PATCH", "/Users/" + at.user,
             patchOf(R"({"op":"add","path":"emails[type eq \"home\"].value","value":"h@ex.com"})")};
       },
       "noTarget"},
      {Tolerance::kFilterReplaceCreates,
       [](const Place& at) {
         return Sent{
             "PATCH", "/Users/" + at.user,
             patchOf(
                 R"({"op":"replace","path":"emails[type eq \"home\"].value","value":"h@ex.com"})")};
       },
       "noTarget"},
      {Tolerance::kIgnoreReadonlyInPatchValue,
       [](const Place& at) {
         return Sent{
             "PATCH", "/Users/" + at.user,
             patchOf(R"({"op":"replace","value":{"id":")" + at.user + R"(","displayName":"N"}})")};
       },
       "mutability"},
      {Tolerance::kUnquotedFilterValues,
       [](const Place&) {
         return Sent{"GET", "/Users?filter=externalId%20eq%20jyoung", ""};
       },
       "invalidFilter"},
      {Tolerance::kUnknownAttributes,
       [](const Place& at) {
         return Sent{"POST", "/Users",
                     bodyOf(quoted(kUser), R"("userName":")" + at.fresh + R"(","shoeSize":"42")")};
       },
       "invalidSyntax"},
      {Tolerance::kUnknownSchemaUris,
       [](const Place& at) {
         return Sent{
             "POST", "/Groups",
             bodyOf(
                 quoted(kGroup) +
                     R"(,"http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group")",
                 R"("displayName":")" + at.fresh + "\"")};
       },
       "invalidSyntax"},
      {Tolerance::kGroupPatch204,
       [](const Place& at) {
         return Sent{
             "PATCH", "/Groups/" + at.group,
             patchOf(R"({"op":"replace","path":"displayName","value":")" + at.fresh + "\"}")};
       },
       "", [](const Answer& answer, const Place&) { return answer.status == 204; }},
      {Tolerance::kPutAbsentKeep,
       [](const Place& at) {
         return Sent{"PUT", "/Users/" + at.user,
                     bodyOf(quoted(kUser), R"("userName":")" + at.name + R"(","displayName":"N")")};
       },
       "",
       [](const Answer& answer, const Place&) { return answer.json().stringAt("title") == "T"; }},
      {Tolerance::kPutAbsentKeep,
       [](const Place& at) {
         return Sent{"PUT", "/Groups/" + at.group,
                     bodyOf(quoted(kGroup), R"("displayName":")" + at.fresh + "\"")};
       },
       "", [](const Answer&, const Place& at) { return membersOf(at) == 1; }},
      {Tolerance::kEmptyStringIsUnassigned,
       [](const Place& at) {
         return Sent{"POST", "/Users",
                     bodyOf(quoted(kUser), R"("userName":")" + at.fresh + R"(","active":"")")};
       },
       "invalidValue"},
      {Tolerance::kParamNamesCaseInsensitive,
       [](const Place&) {
         return Sent{"GET", "/Users?startindex=2", ""};
       },
       "invalidValue"},
      {Tolerance::kParamNamesCaseInsensitive,
       [](const Place& at) {
         return Sent{"GET", "/Users/" + at.user + "?ATTRIBUTES=userName", ""};
       },
       "invalidValue"},
      {Tolerance::kLegacySchemaUris,
       [](const Place& at) {
         return Sent{"POST", "/Users",
                     bodyOf(R"("urn:scim:schemas:core:1.0")", R"("userName":")" + at.fresh + "\"")};
       },
       "invalidSyntax"},
      {Tolerance::kMembersReplaceAdds,
       [](const Place& at) {
         return Sent{"PATCH", "/Groups/" + at.group,
                     patchOf(R"({"op":"replace","path":"members","value":[{"value":")" + at.other +
                             "\"}]}")};
       },
       "", [](const Answer&, const Place& at) { return membersOf(at) == 2; }},
  };
  return all;
}

std::string idOf(const Answer& made) {
  EXPECT_EQ(made.status, 201) << made.body;
  return std::string(made.json().stringAt("id").value_or(""));
}

Place newPlace() {
  auto& server = ScimServer::get();
  static const std::string base = ScimServer::baseOf(server.emptyDomain());
  static int made = 0;
  const std::string number = std::to_string(++made);
  Place place;
  place.base = base;
  place.name = "user" + number;
  place.fresh = "fresh" + number;
  const auto post = [&](const std::string& path, const std::string& body) {
    return idOf(server.request("POST", base + path, body));
  };
  place.user = post(
      "/Users", bodyOf(quoted(kUser), R"("userName":")" + place.name +
                                          R"(","title":"T","active":true,"externalId":"jyoung")"));
  place.other = post("/Users", bodyOf(quoted(kUser), R"("userName":"other)" + number + "\""));
  place.group = post(
      "/Groups", bodyOf(quoted(kGroup), R"("displayName":"group)" + number +
                                            R"(","members":[{"value":")" + place.user + "\"}]"));
  return place;
}

/// How many users and groups there are.
std::int64_t resources(const Place& place) {
  return get(place.base + "?count=0").json().find("totalResults")->number()->asInt64().value_or(-1);
}

std::map<Tolerance, long> counted() {
  auto& server = ScimServer::get();
  const std::string text = server.process().internal("GET", "/metrics", server.adminToken()).body;
  std::map<Tolerance, long> counts;
  for (const auto& row : scim::toleranceTable()) {
    const std::string line =
        "\nvestibule_tolerances_fired_total{tolerance=\"" + std::string(row.name) + "\"} ";
    const auto at = text.find(line);
    EXPECT_NE(at, std::string::npos) << row.name;
    counts[row.tolerance] =
        at == std::string::npos ? -1 : std::stol(text.substr(at + line.size(), 20));
  }
  return counts;
}

/// Sends the request, and says by the metrics which tolerances fired.
Answer send(const Sent& sent, const Place& place, const std::string& token, Tolerances& fired) {
  const auto before = counted();
  const Answer answer =
      ScimServer::get().process().scim(sent.method, place.base + sent.target, token, sent.body);
  for (const auto& [tolerance, count] : counted()) {
    EXPECT_LE(count - before.at(tolerance), 1) << "once a request";
    if (count > before.at(tolerance)) fired.add(tolerance);
  }
  return answer;
}

/// The specifications to try the tolerance under: every preset that has it, else the preset
/// `default` with it. The answer 204 fires by itself wherever a group is patched.
std::vector<std::string> specificationsWith(Tolerance tolerance) {
  const std::string quiet = tolerance == Tolerance::kGroupPatch204 ? "" : ",-group_patch_204";
  std::vector<std::string> specifications;
  for (const auto& preset : scim::tolerancePresets()) {
    if (preset.tolerances.has(tolerance)) {
      specifications.push_back(std::string(preset.name) + quiet);
    }
  }
  if (specifications.empty()) {
    specifications.push_back("default,+" + std::string(nameOf(tolerance)) + quiet);
  }
  return specifications;
}

TEST(ToleranceTable, HasARowForEach) {
  Tolerances shown;
  for (const Row& row : rows()) shown.add(row.tolerance);
  EXPECT_EQ(shown.list().size(), scim::kToleranceCount);
}

TEST(ToleranceTable, EachFiresForWhatItIsForAndForNothingElse) {
  for (const Row& row : rows()) {
    for (const std::string& specification : specificationsWith(row.tolerance)) {
      SCOPED_TRACE(std::string(nameOf(row.tolerance)) + " in " + specification);
      const Place place = newPlace();
      Tolerances fired;
      const Answer answer =
          send(row.request(place), place, ScimServer::get().tokenWith(specification), fired);
      EXPECT_LT(answer.status, 300) << answer.body;
      EXPECT_EQ(fired.names(), nameOf(row.tolerance));
      if (row.tolerated) {
        EXPECT_TRUE(row.tolerated(answer, place)) << answer.body;
      }
    }
  }
}

TEST(ToleranceTable, StrictRefusesOrDoesWhatTheRfcSays) {
  for (const Row& row : rows()) {
    SCOPED_TRACE(nameOf(row.tolerance));
    // Nothing but this one is missing, so that nothing else can be the reason. A key that may not
    // be a path is an unknown attribute.
    std::string alone = "default,-" + std::string(nameOf(row.tolerance));
    if (row.tolerance == Tolerance::kDottedKeysInValue) alone += ",-unknown_attributes";
    for (const std::string& specification : {std::string("strict"), alone}) {
      SCOPED_TRACE(specification);
      const Place place = newPlace();
      const auto before = resources(place);
      Tolerances fired;
      const Answer answer =
          send(row.request(place), place, ScimServer::get().tokenWith(specification), fired);
      EXPECT_FALSE(fired.has(row.tolerance)) << fired.names();
      if (*row.refusal != '\0') {
        EXPECT_EQ(answer.status, 400) << answer.body;
        EXPECT_EQ(answer.json().stringAt("scimType"), row.refusal) << answer.body;
        EXPECT_EQ(resources(place), before);
      } else {
        EXPECT_LT(answer.status, 300) << answer.body;
        EXPECT_FALSE(row.tolerated(answer, place)) << answer.body;
      }
    }
  }
}

constexpr const char* kUnquoted = "/Users?filter=externalId%20eq%20jyoung";

int statusOf(const std::string& target, const std::string& token,
             const std::vector<std::string>& headers = {}) {
  return ScimServer::get().process().scim("GET", target, token, {}, headers).status;
}

Answer setDomain(const std::string& domain, const std::string& settings) {
  auto& server = ScimServer::get();
  return server.process().internal("PATCH", "/admin/v1/domains/" + domain, server.adminToken(),
                                   R"({"settings": )" + settings + "}",
                                   {"Content-Type: application/json"});
}

class ToleranceChoice : public ::testing::Test {
 protected:
  ScimServer& server_ = ScimServer::get();
  const std::string domain_ = server_.emptyDomain();
  const std::string base_ = ScimServer::baseOf(domain_);
  const std::string plain_ = server_.process().token("plain " + domain_, "scim:read scim:write");
};

TEST_F(ToleranceChoice, TheTokenGoesBeforeTheDomainAndTheDomainBeforeTheServer) {
  EXPECT_EQ(statusOf(base_ + kUnquoted, plain_), 200);
  ASSERT_EQ(setDomain(domain_, R"({"tolerances": "strict"})").status, 200);
  EXPECT_EQ(statusOf(base_ + kUnquoted, plain_), 400);
  EXPECT_EQ(statusOf(base_ + kUnquoted, server_.tokenWith("default")), 200);
  EXPECT_EQ(statusOf(base_ + kUnquoted, server_.tokenWith("okta,+unquoted_filter_values")), 200);
  ASSERT_EQ(setDomain(domain_, R"({"tolerances": "entra"})").status, 200);
  EXPECT_EQ(statusOf(base_ + kUnquoted, plain_), 200);
  EXPECT_EQ(statusOf(base_ + kUnquoted, server_.tokenWith("strict")), 400);
  ASSERT_EQ(setDomain(domain_, R"({"tolerances": null})").status, 200);
  EXPECT_EQ(statusOf(base_ + kUnquoted, plain_), 200);
}

TEST_F(ToleranceChoice, TheDomainCountsWhereNothingElseIsLookedAt) {
  ASSERT_EQ(setDomain(domain_, R"({"tolerances": "strict"})").status, 200);
  const std::string all = std::string("/scim/v2") + kUnquoted;
  EXPECT_EQ(statusOf(all, plain_), 200);
  EXPECT_EQ(statusOf(all + "&domain=" + domain_, plain_), 400);
  EXPECT_EQ(statusOf(all + "&domain=PRIMARY", plain_), 200);
  const auto search = [&](const std::string& base, const std::string& more) {
    return server_.process()
        .scim("POST", base + "/Users/.search", plain_,
              R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],)"
              R"("filter":"externalId eq jyoung")" +
                  more + "}")
        .status;
  };
  EXPECT_EQ(search(base_, ""), 400);
  EXPECT_EQ(search("/scim/v2", ""), 200);
  EXPECT_EQ(search("/scim/v2", R"(,"domain":")" + domain_ + "\""), 400);
}

TEST_F(ToleranceChoice, ABulkRequestIsReadWithTheSameTolerances) {
  const std::string bulk =
      R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[
          {"method":"POST","path":"/Users","bulkId":"1",
           "data":{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"bulk","active":"True"}}]})";
  const auto status = [&](const std::string& token) {
    const auto answer = server_.process().scim("POST", base_ + "/Bulk", token, bulk).json();
    return std::string(answer.find("Operations")->array()->front().stringAt("status").value_or(""));
  };
  EXPECT_EQ(status(server_.tokenWith("strict")), "400");
  EXPECT_EQ(status(plain_), "201");
}

TEST_F(ToleranceChoice, WhoTheClientSaysItIsDoesNotMatter) {
  for (const char* agent : {"Okta SCIM Client 1.0.0", "Microsoft-AADSyncFabric/1.0", ""}) {
    const std::string header = std::string("User-Agent: ") + agent;
    EXPECT_EQ(statusOf(base_ + kUnquoted, server_.tokenWith("strict"), {header}), 400) << agent;
    EXPECT_EQ(statusOf(base_ + kUnquoted, plain_, {header}), 200) << agent;
  }
}

TEST_F(ToleranceChoice, WhatDoesNotExistIsRefusedWithAListOfWhatDoes) {
  const auto domain = setDomain(domain_, R"({"tolerances": "lenient"})");
  EXPECT_EQ(domain.status, 400);
  EXPECT_NE(domain.body.find("strict, entra, okta, default"), std::string::npos) << domain.body;
  const auto token = server_.process().internal(
      "POST", "/admin/v1/tokens", server_.adminToken(),
      R"({"name": "never", "scopes": "scim:read", "tolerances": "strict,+of_tomorrow"})");
  EXPECT_EQ(token.status, 400);
  EXPECT_NE(token.body.find("param_names_case_insensitive"), std::string::npos) << token.body;
  EXPECT_EQ(statusOf(base_ + kUnquoted, plain_), 200);
}

TEST_F(ToleranceChoice, TheLogSaysWhatFiredAndNothingOfThePerson) {
  const auto made = server_.request("POST", base_ + "/Users",
                                    bodyOf(quoted(kUser), R"("userName":"barbara@ex.com")"));
  ASSERT_EQ(made.status, 201);
  const std::string id(made.json().stringAt("id").value_or(""));
  const auto changed = server_.process().scim(
      "PATCH", base_ + "/Users/" + id, plain_,
      patchOf(R"({"op":"replace","value":{"active":"True","name.givenName":"Barbara"}})"));
  ASSERT_EQ(changed.status, 200) << changed.body;
  const std::string event =
      "tolerances=string_booleans,dotted_keys_in_value token=plain " + domain_ + " token_id=";
  std::string log;
  ASSERT_TRUE(eventually([&] {
    log = server_.process().log();
    return log.find(event) != std::string::npos;
  })) << log;
  const auto line = log.substr(log.find(event), log.find('\n', log.find(event)) - log.find(event));
  EXPECT_NE(line.find("method=PATCH route=/domains/{domain}/scim/v2/Users/{id}"), std::string::npos)
      << line;
  for (const std::string& personal : {std::string("arbara"), id}) {
    EXPECT_EQ(line.find(personal), std::string::npos) << line;
  }
}

TEST(ToleranceOfTheServer, IsConfigured) {
  const TemporaryFolder folder;
  const ServerProcess server(VESTIBULE_BINARY, folder.path() / "data",
                             {{"VESTIBULE_SCIM_TOLERANCES", "strict"}});
  const auto token = server.token("scim", "scim:read");
  EXPECT_EQ(server.scim("GET", std::string("/scim/v2") + kUnquoted, token).status, 400);
  EXPECT_EQ(server.scim("GET", "/scim/v2/Users", token).status, 200);
}

}  // namespace
}  // namespace vestibule::test
