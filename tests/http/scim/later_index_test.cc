// An index that an operator declares after users were stored, over real sockets.

#include <gtest/gtest.h>

#include "http/scim/schema_server.h"

namespace vestibule::test {
namespace {

constexpr const char* kBadgeUrn = "urn:example:params:scim:schemas:extension:badge:1.0:User";

/// The extension of users, with these members of its one attribute.
scim::SchemaFile badgeSchema(const std::string& members) {
  return {"badge.json", R"({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"], "id": ")" +
                            std::string(kBadgeUrn) +
                            R"(", "name": "Badge", "attributes": [{"name": "colour")" + members +
                            "}]}"};
}
scim::SchemaFile userTypeWithBadge() {
  return {"resource-type-user.json", R"({
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
    "id": "User", "name": "User", "endpoint": "/Users",
    "schema": "urn:ietf:params:scim:schemas:core:2.0:User",
    "schemaExtensions": [{"schema": ")" + std::string(kBadgeUrn) +
                                         R"(", "required": false}],
    "x-vestibule": {"namingAttribute": "userName"}})"};
}

constexpr const char* kIndex = R"(, "x-vestibule": {"index": 2000})";

class LaterIndex : public ::testing::Test {
 protected:
  void add(const std::string& name, const std::string& colour) {
    const Answer made =
        server.send("POST", "/scim/v2/Users",
                    R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User",")" +
                        std::string(kBadgeUrn) + R"("],"userName":")" + name + "\",\"" + kBadgeUrn +
                        R"(":{"colour":")" + colour + "\"}}");
    ASSERT_EQ(made.status, 201) << made.body;
  }
  Answer find(const std::string& colour) const {
    return server.send("GET",
                       "/scim/v2/Users?filter=" +
                           percentEncode(std::string(kBadgeUrn) + ":colour eq \"" + colour + "\""));
  }
  void expectFound(const std::string& colour, std::size_t number) const {
    const Answer answer = find(colour);
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto list = answer.json();
    const auto* found = list.find("Resources");
    EXPECT_EQ(found == nullptr ? 0 : found->array()->size(), number) << answer.body;
  }

  /// A scan may read two users.
  SchemaServer server{{badgeSchema(""), userTypeWithBadge()}, {{"VESTIBULE_SCIM_SCAN_LIMIT", "2"}}};
};

// E12
TEST_F(LaterIndex, FindsWhoWasStoredBefore) {
  add("one", "Red");
  add("two", "blue");
  expectFound("red", 1);
  add("three", "red");
  const Answer too_many = find("red");
  EXPECT_EQ(too_many.status, 400);
  EXPECT_EQ(too_many.json().stringAt("scimType"), "tooMany");

  server.write(badgeSchema(kIndex));
  // Whatever writes by the new files has to wait for the index.
  const auto refused =
      server.process().command({"token", "create", "--name", "t", "--scope", "jit"});
  EXPECT_NE(refused.status, 0);
  EXPECT_NE(refused.errors.find("vestibule migrate"), std::string::npos) << refused.errors;

  server.restart();
  EXPECT_NE(server.process().log().find("filled from 3 resources"), std::string::npos)
      << server.process().log();
  expectFound("red", 2);
  expectFound("BLUE", 1);
  expectFound("green", 0);
  add("four", "green");
  expectFound("green", 1);
}

TEST_F(LaterIndex, IsMadeByMigrateWhileTheServerOfTheOldFilesRuns) {
  add("one", "red");
  server.write(badgeSchema(kIndex));
  const auto migrated = server.process().command({"migrate"});
  EXPECT_EQ(migrated.status, 0) << migrated.errors;
  EXPECT_EQ(migrated.output.substr(migrated.output.find('_')),
            "_primary: index 2000 of User (" + std::string(kBadgeUrn) +
                ":colour) filled from 1 resources\n");
  // It does not know the index that it would have to keep.
  const Answer ready = server.process().request(server.process().internalPort(), "GET", "/readyz");
  EXPECT_EQ(ready.status, 503) << ready.body;
  server.restart();
  expectFound("red", 1);
  EXPECT_EQ(server.process().command({"migrate"}).output, "The database is up to date.\n");
}

}  // namespace
}  // namespace vestibule::test
