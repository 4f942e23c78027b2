#include "directory/provenance.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "json/write.h"
#include "support/scim_schemas.h"

namespace vestibule::directory {
namespace {

using scim::test::parsed;

constexpr const char* kCore = "urn:ietf:params:scim:schemas:core:2.0:User";
constexpr const char* kBehind = "urn:example:params:scim:schemas:badge:1.0:User";
constexpr Timestamp kFirst = 1'000'000'000'000'000;
constexpr const char* kFirstText = "2001-09-09T01:46:40.000Z";
constexpr Timestamp kLater = kFirst + 1'500'000;
constexpr const char* kLaterText = "2001-09-09T01:46:41.500Z";

const IdentityName kIdentity{"idp", Subject("s-1")};
const IdentityName kOther{"idp", Subject("s-2")};

/// The shipped schema files with one more extension of users, behind those they have; `from` in the
/// extension that tells where users come from is replaced by `to`.
std::shared_ptr<const scim::Registry> registry(const std::string& from = "",
                                               const std::string& to = "") {
  auto files = scim::test::shippedSchemas();
  for (auto& file : files) {
    const bool is_type = file.name == "resource-type-user.json";
    const std::string wanted = is_type ? "\n  ],\n" : from;
    const std::string put =
        is_type ? std::string(",\n{\"schema\": \"") + kBehind + "\"}\n  ],\n" : to;
    if ((!is_type && file.name != "provenance.json") || wanted.empty()) continue;
    const auto at = file.content.find(wanted);
    EXPECT_NE(at, std::string::npos) << file.name;
    file.content.replace(at, wanted.size(), put);
  }
  files.push_back({"badge.json", std::string(R"({"schemas":
      ["urn:ietf:params:scim:schemas:core:2.0:Schema"], "name": "Badge", "description": "B", "id": ")") +
                                     kBehind + R"(", "attributes": [{"name": "number"}]})"});
  return scim::test::loaded(files);
}

class Provenance : public ::testing::Test {
 protected:
  /// As scim::finish would leave them: what is noted is canonical.
  static void expectCanonical(const json::Object& attributes) {
    const auto finished = scim::finish(*registry_, *type_, attributes);
    ASSERT_TRUE(finished);
    EXPECT_EQ(json::write(*finished), json::write(attributes));
  }
  static json::Object user(const std::string& members = "") {
    const std::string schemas = members.empty() ? "" : std::string(",\"") + kBehind + "\"";
    return *parsed(std::string(R"({"schemas":[")") + kCore + "\"" + schemas +
                   R"(],"userName":"bob","title":"T")" + members + "}")
                .object();
  }
  /// The entries as text; empty where the extension is not there.
  static std::string entries(const json::Object& attributes) {
    const auto* extension = attributes.find(kProvenanceSchema);
    return extension == nullptr ? "" : json::write(*extension->find("identities"));
  }

  static inline const std::shared_ptr<const scim::Registry> registry_ = registry();
  static inline const scim::ResourceType* type_ = registry_->findResourceType("User");
};

TEST_F(Provenance, FollowsLinkLoginsAndUnlinkOfAnIdentity) {
  auto attributes = user();
  EXPECT_FALSE(isProvisionNoted(*type_, attributes, kIdentity));
  noteLink(*type_, kIdentity, attributes);
  EXPECT_EQ(entries(attributes),
            R"([{"identityProvider":"idp","subject":"s-1","state":"linked"}])");
  EXPECT_FALSE(isProvisionNoted(*type_, attributes, kIdentity));
  expectCanonical(attributes);

  noteProvision(*type_, kIdentity, kFirst, kFirst, attributes);
  EXPECT_TRUE(isProvisionNoted(*type_, attributes, kIdentity));
  EXPECT_FALSE(isProvisionNoted(*type_, attributes, kOther));
  noteProvision(*type_, kIdentity, kLater, kLater, attributes);
  EXPECT_EQ(entries(attributes),
            std::string(R"([{"identityProvider":"idp","subject":"s-1","firstProvisioned":")") +
                kFirstText + R"(","lastProvisioned":")" + kLaterText + R"(","state":"synced"}])");
  expectCanonical(attributes);

  noteLink(*type_, kOther, attributes);
  forgetIdentity(*type_, kIdentity, attributes);
  EXPECT_EQ(entries(attributes),
            R"([{"identityProvider":"idp","subject":"s-2","state":"linked"}])");
  forgetIdentity(*type_, kOther, attributes);
  EXPECT_EQ(attributes, user());
}

TEST_F(Provenance, ALinkMadeAnewWaitsAgain) {
  auto attributes = user();
  noteProvision(*type_, kIdentity, kFirst, kLater, attributes);
  noteLink(*type_, kIdentity, attributes);
  EXPECT_EQ(entries(attributes),
            R"([{"identityProvider":"idp","subject":"s-1","state":"linked"}])");
}

TEST_F(Provenance, TellsIdentitiesApartByBothNamesAsTheyAre) {
  auto attributes = user();
  noteProvision(*type_, kIdentity, kFirst, kFirst, attributes);
  for (const auto& other : {IdentityName{"IDP", Subject("s-1")},
                            IdentityName{"idp", Subject("S-1")}, IdentityName{"", Subject("")}}) {
    EXPECT_FALSE(isProvisionNoted(*type_, attributes, other));
    const auto before = attributes;
    forgetIdentity(*type_, other, attributes);
    EXPECT_EQ(attributes, before);
  }
}

TEST_F(Provenance, StandsBeforeTheExtensionsThatAreListedBehindIt) {
  const auto plain = user(std::string(",\"") + kBehind + R"(":{"number":"7"})");
  auto attributes = plain;
  noteLink(*type_, kIdentity, attributes);
  expectCanonical(attributes);
  noteProvision(*type_, kOther, kFirst, kFirst, attributes);
  expectCanonical(attributes);
  forgetIdentity(*type_, kIdentity, attributes);
  forgetIdentity(*type_, kOther, attributes);
  EXPECT_EQ(attributes, plain);
}

TEST_F(Provenance, LeavesWhatSchemaFilesSayOtherwiseNowAsItIs) {
  auto attributes =
      *parsed(R"({"schemas":["urn:x"],"title":7,"urn:gone:1.0:User":{"a":1}})").object();
  noteLink(*type_, kIdentity, attributes);
  EXPECT_EQ(attributes.find("title")->number()->text, "7");
  forgetIdentity(*type_, kIdentity, attributes);
  EXPECT_EQ(json::write(attributes),
            R"({"schemas":["urn:x"],"title":7,"urn:gone:1.0:User":{"a":1}})");
}

TEST_F(Provenance, IsNotNotedWhereItIsDeclaredOtherwise) {
  const struct {
    const char* what;
    const char* from;
    const char* to;
  } kCases[] = {
      {"another name", "\"name\": \"identities\"", "\"name\": \"others\""},
      {"a part less", "\"name\": \"subject\"", "\"name\": \"sub\""},
      {"one value", "\"multiValued\": true", "\"multiValued\": false"},
  };
  for (const auto& test : kCases) {
    const auto files = registry(test.from, test.to);
    const auto* type = files->findResourceType("User");
    auto attributes = user();
    EXPECT_TRUE(isProvisionNoted(*type, attributes, kIdentity)) << test.what;
    noteProvision(*type, kIdentity, kFirst, kFirst, attributes);
    noteLink(*type, kOther, attributes);
    forgetIdentity(*type, kOther, attributes);
    EXPECT_EQ(attributes, user()) << test.what;
  }
  const auto* probe = scim::test::schemas().probe;
  EXPECT_TRUE(isProvisionNoted(*probe, user(), kIdentity));
}

}  // namespace
}  // namespace vestibule::directory
