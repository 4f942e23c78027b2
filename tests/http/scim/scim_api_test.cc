// What only the whole server shows: headers, status codes and discovery.

#include <gtest/gtest.h>

#include "http/scim/scim_server.h"

namespace vestibule::test {
namespace {

std::string userBody(const std::string& name) {
  return R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":")" + name + "\"}";
}

TEST(ScimApi, O6_O10_DiscoverySaysWhatIsTrue) {
  const auto& server = ScimServer::get();
  const std::string domain = ScimServer::get().emptyDomain();
  const Answer answer = server.request("GET", "/scim/v2/ServiceProviderConfig");
  ASSERT_EQ(answer.status, 200);
  const json::Value config = answer.json();
  EXPECT_EQ(config.find("filter")->find("maxResults")->number()->asInt64(), 37);
  EXPECT_EQ(config.find("changePassword")->boolAt("supported"), true);
  EXPECT_EQ(answer.body.find("JWT"), std::string::npos);
  const json::Value group =
      server.request("GET", "/scim/v2/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group").json();
  EXPECT_EQ((*group.find("attributes")->array())[0].stringAt("uniqueness"), "server");

  // Names of domains have no case; addresses have theirs.
  std::string lower = domain;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const char* endpoint : {"/ServiceProviderConfig", "/ResourceTypes/User"}) {
    SCOPED_TRACE(endpoint);
    const Answer of_domain = server.request("GET", ScimServer::baseOf(lower) + endpoint);
    ASSERT_EQ(of_domain.status, 200);
    EXPECT_TRUE(of_domain.json()
                    .find("meta")
                    ->stringAt("location")
                    ->ends_with(ScimServer::baseOf(domain) + endpoint));
  }
  EXPECT_EQ(server.request("GET", ScimServer::baseOf("NOPE") + "/ResourceTypes/User").status, 404);
  EXPECT_EQ(server.process().scim("GET", "/scim/v2/ServiceProviderConfig", "").status, 200);
}

TEST(ScimApi, R1_WhoHasNoTokenDoesNotLearnWhichDomainsThereAre) {
  auto& server = ScimServer::get();
  for (const std::string& domain : {server.emptyDomain(), std::string("NOPE")}) {
    const std::string base = ScimServer::baseOf(domain);
    EXPECT_EQ(server.process().scim("GET", base + "/ServiceProviderConfig", "").status, 200);
    EXPECT_EQ(server.process().scim("GET", base + "/Users", "").status, 401);
  }
  const std::string none = ScimServer::baseOf("not%20a%20name") + "/ServiceProviderConfig";
  EXPECT_EQ(server.process().scim("GET", none, "").status, 404);
}

TEST(ScimApi, L2_L3_ConditionalRequestsAnswer304And412) {
  const auto& server = ScimServer::get();
  const std::string users = ScimServer::baseOf(ScimServer::get().emptyDomain()) + "/Users";
  const Answer created = server.request("POST", users, userBody("bob"));
  ASSERT_EQ(created.status, 201) << created.body;
  const std::string one = users + "/" + std::string(*created.json().stringAt("id"));
  const std::string same = "If-None-Match: " + *created.header("ETag");
  const std::string without_groups = one + "?excludedAttributes=groups";
  EXPECT_EQ(server.request("GET", without_groups, {}, {same}).status, 304);
  EXPECT_EQ(server.request("GET", without_groups, {}, {"If-None-Match: *"}).status, 304);
  EXPECT_EQ(server.request("GET", one, {}, {same}).status, 200);
  for (const std::string& condition :
       {same, std::string("If-None-Match: *"), std::string("If-Match: W/\"77\"")}) {
    SCOPED_TRACE(condition);
    EXPECT_EQ(server.request("PUT", one, userBody("rob"), {condition}).status, 412);
    EXPECT_EQ(server.request("DELETE", one, {}, {condition}).status, 412);
  }
  EXPECT_EQ(server.request("GET", one).json().stringAt("userName"), "bob");
}

TEST(ScimApi, S33_ALongNameIsRefusedAtOnce) {
  const std::string users = ScimServer::baseOf(ScimServer::get().emptyDomain()) + "/Users";
  std::string digits;
  while (digits.size() < 60'000) digits += "\xD9\xA1";
  const Answer answer = ScimServer::get().request("POST", users, userBody(digits));
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.json().stringAt("scimType"), "invalidValue");
  EXPECT_LT(answer.body.size(), 500U);
}

}  // namespace
}  // namespace vestibule::test
