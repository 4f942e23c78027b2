#include <gtest/gtest.h>

#include "unit/scim/bulk/bulk_fixture.h"

namespace vestibule::scim {
namespace {

using test::bulkOperations;
using test::parsed;
using test::readBulk;
using test::schemas;

/// An operation from its members.
std::string operation(const std::string& members) { return "[{" + members + "}]"; }

TEST(BulkRequest, M1_NamesTheSchemaAndHoldsOperations) {
  EXPECT_TRUE(parseBulk(*schemas().registry,
                        parsed(R"({"SCHEMAS": ["URN:ietf:params:scim:api:messages:2.0:bulkrequest"],
                                   "operations": [{"method": "DELETE", "path": "/Users/1"}]})"),
                        10));
  for (const char* body :
       {"null", "[]", R"("x")", "{}",
        R"({"Operations": [{"method": "DELETE", "path": "/Users/1"}]})",
        R"({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"method": "DELETE", "path": "/Users/1"}]})",
        R"({"schemas": "urn:ietf:params:scim:api:messages:2.0:BulkRequest",
            "Operations": [{"method": "DELETE", "path": "/Users/1"}]})",
        R"({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]})"}) {
    const auto request = parseBulk(*schemas().registry, parsed(body), 10);
    ASSERT_FALSE(request) << body;
    EXPECT_EQ(request.error().kind, ErrorKind::kInvalidSyntax) << body;
  }
  for (const char* operations : {"null", "{}", "[]", "[5]", "[null]", "[[]]", "[{}]"}) {
    const auto request = readBulk(operations);
    ASSERT_FALSE(request) << operations;
    EXPECT_EQ(request.error().kind, ErrorKind::kInvalidSyntax) << operations;
  }
}

TEST(BulkRequest, M1_AnOperationHasMethodPathBulkIdVersionAndData) {
  const auto operations = bulkOperations(R"([
      {"method": "POST", "path": "/Users", "bulkId": "q", "data": {"userName": "a"}},
      {"method": "put", "path": "/Groups/7", "version": "W/\"3\"", "data": {"displayName": "a"}},
      {"Method": "Patch", "Path": "Users/8", "BulkID": "p", "DATA": {}},
      {"method": "DELETE", "path": "/Users/9", "version": null, "bulkId": null, "data": null}])");
  ASSERT_EQ(operations.size(), 4U);
  EXPECT_EQ(operations[0].method, BulkMethod::kPost);
  EXPECT_EQ(operations[0].type, schemas().user);
  EXPECT_EQ(operations[0].bulk_id, "q");
  EXPECT_EQ(operations[0].data, parsed(R"({"userName": "a"})"));
  EXPECT_EQ(operations[1].method, BulkMethod::kPut);
  EXPECT_EQ(operations[1].type, schemas().group);
  EXPECT_EQ(operations[1].id, "7");
  EXPECT_EQ(operations[1].version, "W/\"3\"");
  EXPECT_EQ(operations[2].method, BulkMethod::kPatch);
  EXPECT_EQ(operations[2].id, "8");
  EXPECT_EQ(operations[2].bulk_id, "p");
  EXPECT_EQ(operations[3].method, BulkMethod::kDelete);
  EXPECT_EQ(operations[3].version, std::nullopt);
  EXPECT_EQ(operations[3].bulk_id, "");
  for (const auto& each : operations) EXPECT_FALSE(each.fault);
}

TEST(BulkRequest, M1_WhatIsWrongWithTheMessageRefusesAllOfIt) {
  for (const char* members :
       {R"("path": "/Users/1")", R"("method": 1, "path": "/Users/1")",
        R"("method": "GET", "path": "/Users/1")", R"("method": "HEAD", "path": "/Users/1")",
        R"("method": "", "path": "/Users/1")", R"("method": "DELETE")",
        R"("method": "DELETE", "path": "")", R"("method": "DELETE", "path": 5)",
        R"("method": "POST", "path": "/Users", "data": {})",
        R"("method": "POST", "path": "/Users", "bulkId": "", "data": {})",
        R"("method": "POST", "path": "/Users", "bulkId": 1, "data": {})",
        R"("method": "POST", "path": "/Users", "bulkId": "q")",
        R"("method": "POST", "path": "/Users", "bulkId": "q", "data": "{}")",
        R"("method": "PUT", "path": "/Users/1", "data": null)",
        R"("method": "PATCH", "path": "/Users/1", "data": [{"op": "remove", "path": "title"}])",
        R"("method": "DELETE", "path": "/Users/1", "version": 3)"}) {
    const auto request = readBulk(operation(members));
    ASSERT_FALSE(request) << members;
    EXPECT_EQ(request.error().kind, ErrorKind::kInvalidSyntax) << members;
    EXPECT_EQ(request.error().detail.rfind("operation 1: ", 0), 0U) << request.error().detail;
  }
}

TEST(BulkRequest, M1_ABulkIdIsThereOnce) {
  const auto request = readBulk(R"([
      {"method": "POST", "path": "/Users", "bulkId": "q", "data": {}},
      {"method": "PUT", "path": "/Users/1", "bulkId": "q", "data": {}}])");
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().kind, ErrorKind::kInvalidValue);
  EXPECT_EQ(request.error().attribute, "bulkId");
  EXPECT_TRUE(readBulk(R"([
      {"method": "POST", "path": "/Users", "bulkId": "q", "data": {}},
      {"method": "POST", "path": "/Users", "bulkId": "Q", "data": {}}])"));
}

TEST(BulkRequest, M3_FailOnErrorsIsACount) {
  const std::string one = R"([{"method": "DELETE", "path": "/Users/1"}])";
  EXPECT_EQ(readBulk(one)->fail_on_errors, std::nullopt);
  EXPECT_EQ(readBulk(one, R"("failOnErrors": null,)")->fail_on_errors, std::nullopt);
  EXPECT_EQ(readBulk(one, R"("failOnErrors": 0,)")->fail_on_errors, std::nullopt);
  EXPECT_EQ(readBulk(one, R"("FAILONERRORS": 3,)")->fail_on_errors, 3U);
  for (const char* bad : {"-1", "1.5", R"("1")", "true", "1e3", "99999999999999999999"}) {
    const auto request = readBulk(one, std::string(R"("failOnErrors": )") + bad + ",");
    ASSERT_FALSE(request) << bad;
    EXPECT_EQ(request.error().kind, ErrorKind::kInvalidValue) << bad;
  }
}

TEST(BulkRequest, M6_TooManyOperationsAreRefusedByTheLimitsName) {
  const std::string one = R"({"method": "DELETE", "path": "/Users/1"})";
  EXPECT_TRUE(readBulk("[" + one + "," + one + "]", "", 2));
  const auto request = readBulk("[" + one + "," + one + ",5]", "", 2);
  ASSERT_FALSE(request);
  EXPECT_EQ(request.error().kind, ErrorKind::kPayloadTooLarge);
  EXPECT_NE(request.error().detail.find("maxOperations (2)"), std::string::npos);
}

TEST(BulkRequest, M11_APathIsRelativeToTheBaseWithOrWithoutASlash) {
  for (const char* path : {"/Users/7", "Users/7", "/Users/7/", "Users/7/"}) {
    const auto operations =
        bulkOperations(operation(std::string(R"("method": "DELETE", "path": ")") + path + "\""));
    EXPECT_EQ(operations[0].type, schemas().user) << path;
    EXPECT_EQ(operations[0].id, "7") << path;
    EXPECT_FALSE(operations[0].fault) << path;
  }
  struct Case {
    const char* method;
    const char* path;
    ErrorKind kind;
  };
  const Case cases[] = {
      {"DELETE", "https://id.example.com/scim/v2/Users/7", ErrorKind::kInvalidValue},
      {"DELETE", "//id.example.com/Users/7", ErrorKind::kInvalidValue},
      {"DELETE", "/Users//7", ErrorKind::kInvalidValue},
      {"DELETE", "/Users/7?x=y", ErrorKind::kInvalidValue},
      {"DELETE", "/Users/7#x", ErrorKind::kInvalidValue},
      {"DELETE", "/Users", ErrorKind::kInvalidValue},
      {"DELETE", "/Users/", ErrorKind::kInvalidValue},
      {"POST", "/Users/7", ErrorKind::kInvalidValue},
      {"PUT", "Groups", ErrorKind::kInvalidValue},
      {"DELETE", "/", ErrorKind::kNotFound},
      {"DELETE", "/Users/7/8", ErrorKind::kNotFound},
      {"DELETE", "/Users/../Groups/7", ErrorKind::kNotFound},
      {"DELETE", "/scim/v2/Users/7", ErrorKind::kNotFound},
      {"DELETE", "/users/7", ErrorKind::kNotFound},
      {"DELETE", "/User/7", ErrorKind::kNotFound},
      {"POST", "/Schemas", ErrorKind::kNotFound},
      {"PATCH", "/Me", ErrorKind::kNotFound},
  };
  for (const Case& c : cases) {
    const auto operations =
        bulkOperations(operation(std::string(R"("method": ")") + c.method + R"(", "path": ")" +
                                 c.path + R"(", "bulkId": "q", "data": {})"));
    ASSERT_TRUE(operations[0].fault) << c.path;
    EXPECT_EQ(operations[0].fault->kind, c.kind) << c.path;
    EXPECT_EQ(operations[0].fault->attribute, "path") << c.path;
  }
}

TEST(BulkRequest, M1_ABulkInABulkIsRefused) {
  for (const char* path : {"/Bulk", "Bulk", "/Bulk/"}) {
    const auto operations = bulkOperations(operation(
        std::string(R"("method": "POST", "bulkId": "q", "data": {}, "path": ")") + path + "\""));
    ASSERT_TRUE(operations[0].fault) << path;
    EXPECT_EQ(operations[0].fault->kind, ErrorKind::kInvalidValue) << path;
  }
}

}  // namespace
}  // namespace vestibule::scim
