#include "http/exchange.h"

#include <gtest/gtest.h>

namespace vestibule::http {
namespace {

TEST(Headers, NamesHaveNoCase) {
  Headers headers;
  headers.add("Content-Type", "application/scim+json");
  EXPECT_EQ(headers.first("content-type"), "application/scim+json");
  EXPECT_EQ(headers.first("CONTENT-TYPE"), "application/scim+json");
  EXPECT_FALSE(headers.first("Content-Typ").has_value());
}

TEST(Headers, KeepOrderAndDuplicates) {
  Headers headers;
  headers.add("Accept", "a/b");
  headers.add("X-Other", "x");
  headers.add("accept", "c/d");
  EXPECT_EQ(headers.count("ACCEPT"), 2U);
  EXPECT_EQ(headers.first("Accept"), "a/b");
  EXPECT_EQ(headers.joined("Accept"), "a/b, c/d");
  EXPECT_EQ(headers.joined("Missing"), "");
  ASSERT_EQ(headers.fields().size(), 3U);
  EXPECT_EQ(headers.fields()[2].second, "c/d");
}

TEST(Headers, JoinKeepsEmptyValues) {
  Headers headers;
  headers.add("If-Match", "");
  headers.add("If-Match", "\"1\"");
  EXPECT_EQ(headers.joined("If-Match"), ", \"1\"");
}

TEST(Headers, SetReplacesEveryFieldOfTheName) {
  Headers headers;
  headers.add("ETag", "1");
  headers.add("etag", "2");
  headers.set("Etag", "3");
  EXPECT_EQ(headers.count("ETag"), 1U);
  EXPECT_EQ(headers.first("ETag"), "3");
}

TEST(Request, QueryNamesAreFoundInAnyCase) {
  Request request;
  request.query = {{"startindex", "5"}, {"startIndex", "9"}, {"count", ""}};
  EXPECT_EQ(request.queryValue("startIndex"), "5");
  EXPECT_EQ(request.queryValue("COUNT"), "");
  EXPECT_FALSE(request.queryValue("filter").has_value());
}

TEST(Request, UnknownParameterIsEmpty) {
  Request request;
  request.parameters = {{"id", "42"}};
  EXPECT_EQ(request.parameter("id"), "42");
  EXPECT_EQ(request.parameter("ID"), "");
}

TEST(ReasonPhrase, KnowsWhatTheServerSends) {
  for (const int status : {200, 201, 202, 204, 304, 400, 401, 403, 404, 405, 406, 408, 409,
                           412, 413, 414, 415, 417, 428, 429, 431, 500, 501, 503, 505}) {
    EXPECT_NE(reasonPhrase(status), "Unknown") << status;
  }
  EXPECT_EQ(reasonPhrase(299), "Unknown");
}

TEST(MethodName, IsTheNameOnTheWire) {
  EXPECT_EQ(methodName(Method::kDelete), "DELETE");
  EXPECT_EQ(methodName(Method::kPatch), "PATCH");
}

}  // namespace
}  // namespace vestibule::http
