// An extension of groups with indexed attributes that an operator adds by files alone, over real
// sockets.

#include <gtest/gtest.h>

#include "http/scim/schema_server.h"
#include "support/team_schemas.h"

namespace vestibule::test {
namespace {

using scim::test::kTeamUrn;

class GroupExtension : public ::testing::Test {
 protected:
  /// One server for all these tests; each has a domain of its own. A scan may read one resource.
  static SchemaServer& server() {
    static SchemaServer server({{"team.json", scim::test::kTeamSchema},
                                {"resource-type-group.json", scim::test::kTeamGroupType}},
                               {{"VESTIBULE_SCIM_SCAN_LIMIT", "1"}});
    return server;
  }

  void SetUp() override { base = SchemaServer::baseOf(server().emptyDomain()); }

  Answer send(std::string_view method, const std::string& path, std::string_view body = {}) {
    return server().send(method, base + path, body);
  }
  static std::string group(const std::string& name, const std::string& team) {
    return R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group",")" +
           std::string(kTeamUrn) + R"("],"displayName":")" + name + "\",\"" + kTeamUrn + "\":{" +
           team + "}}";
  }
  static std::string patch(const std::string& operations) {
    return R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[)" +
           operations + "]}";
  }
  /// Makes a group and returns its path.
  std::string add(const std::string& name, const std::string& team) {
    const Answer made = send("POST", "/Groups", group(name, team));
    EXPECT_EQ(made.status, 201) << made.body;
    return "/Groups/" + std::string(made.json().stringAt("id").value_or(""));
  }
  /// The names that a filter on an attribute of the extension finds.
  std::string filtered(const std::string& filter) {
    const Answer answer =
        send("GET", "/Groups?filter=" + percentEncode(std::string(kTeamUrn) + ":" + filter));
    EXPECT_EQ(answer.status, 200) << answer.body;
    const auto list = answer.json();
    std::string names;
    if (const auto* found = list.find("Resources"); found != nullptr && found->isArray()) {
      for (const auto& each : *found->array()) {
        names += std::string(names.empty() ? "" : " ") +
                 std::string(each.stringAt("displayName").value_or("-"));
      }
    }
    return names;
  }
  static void expectTaken(const Answer& answer) {
    EXPECT_EQ(answer.status, 409) << answer.body;
    EXPECT_EQ(answer.json().stringAt("scimType"), "uniqueness");
    EXPECT_NE(answer.body.find("another Group has this " + std::string(kTeamUrn) + ":code"),
              std::string::npos)
        << answer.body;
  }

  std::string base;
};

TEST_F(GroupExtension, IsFoundByItsIndexesWhateverChanges) {
  const auto a = add("a", R"("costCentre":"CC-1","contacts":[{"value":"x","type":"work"}])");
  add("b", R"("costCentre":"cc-1","rooms":[7])");
  add("c", R"("motto":"m")");
  // More groups than a scan may read: an index answers.
  EXPECT_EQ(filtered(R"(costCentre eq "CC-1")"), "a b");
  EXPECT_EQ(filtered("rooms eq 7"), "b");
  EXPECT_EQ(filtered(R"(contacts[value eq "X" and type eq "work"])"), "a");
  const Answer scanned =
      send("GET", "/Groups?filter=" + percentEncode(std::string(kTeamUrn) + R"(:motto eq "m")"));
  EXPECT_EQ(scanned.status, 400);
  EXPECT_EQ(scanned.json().stringAt("scimType"), "tooMany");

  const Answer patched = send("PATCH", a,
                              patch(R"({"op":"replace","path":")" + std::string(kTeamUrn) +
                                    R"(:costCentre","value":"CC-2"})"));
  EXPECT_EQ(patched.status, 204) << patched.body;
  EXPECT_EQ(filtered(R"(costCentre eq "cc-1")"), "b");
  EXPECT_EQ(filtered(R"(costCentre eq "cc-2")"), "a");
  EXPECT_EQ(filtered(R"(contacts.value eq "x")"), "a");
  // A new name, the same values.
  EXPECT_EQ(send("PATCH", a, patch(R"({"op":"replace","path":"displayName","value":"z"})")).status,
            204);
  EXPECT_EQ(filtered(R"(costCentre eq "cc-2")"), "z");
  EXPECT_EQ(send("PUT", a, group("z", R"("rooms":[7,8])")).status, 200);
  EXPECT_EQ(filtered(R"(costCentre eq "cc-2")"), "");
  EXPECT_EQ(filtered("rooms eq 7"), "z b");
  EXPECT_EQ(send("DELETE", a).status, 204);
  EXPECT_EQ(filtered("rooms eq 7"), "b");
}

TEST_F(GroupExtension, C3_UniqueValuesOfAnExtensionAreTakenOnce) {
  const auto a = add("a", R"("code":"A")");
  const auto b = add("b", R"("code":"a")");
  expectTaken(send("POST", "/Groups", group("c", R"("code":"A")")));
  expectTaken(send("PUT", b, group("b", R"("code":"A")")));
  expectTaken(
      send("PATCH", b,
           patch(R"({"op":"add","value":{")" + std::string(kTeamUrn) + R"(":{"code":"A"}}})")));
  EXPECT_EQ(filtered(R"(code eq "a")"), "b");
  EXPECT_EQ(send("PUT", a, group("a", R"("code":"A","costCentre":"c")")).status, 200);
  EXPECT_EQ(send("DELETE", a).status, 204);
  EXPECT_EQ(send("PUT", b, group("b", R"("code":"A")")).status, 200);
  // Another domain has values of its own.
  SetUp();
  add("a", R"("code":"A")");
}

}  // namespace
}  // namespace vestibule::test
