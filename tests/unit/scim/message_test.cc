#include "scim/message.h"

#include <gtest/gtest.h>

#include "support/scim_schemas.h"

namespace vestibule::scim {
namespace {

using test::parsed;

TEST(ListResponse, HoldsResourcesAndCounts) {
  const json::Value list = parsed(listResponse({40, 11, {}}, {R"({"id":"1"})", R"({"id":"2"})"}));
  EXPECT_EQ(*list.find("schemas"), json::Value(json::Array{json::Value(kListResponseSchema)}));
  EXPECT_EQ(list.find("totalResults")->number()->asInt64(), 40);
  EXPECT_EQ(list.find("startIndex")->number()->asInt64(), 11);
  EXPECT_EQ(list.find("itemsPerPage")->number()->asInt64(), 2);
  EXPECT_EQ(*list.find("Resources"), parsed(R"([{"id":"1"},{"id":"2"}])"));
}

TEST(ListResponse, D3_AnEmptyListStillHasResources) {
  EXPECT_EQ(*parsed(listResponse({0, 1, {}}, {})).find("Resources"), json::Value(json::Array()));
}

TEST(ListResponse, PagesByCursorNameTheNextAndMayLeaveTheTotalOut) {
  const json::Value first = parsed(listResponse({7, {}, "abc"}, {}));
  EXPECT_EQ(first.stringAt("nextCursor"), "abc");
  EXPECT_EQ(first.find("totalResults")->number()->asInt64(), 7);
  EXPECT_EQ(first.find("startIndex"), nullptr);
  const json::Value last = parsed(listResponse({{}, {}, {}}, {}));
  EXPECT_EQ(last.find("nextCursor"), nullptr);
  EXPECT_EQ(last.find("totalResults"), nullptr);
}

TEST(ErrorBody, B6_StatusIsAStringAndTextIsEscaped) {
  const json::Value error = parsed(errorBody(400, "invalidValue", "say \"hi\"\n\x01"));
  EXPECT_EQ(*error.find("schemas"), json::Value(json::Array{json::Value(kErrorSchema)}));
  EXPECT_EQ(error.stringAt("status"), "400");
  EXPECT_EQ(error.stringAt("scimType"), "invalidValue");
  EXPECT_EQ(error.stringAt("detail"), "say \"hi\"\n\x01");
  EXPECT_EQ(parsed(errorBody(404, "", "gone")).find("scimType"), nullptr);
}

TEST(ScimType, IsTheWordOfTheRfcWhereThereIsOne) {
  EXPECT_EQ(scimType(ErrorKind::kInvalidSyntax), "invalidSyntax");
  EXPECT_EQ(scimType(ErrorKind::kInvalidValue), "invalidValue");
  EXPECT_EQ(scimType(ErrorKind::kInvalidFilter), "invalidFilter");
  EXPECT_EQ(scimType(ErrorKind::kInvalidPath), "invalidPath");
  EXPECT_EQ(scimType(ErrorKind::kNoTarget), "noTarget");
  EXPECT_EQ(scimType(ErrorKind::kMutability), "mutability");
  EXPECT_EQ(scimType(ErrorKind::kUniqueness), "uniqueness");
  EXPECT_EQ(scimType(ErrorKind::kTooMany), "tooMany");
  EXPECT_EQ(scimType(ErrorKind::kInvalidCursor), "invalidCursor");
  EXPECT_EQ(scimType(ErrorKind::kExpiredCursor), "expiredCursor");
  EXPECT_EQ(scimType(ErrorKind::kInvalidCount), "invalidCount");
  EXPECT_EQ(scimType(ErrorKind::kInvalidVersion), "invalidVers");
  EXPECT_EQ(scimType(ErrorKind::kSensitive), "sensitive");
  for (const ErrorKind kind :
       {ErrorKind::kNotFound, ErrorKind::kForbidden, ErrorKind::kInternal, ErrorKind::kUnavailable,
        ErrorKind::kVersionMismatch, ErrorKind::kVersionRequired}) {
    EXPECT_EQ(scimType(kind), "");
  }
}

}  // namespace
}  // namespace vestibule::scim
