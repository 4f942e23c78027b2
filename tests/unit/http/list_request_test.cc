#include "http/list_request.h"

#include <gtest/gtest.h>

#include "json/parse.h"

namespace vestibule::http {
namespace {

json::Value bodyOf(const std::string& members) {
  return *json::parse(R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"])" +
                      members + "}");
}

TEST(SearchRequest, K1_CarriesWhatTheQueryDoes) {
  const auto read = readSearchRequest(bodyOf(
      R"(,"attributes":["userName","name"],"excludedAttributes":["emails"],"filter":"active eq true",
          "sortBy":"userName","sortOrder":"descending","startIndex":3,"count":-1,"cursor":"","x":1)"));
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(read->attributes, (std::vector<std::string>{"userName", "name"}));
  EXPECT_EQ(read->excluded_attributes, (std::vector<std::string>{"emails"}));
  EXPECT_TRUE(read->list.has_filter);
  EXPECT_EQ(read->list.filter, "active eq true");
  EXPECT_EQ(read->list.sort_by, "userName");
  EXPECT_TRUE(read->list.descending);
  EXPECT_EQ(read->list.start_index, 3);
  EXPECT_EQ(read->list.count, -1);
  EXPECT_EQ(read->list.cursor, "");
}

TEST(SearchRequest, WhatIsLeftOutOrNullIsNotAsked) {
  const auto read = readSearchRequest(bodyOf(R"(,"filter":null,"count":null)"));
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->list.has_filter);
  EXPECT_FALSE(read->list.count);
  EXPECT_FALSE(read->list.start_index);
  EXPECT_FALSE(read->list.cursor);
  EXPECT_FALSE(read->list.descending);
}

TEST(SearchRequest, K1_J5_BadOnesAreRefused) {
  const struct {
    const char* body;
    ErrorKind kind;
    const char* attribute;
  } cases[] = {
      {R"([])", ErrorKind::kInvalidSyntax, ""},
      {R"({})", ErrorKind::kInvalidSyntax, ""},
      {R"({"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]})",
       ErrorKind::kInvalidSyntax, ""},
      {R"({"schemas":"urn:ietf:params:scim:api:messages:2.0:SearchRequest"})",
       ErrorKind::kInvalidSyntax, ""},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.body);
    const auto read = readSearchRequest(*json::parse(one.body));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, one.kind);
  }
  const struct {
    const char* members;
    const char* attribute;
  } values[] = {
      {R"(,"filter":1)", "filter"},
      {R"(,"count":"5")", "count"},
      {R"(,"count":1.5)", "count"},
      {R"(,"startIndex":99999999999999999999)", "startIndex"},
      {R"(,"sortOrder":"upwards")", "sortOrder"},
      {R"(,"attributes":{"userName":1})", "attributes"},
      {R"(,"excludedAttributes":[1])", "excludedAttributes"},
      {R"(,"cursor":[])", "cursor"},
  };
  for (const auto& one : values) {
    SCOPED_TRACE(one.members);
    const auto read = readSearchRequest(bodyOf(one.members));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, ErrorKind::kInvalidValue);
    EXPECT_EQ(read.error().attribute, one.attribute);
  }
}

TEST(ListRequest, SortOrderAndCursorAreRead) {
  Request request;
  request.query = {{"sortBy", "userName"}, {"sortOrder", "DESCENDING"}, {"cursor", ""}};
  const auto read = readListRequest(request);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->sort_by, "userName");
  EXPECT_TRUE(read->descending);
  EXPECT_EQ(read->cursor, "");
  request.query = {{"sortOrder", "up"}};
  EXPECT_FALSE(readListRequest(request));
  request.query = {{"startIndex", "one"}};
  EXPECT_FALSE(readListRequest(request));
}

}  // namespace
}  // namespace vestibule::http
