#include "scim/bulk/references.h"

#include <gtest/gtest.h>

#include <tuple>

#include "unit/scim/bulk/bulk_fixture.h"

namespace vestibule::scim {
namespace {

using test::bulkOperations;
using test::kEnterprise;
using test::parsed;

BulkOperation operation(const std::string& method, const std::string& path,
                        const std::string& data) {
  return bulkOperations(R"([{"method": ")" + method + R"(", "path": ")" + path +
                        R"(", "bulkId": "self", "data": )" + data + "}]")[0];
}

using Found = std::tuple<std::string, std::string, bool>;

std::vector<Found> found(const BulkOperation& operation) {
  std::vector<Found> all;
  for (const auto& each : bulkReferences(operation)) {
    all.emplace_back(each.bulk_id, each.place, each.can_wait);
  }
  return all;
}

TEST(BulkReferences, M4_StandInAnyValueAndInThePath) {
  const std::string manager = std::string(kEnterprise) + ":manager";
  struct Case {
    const char* method;
    const char* path;
    std::string data;
    std::vector<Found> expected;
  };
  const Case cases[] = {
      {"POST", "/Users", R"({"userName": "a", "title": "no bulkId:x"})", {}},
      {"POST", "/Users", R"({"title": "bulkId:"})", {}},
      {"POST", "/Users", R"({"title": "BULKID:x"})", {}},
      {"POST", "/Users", R"({"bulkId:x": "y"})", {}},
      {"POST", "/Users", R"({"userName": "bulkId:x"})", {{"x", "userName", false}}},
      {"POST", "/Users", R"({"USERNAME": "bulkId:x"})", {{"x", "USERNAME", false}}},
      {"POST", "/Users", R"({"title": "bulkId:x y"})", {{"x y", "title", true}}},
      {"POST",
       "/Groups",
       R"({"displayName": "g", "members": [{"value": "1"}, {"value": "bulkId:x"}, {"value": "bulkId:y"}]})",
       {{"x", "members.value", true}, {"y", "members.value", true}}},
      {"POST",
       "/Users",
       std::string("{\"") + kEnterprise +
           R"(": {"manager": {"value": "bulkId:x", "$ref": "../Users/bulkId:x"}}})",
       {{"x", manager + ".value", true}, {"x", manager + ".$ref", true}}},
      {"POST", "/Users", R"({"title": "../Users/bulkId:x"})", {}},
      {"PUT",
       "/Groups/1",
       R"({"members": [{"value": "bulkId:x"}]})",
       {{"x", "members.value", false}}},
      {"PATCH",
       "/Groups/bulkId:g",
       R"({"Operations": [{"op": "add", "path": "members", "value": [{"value": "bulkId:x"}]}]})",
       {{"g", "path", false}, {"x", "Operations.value.value", false}}},
      {"DELETE", "/Users/bulkId:x", R"({"value": "bulkId:y"})", {{"x", "path", false}}},
      {"DELETE", "/Users/bulkId:", "{}", {}},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(found(operation(c.method, c.path, c.data)), c.expected) << c.path << " " << c.data;
  }
}

TEST(BulkReferences, M4_AreReplacedByTheIdsThatAreKnown) {
  auto patch = operation("PATCH", "/Groups/bulkId:g", R"({"Operations": [
      {"op": "add", "path": "members",
       "value": [{"value": "bulkId:x", "$ref": "../Users/bulkId:x"}, {"value": "bulkId:z"}]}]})");
  resolveReferences(patch, [](std::string_view bulk_id) -> std::string_view {
    return bulk_id == "x" ? "id-x" : bulk_id == "g" ? "id-g" : "";
  });
  EXPECT_EQ(patch.id, "id-g");
  EXPECT_EQ(patch.data, parsed(R"({"Operations": [
      {"op": "add", "path": "members",
       "value": [{"value": "id-x", "$ref": "../Users/id-x"}, {"value": "bulkId:z"}]}]})"));
}

TEST(BulkReferences, M5_WhatRefersIsTakenOutByAttributeAndElement) {
  const std::string enterprise = kEnterprise;
  struct Case {
    const char* path;
    std::string data;
    std::string left;
    std::string taken;
  };
  const Case cases[] = {
      {"/Users", R"({"userName": "a"})", R"({"userName": "a"})", "{}"},
      {"/Users", R"({"userName": "a", "title": "bulkId:other"})",
       R"({"userName": "a", "title": "bulkId:other"})", "{}"},
      {"/Users",
       R"({"userName": "a", ")" + enterprise +
           R"(": {"department": "d", "manager": {"value": "bulkId:x", "$ref": "r"}}})",
       R"({"userName": "a", ")" + enterprise + R"(": {"department": "d"}})",
       "{\"" + enterprise + R"(": {"manager": {"value": "bulkId:x", "$ref": "r"}}})"},
      {"/Groups",
       R"({"displayName": "g", "members": [{"value": "bulkId:x"}, {"value": "1"}, {"value": "bulkId:y"}]})",
       R"({"displayName": "g", "members": [{"value": "1"}]})",
       R"({"members": [{"value": "bulkId:x"}, {"value": "bulkId:y"}]})"},
      {"/Users", R"({"userName": "a", "unknown": {"deep": ["bulkId:y"]}})", R"({"userName": "a"})",
       R"({"unknown": {"deep": ["bulkId:y"]}})"},
  };
  for (const Case& c : cases) {
    auto post = operation("POST", c.path, c.data);
    const json::Value taken(takeReferring(post, {"x", "y"}));
    EXPECT_EQ(taken, parsed(c.taken)) << c.data;
    EXPECT_EQ(post.data, parsed(c.left)) << c.data;
  }
}

}  // namespace
}  // namespace vestibule::scim
