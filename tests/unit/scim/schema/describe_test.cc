#include "scim/schema/describe.h"

#include <gtest/gtest.h>

#include "json/write.h"
#include "support/scim_schemas.h"

namespace vestibule::scim {
namespace {

using test::parsed;
using test::schemas;

constexpr const char* kBase = "https://id.example.com/scim/v2";

std::string urlOf(std::string_view path) {
  std::string url = kBase;
  url += path;
  return url;
}

void expectEveryCharacteristic(const json::Value& attribute) {
  SCOPED_TRACE(json::write(attribute));
  const bool complex = attribute.stringAt("type") == "complex";
  for (const char* key : {"name", "type", "description", "mutability", "returned"}) {
    ASSERT_TRUE(attribute.stringAt(key).has_value()) << key;
    EXPECT_FALSE(attribute.stringAt(key)->empty()) << key;
  }
  EXPECT_TRUE(attribute.boolAt("multiValued").has_value());
  EXPECT_TRUE(attribute.boolAt("required").has_value());
  EXPECT_EQ(attribute.boolAt("caseExact").has_value(), !complex);
  EXPECT_EQ(attribute.stringAt("uniqueness").has_value(), !complex);
  EXPECT_EQ(attribute.find("referenceTypes") != nullptr, attribute.stringAt("type") == "reference");
  EXPECT_EQ(attribute.find("subAttributes") != nullptr, complex);
  if (!complex) return;
  for (const json::Value& sub : *attribute.find("subAttributes")->array()) {
    expectEveryCharacteristic(sub);
  }
}

TEST(DescribeSchema, O8_WritesEveryCharacteristicOut) {
  for (const char* urn :
       {"urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:core:2.0:Group",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"}) {
    SCOPED_TRACE(urn);
    const json::Value document = describeSchema(*schemas().registry->findSchema(urn), kBase);
    EXPECT_EQ(document.stringAt("id"), urn);
    EXPECT_EQ(document.find("schemas")->array()->at(0),
              json::Value("urn:ietf:params:scim:schemas:core:2.0:Schema"));
    EXPECT_EQ(document.find("meta")->stringAt("resourceType"), "Schema");
    EXPECT_EQ(document.find("meta")->stringAt("location"), urlOf("/Schemas/").append(urn));
    for (const json::Value& attribute : *document.find("attributes")->array()) {
      expectEveryCharacteristic(attribute);
    }
  }
}

TEST(DescribeSchema, SaysWhatTheFileSays) {
  for (const SchemaFile& file : test::shippedSchemas()) {
    SCOPED_TRACE(file.name);
    // Without what is only ours, the file and the description are the same document.
    const json::Value document = parsed(file.content);
    const auto id = document.stringAt("id");
    const Schema* schema = id ? schemas().registry->findSchema(*id) : nullptr;
    if (schema == nullptr) continue;
    json::Object described = describeSchema(*schema, kBase);
    described.erase("meta");
    std::string expected = json::write(document);
    const std::string ours = ",\"x-vestibule\":{";
    for (auto at = expected.find(ours); at != std::string::npos; at = expected.find(ours)) {
      expected.erase(at, expected.find('}', at) + 1 - at);
    }
    EXPECT_EQ(json::write(described), expected);
  }
}

TEST(Describe, ShowsNothingThatIsOnlyOurs) {
  for (const auto& schema : schemas().registry->schemas()) {
    EXPECT_EQ(json::write(describeSchema(*schema, kBase)).find("vestibule\":"), std::string::npos);
  }
  for (const auto& type : schemas().registry->resourceTypes()) {
    EXPECT_EQ(json::write(describeResourceType(*type, kBase)).find("naming"), std::string::npos);
  }
}

TEST(DescribeResourceType, O7_NamesEndpointSchemaAndExtensions) {
  EXPECT_EQ(json::write(describeResourceType(*schemas().user, kBase)), json::write(parsed(R"({
    "schemas":["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],"id":"User","name":"User",
    "description":"User accounts","endpoint":"/Users","schema":"urn:ietf:params:scim:schemas:core:2.0:User",
    "schemaExtensions":[{"schema":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User","required":false},
      {"schema":"urn:vestibule:params:scim:schemas:extension:provenance:2.0:User","required":false}],
    "meta":{"resourceType":"ResourceType","location":"https://id.example.com/scim/v2/ResourceTypes/User"}})")));
  const json::Object group = describeResourceType(*schemas().group, kBase);
  EXPECT_EQ(*group.find("schemaExtensions"), json::Value(json::Array()));
}

TEST(DescribeServiceProviderConfig, O6_StatesTheFileWithItsLocationAndTheLimitsInForce) {
  const json::Value config =
      describeServiceProviderConfig(*schemas().registry, kBase, {37, 600, 5, 99});
  EXPECT_EQ(config.find("filter")->find("maxResults")->number()->asInt64(), 37);
  EXPECT_EQ(*config.find("bulk"), test::parsed(R"({"supported": true, "maxOperations": 5,
                                                   "maxPayloadSize": 99})"));
  EXPECT_EQ(*config.find("pagination"),
            test::parsed(R"({"cursor":true,"index":true,"defaultPaginationMethod":"index",)"
                         R"("defaultPageSize":37,"maxPageSize":37,"cursorTimeout":600})"));
  EXPECT_EQ(config.find("changePassword")->boolAt("supported"), true);
  EXPECT_EQ(config.find("patch")->boolAt("supported"), true);
  EXPECT_EQ(config.find("filter")->boolAt("supported"), true);
  EXPECT_EQ(config.find("etag")->boolAt("supported"), true);
  EXPECT_EQ(config.find("sort")->boolAt("supported").has_value(), true);
  EXPECT_EQ(config.find("meta")->stringAt("resourceType"), "ServiceProviderConfig");
  EXPECT_EQ(config.find("meta")->stringAt("location"), urlOf("/ServiceProviderConfig"));
  EXPECT_EQ(schemas().registry->serviceProviderConfig().find("meta"), nullptr);
}

}  // namespace
}  // namespace vestibule::scim
