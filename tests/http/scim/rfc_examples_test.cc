// The resources of RFC 7643 §8 and RFC 7644 §3.3 through a running server: created, read back and
// put again.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "http/scim/scim_server.h"
#include "json/parse.h"

namespace vestibule::test {
namespace {

json::Value goldenFile(const std::string& name) {
  std::ostringstream content;
  content << std::ifstream(std::filesystem::path(VESTIBULE_SOURCE_DIR) / "tests/golden/rfc" / name)
                 .rdbuf();
  return json::parse(content.str()).value();
}

/// What the server adds is looked at and taken off, so that what is left is what was sent.
json::Object withoutServersOwn(const Answer& answer, const std::string& base,
                               const std::string& endpoint) {
  json::Object resource = *answer.json().object();
  const std::string id(answer.json().stringAt("id").value_or(""));
  const json::Value& meta = *resource.find("meta");
  EXPECT_EQ(id.size(), 36U);
  EXPECT_TRUE(meta.stringAt("location")->ends_with(base + endpoint + "/" + id))
      << *meta.stringAt("location");
  EXPECT_EQ(answer.header("Content-Location"), meta.stringAt("location"));
  EXPECT_EQ(answer.header("ETag"), meta.stringAt("version"));
  EXPECT_EQ(answer.header("Content-Type"), "application/scim+json");
  EXPECT_EQ(meta.stringAt("resourceType"), endpoint == "/Users" ? "User" : "Group");
  resource.erase("id");
  resource.erase("meta");
  return resource;
}

/// Creates, reads and puts the resource, and compares each answer with `expected`.
void goesThrough(const std::string& base, const std::string& endpoint, const json::Value& body,
                 const json::Object& expected) {
  const auto& server = ScimServer::get();
  const Answer created = server.request("POST", base + endpoint, json::write(body));
  ASSERT_EQ(created.status, 201) << created.body;
  EXPECT_EQ(json::write(withoutServersOwn(created, base, endpoint)), json::write(expected));
  const std::string one = base + endpoint + "/" + std::string(*created.json().stringAt("id"));
  EXPECT_TRUE(created.header("Location")->ends_with(one));
  const Answer read = server.request("GET", one);
  ASSERT_EQ(read.status, 200);
  EXPECT_EQ(read.body, created.body);
  // What was read is a PUT that changes nothing.
  const Answer put = server.request("PUT", one, read.body);
  ASSERT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(put.body, read.body);
  EXPECT_EQ(server.request("DELETE", one).status, 204);
  EXPECT_EQ(server.request("GET", one).status, 404);
}

class RfcUser : public ::testing::TestWithParam<const char*> {};

TEST_P(RfcUser, GoesThroughTheServer) {
  const std::string base = ScimServer::baseOf(ScimServer::get().emptyDomain());
  json::Value expected = goldenFile(std::string(GetParam()) + ".canonical.json");
  expected.object()->erase("password");
  goesThrough(base, "/Users", goldenFile(std::string(GetParam()) + ".json"), *expected.object());
}

INSTANTIATE_TEST_SUITE_P(Rfc7643, RfcUser,
                         ::testing::Values("user-minimal", "user-full", "user-enterprise",
                                           "user-post"),
                         [](const auto& example) {
                           std::string name = example.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(RfcGroup, GoesThroughTheServer) {
  const auto& server = ScimServer::get();
  const std::string base = ScimServer::baseOf(ScimServer::get().emptyDomain());
  json::Value body = goldenFile("group.json");
  json::Value expected = goldenFile("group.canonical.json");
  // The members are users of the RFC's server; here they get ids of their own.
  json::Array members;
  for (json::Value& member : *body.object()->find("members")->array()) {
    const std::string name(*member.stringAt("display"));
    const Answer user =
        server.request("POST", base + "/Users",
                       json::write(json::Object{
                           {"schemas", json::Array{"urn:ietf:params:scim:schemas:core:2.0:User"}},
                           {"userName", name}}));
    ASSERT_EQ(user.status, 201) << user.body;
    const json::Value shown = user.json();
    member.object()->set("value", *shown.stringAt("id"));
    members.emplace_back(json::Object{{"value", *shown.stringAt("id")},
                                      {"$ref", *shown.find("meta")->stringAt("location")},
                                      {"display", name},
                                      {"type", "User"}});
  }
  ASSERT_EQ(members.size(), 2U);
  expected.object()->set("members", std::move(members));
  goesThrough(base, "/Groups", body, *expected.object());
}

}  // namespace
}  // namespace vestibule::test
