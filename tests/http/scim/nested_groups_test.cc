// Groups in groups over real sockets: status codes, errors and entity tags.

#include <gtest/gtest.h>

#include "http/scim/scim_server.h"

namespace vestibule::test {
namespace {

class NestedGroupsTest : public ::testing::Test {
 protected:
  std::string create(const std::string& endpoint, const std::string& schema,
                     const std::string& rest) {
    const Answer made = server.request(
        "POST", base + endpoint,
        R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:)" + schema + "\"]," + rest + "}");
    EXPECT_EQ(made.status, 201) << made.body;
    return std::string(made.json().stringAt("id").value_or(""));
  }
  std::string group(const std::string& name, const std::string& member = {}) {
    return create("/Groups", "Group",
                  R"("displayName":")" + name + "\"" +
                      (member.empty() ? "" : R"(,"members":[{"value":")" + member + "\"}]"));
  }
  Answer add(const std::string& to, const std::string& member) {
    return server.request(
        "PATCH", base + "/Groups/" + to,
        R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[)"
        R"({"op":"add","path":"members","value":[{"value":")" +
            member + "\"}]}]}");
  }

  const ScimServer& server = ScimServer::get();
  const std::string base = ScimServer::baseOf(ScimServer::get().emptyDomain());
};

TEST_F(NestedGroupsTest, A22_ACircleIs400InvalidValueAndTheGroupStaysAsItIs) {
  const std::string inner = group("inner");
  const std::string outer = group("outer", inner);
  const Answer before = server.request("GET", base + "/Groups/" + inner);
  for (const auto& member : {outer, inner}) {
    const Answer refused = add(inner, member);
    EXPECT_EQ(refused.status, 400) << refused.body;
    EXPECT_EQ(refused.json().stringAt("scimType"), "invalidValue");
    EXPECT_NE(refused.body.find("a group cannot contain itself"), std::string::npos);
  }
  EXPECT_EQ(server.request("GET", base + "/Groups/" + inner).body, before.body);
}

TEST_F(NestedGroupsTest, L2_TheTagOfAGroupFollowsItsOwnMembersOnly) {
  const std::string user = create("/Users", "User", R"("userName":"ula")");
  const std::string inner = group("inner");
  const std::string outer = group("outer");
  const auto tag = [&](const std::string& id) {
    return server.request("GET", base + "/Groups/" + id).header("ETag").value_or("");
  };
  EXPECT_EQ(add(outer, inner).status, 204);
  EXPECT_EQ(tag(outer), "W/\"2\"");
  EXPECT_EQ(tag(inner), "W/\"1\"");
  EXPECT_EQ(add(outer, inner).status, 204) << "once more is no change";
  EXPECT_EQ(add(inner, user).status, 204);
  EXPECT_EQ(tag(outer), "W/\"2\"");
  EXPECT_EQ(tag(inner), "W/\"2\"");
  EXPECT_EQ(server.request("DELETE", base + "/Groups/" + inner, {}, {"If-Match: W/\"1\""}).status,
            412);
  EXPECT_EQ(server.request("DELETE", base + "/Groups/" + inner).status, 204);
  EXPECT_EQ(tag(outer), "W/\"3\"") << "it lost a member";
  EXPECT_EQ(server.request("GET", base + "/Users/" + user).body.find("\"groups\""),
            std::string::npos);
}

}  // namespace
}  // namespace vestibule::test
