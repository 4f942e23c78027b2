// The resources of RFC 7643 §8 and RFC 7644 §3.3: validated as POST bodies, then rendered both
// ways.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "json/write.h"
#include "scim/resource/project.h"
#include "scim/resource/render.h"
#include "scim/resource/validate.h"
#include "support/scim_schemas.h"

namespace vestibule::scim {
namespace {

using test::parsed;
using test::schemas;

json::Value goldenFile(const std::string& name) {
  std::ostringstream content;
  content << std::ifstream(std::filesystem::path(VESTIBULE_SOURCE_DIR) / "tests/golden/rfc" / name)
                 .rdbuf();
  return parsed(content.str());
}

class RfcExample : public ::testing::TestWithParam<const char*> {
 protected:
  const ResourceType& type() const {
    return std::string_view(GetParam()) == "group" ? *schemas().group : *schemas().user;
  }
  const ResourceType& otherType() const {
    return std::string_view(GetParam()) == "group" ? *schemas().user : *schemas().group;
  }
  json::Value body() const { return goldenFile(std::string(GetParam()) + ".json"); }
  json::Value canonical() const { return goldenFile(std::string(GetParam()) + ".canonical.json"); }
};

TEST_P(RfcExample, IsStoredInCanonicalForm) {
  const auto valid = validateCreate(*schemas().registry, type(), body());
  ASSERT_TRUE(valid.has_value()) << valid.error().detail;
  EXPECT_EQ(json::write(valid->attributes), json::write(canonical()));
  EXPECT_TRUE(valid->dropped.empty());
}

TEST_P(RfcExample, CanonicalFormIsItsOwnCanonicalForm) {
  const auto valid = validateCreate(*schemas().registry, type(), canonical());
  ASSERT_TRUE(valid.has_value()) << valid.error().detail;
  EXPECT_EQ(json::write(valid->attributes), json::write(canonical()));
  const auto finished = finish(*schemas().registry, type(), *canonical().object());
  ASSERT_TRUE(finished.has_value());
  EXPECT_EQ(json::write(*finished), json::write(canonical()));
}

TEST_P(RfcExample, A7_IsTheSameInAnyCaseAndOrder) {
  json::Value body_in_capitals = body();
  json::Object reversed;
  const auto& members = body_in_capitals.object()->members();
  for (const auto& member : std::vector<json::Member>(members.rbegin(), members.rend())) {
    std::string key = member.key;
    for (char& c : key) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    reversed.set(key, member.value);
  }
  const auto valid = validateCreate(*schemas().registry, type(), json::Value(std::move(reversed)));
  ASSERT_TRUE(valid.has_value()) << valid.error().detail;
  EXPECT_EQ(json::write(valid->attributes), json::write(canonical()));
}

TEST_P(RfcExample, IsRefusedAsAnotherType) {
  const auto valid = validateCreate(*schemas().registry, otherType(), body());
  ASSERT_FALSE(valid.has_value());
  EXPECT_EQ(valid.error().kind, ErrorKind::kInvalidSyntax);
}

TEST_P(RfcExample, S26_PutOfWhatWasReadChangesNothing) {
  const json::Value stored = canonical();
  const auto valid = validateReplace(*schemas().registry, type(), body(), *stored.object());
  ASSERT_TRUE(valid.has_value()) << valid.error().detail;
  EXPECT_EQ(json::write(valid->attributes), json::write(stored));
}

TEST_P(RfcExample, SplicingGivesTheSameTextAsBuildingTheObject) {
  json::Value stored = canonical();
  stored.object()->erase("password");
  const ResourceMeta meta{ResourceId::generate(DomainNumber(7), ResourceKind::kUser), Version(41),
                          *parseTimestamp("2010-01-23T04:56:22Z"),
                          *parseTimestamp("2011-05-13T04:42:34.123Z")};
  const std::string base = "https://example.com/scim/v2";
  const std::vector<GroupMembership> none;
  const std::vector<GroupMembership> groups = {
      {ResourceId::generate(DomainNumber(7), ResourceKind::kGroup), "Tour \"Guides\""},
      {ResourceId::generate(DomainNumber(7), ResourceKind::kGroup), "Größe"}};
  const bool is_user = &type() == schemas().user;
  for (const std::string& prefix : {std::string(), std::string("CORP/")}) {
    for (const auto* memberships : {&none, &groups}) {
      if (!is_user && !memberships->empty()) continue;
      SCOPED_TRACE(prefix + std::to_string(memberships->size()));
      const std::string spliced =
          renderStored(type(), json::write(stored), meta, base, prefix,
                       groupsText(*memberships, base, prefix, *schemas().group));
      const json::Object built =
          completeResource(type(), *stored.object(), meta, base, prefix,
                           groupsArray(*memberships, base, prefix, *schemas().group));
      EXPECT_EQ(spliced, json::write(built));
      // Nor does a projection that nothing was asked of change anything.
      EXPECT_EQ(json::write(Projection().apply(type(), built)), spliced);
      const json::Value read_back = parsed(spliced);
      EXPECT_EQ(read_back.stringAt("id"), meta.id.text());
      EXPECT_EQ(read_back.stringAt(type().naming_attribute->name),
                prefix + *stored.object()->find(type().naming_attribute->name)->string());
      EXPECT_EQ(read_back.find("meta")->stringAt("version"), "W/\"41\"");
      EXPECT_EQ(read_back.find("meta")->stringAt("lastModified"), "2011-05-13T04:42:34.123Z");
      EXPECT_EQ(read_back.find("meta")->stringAt("location"),
                base + type().endpoint + "/" + meta.id.text());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Rfc7643, RfcExample,
                         ::testing::Values("user-minimal", "user-full", "user-enterprise", "group",
                                           "user-post"),
                         [](const auto& example) {
                           std::string name = example.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace vestibule::scim
