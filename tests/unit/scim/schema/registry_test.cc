#include "scim/schema/registry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "json/write.h"
#include "scim/path/attribute_path.h"
#include "scim/resource/validate.h"
#include "support/scim_schemas.h"
#include "support/team_schemas.h"

namespace vestibule::scim {
namespace {

using test::parsed;
using test::schemas;

std::string contentOf(const std::filesystem::path& path) {
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

std::vector<SchemaFile> sortedShippedSchemas() {
  std::vector<SchemaFile> files = test::shippedSchemas();
  std::sort(files.begin(), files.end(),
            [](const SchemaFile& a, const SchemaFile& b) { return a.name < b.name; });
  return files;
}

void removeFile(std::vector<SchemaFile>& files, std::string_view name) {
  std::erase_if(files, [&](const SchemaFile& file) { return file.name == name; });
}

/// The shipped schemas with the changes a file of golden/schema-bad describes.
std::vector<SchemaFile> changedSchemas(const json::Value& change) {
  std::vector<SchemaFile> files = sortedShippedSchemas();
  if (const json::Value* without = change.find("without")) {
    for (const json::Value& name : *without->array()) removeFile(files, *name.string());
  }
  for (const json::Value& added : *change.find("files")->array()) {
    const std::string name(*added.stringAt("name"));
    removeFile(files, name);
    const json::Value* document = added.find("document");
    files.push_back({name, document != nullptr ? json::write(*document)
                                               : std::string(*added.stringAt("content"))});
  }
  std::sort(files.begin(), files.end(),
            [](const SchemaFile& a, const SchemaFile& b) { return a.name < b.name; });
  return files;
}

TEST(RegistryGolden, ABadSchemaFileIsRefusedWithFilePlaceAndReason) {
  const std::filesystem::path folder =
      std::filesystem::path(VESTIBULE_SOURCE_DIR) / "tests/golden/schema-bad";
  int cases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().filename().string());
    ++cases;
    const json::Value change = parsed(contentOf(entry.path()));
    const std::string expected(*change.stringAt("expected"));
    const auto registry = Registry::load(changedSchemas(change));
    ASSERT_FALSE(registry.has_value());
    EXPECT_EQ(registry.error().kind, ErrorKind::kInvalidValue);
    if (expected.back() == ' ') {
      // Ends in the text of the JSON parser, which is not ours to pin down.
      EXPECT_EQ(registry.error().detail.substr(0, expected.size()), expected);
      EXPECT_GT(registry.error().detail.size(), expected.size());
    } else {
      EXPECT_EQ(registry.error().detail, expected);
    }
  }
  EXPECT_GE(cases, 60);
}

TEST(Registry, AttributesOfAnExtensionOfGroupsAreIndexedAndUnique) {
  const Schema* team = test::teamRegistry()->findSchema(test::kTeamUrn);
  ASSERT_NE(team, nullptr);
  EXPECT_EQ(team->find("costCentre")->index, 1101);
  EXPECT_EQ(team->find("contacts")->findSub("value")->index, 1103);
  EXPECT_EQ(team->find("code")->uniqueness, Uniqueness::kServer);
  const auto group = test::teamGroup(
      R"({"displayName":"g","urn:example:params:scim:schemas:extension:team:1.0:Group":
          {"code":"A","costCentre":"C","contacts":[{"value":"X"}]}})");
  EXPECT_EQ(indexEntries(test::teamGroupType(), group),
            (std::vector<IndexEntry>{{1101, "c", false}, {1102, "A", true}, {1103, "x", false}}));
}

TEST(Registry, A5_AComplexAttributeHasNoComplexParts) {
  const std::vector<SchemaFile> files = sortedShippedSchemas();
  const auto with = [&](const std::string& type) {
    std::vector<SchemaFile> all = files;
    all.push_back({"box.json", R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Schema"],
      "id":"urn:example:box","attributes":[{"name":"box","type":"complex","subAttributes":[
        {"name":"part",)" + type + "}]}]}"});
    return Registry::load(all).has_value();
  };
  EXPECT_TRUE(with(R"("type":"string")"));
  EXPECT_FALSE(with(R"("type":"complex","subAttributes":[{"name":"inner"}])"));
}

TEST(Registry, A1_NamesAreALetterAndThenLettersDigitsAndAFewSigns) {
  const std::vector<SchemaFile> files = sortedShippedSchemas();
  const auto named = [&](const std::string& name) {
    std::vector<SchemaFile> all = files;
    all.push_back({"names.json", R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Schema"],
      "id":"urn:example:names","attributes":[{"name":")" +
                                     name + "\"}]}"});
    return Registry::load(all).has_value();
  };
  for (const char* good : {"a", "shoeSize2", "x-y_z"}) EXPECT_TRUE(named(good)) << good;
  for (const char* bad : {"", "1a", "-a", "a b", "a.b", "a:b", "größe"}) {
    EXPECT_FALSE(named(bad)) << bad;
  }
}

TEST(Registry, DoesNotCareInWhichOrderFilesCome) {
  std::vector<SchemaFile> files = sortedShippedSchemas();
  do {
    const auto registry = Registry::load(files);
    ASSERT_TRUE(registry.has_value()) << registry.error().detail;
    ASSERT_NE((*registry)->findResourceType("User")->naming_attribute, nullptr);
  } while (std::next_permutation(
      files.begin(), files.end(),
      [](const SchemaFile& a, const SchemaFile& b) { return a.name < b.name; }));
}

TEST(Registry, A2_FindsByNamesInAnyCase) {
  const Registry& registry = *schemas().registry;
  const Schema* user = registry.findSchema("URN:IETF:params:scim:schemas:core:2.0:user");
  ASSERT_NE(user, nullptr);
  EXPECT_EQ(user->id, "urn:ietf:params:scim:schemas:core:2.0:User");
  ASSERT_NE(user->find("USERNAME"), nullptr);
  EXPECT_EQ(user->find("USERNAME")->name, "userName");
  EXPECT_EQ(user->find("userNam"), nullptr);
  EXPECT_EQ(registry.findResourceType("uSER"), schemas().user);
  EXPECT_EQ(registry.findSchema("urn:ietf:params:scim:schemas:core:2.0"), nullptr);
  EXPECT_EQ(registry.findResourceType("Users"), nullptr);
  EXPECT_NE(
      schemas().user->findExtension("urn:IETF:params:scim:schemas:extension:ENTERPRISE:2.0:user"),
      nullptr);
  EXPECT_EQ(
      schemas().group->findExtension("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"),
      nullptr);
}

TEST(Registry, ListsResourceTypesByKind) {
  std::vector<SchemaFile> files = sortedShippedSchemas();
  files.push_back({"a.json", R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Schema"],
    "id":"urn:example:A","attributes":[{"name":"plain"}]})"});
  const auto type = [](const std::string& name, const std::string& kind) {
    return SchemaFile{
        "0" + name,
        R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],"name":")" + name +
            R"(","endpoint":"/)" + name + R"(s","schema":"urn:example:A","x-vestibule":{"kind":)" +
            kind + "}}"};
  };
  files.insert(files.begin(), {type("Late", "255"), type("Early", "16")});
  const auto registry = Registry::load(files);
  ASSERT_TRUE(registry.has_value()) << registry.error().detail;
  std::string names;
  for (const auto& each : (*registry)->resourceTypes()) names += each->name + " ";
  EXPECT_EQ(names, "User Group Early Late ");
  const ResourceType* late = (*registry)->findResourceType("Late");
  EXPECT_EQ(late->kind, ResourceKind{255});
  EXPECT_EQ(late->naming_attribute, nullptr);
  EXPECT_TRUE(late->stored_as_returned);
}

TEST(Registry, A3_FillsInTheDefaultsOfTheRfc) {
  std::vector<SchemaFile> files = sortedShippedSchemas();
  files.push_back({"bare.json", R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Schema"],
    "id":"urn:example:bare","attributes":[{"name":"plain"},
    {"name":"link","type":"reference","referenceTypes":["uri"],"caseExact":false},
    {"name":"blob","type":"binary"}]})"});
  const auto registry = Registry::load(files);
  ASSERT_TRUE(registry.has_value()) << registry.error().detail;
  const Attribute& plain = (*registry)->findSchema("urn:example:bare")->attributes[0];
  EXPECT_EQ(plain.type, AttributeType::kString);
  EXPECT_FALSE(plain.multi_valued);
  EXPECT_FALSE(plain.required);
  EXPECT_FALSE(plain.case_exact);
  EXPECT_EQ(plain.mutability, Mutability::kReadWrite);
  EXPECT_EQ(plain.returned, Returned::kDefault);
  EXPECT_EQ(plain.uniqueness, Uniqueness::kNone);
  EXPECT_EQ(plain.index, 0);
  EXPECT_TRUE((*registry)->findSchema("urn:example:bare")->attributes[1].case_exact);
  EXPECT_TRUE((*registry)->findSchema("urn:example:bare")->attributes[2].case_exact);
}

// What RFC 7643 §8.7.1 says, with its errata.
TEST(ShippedSchemas, A24_HaveTheCharacteristicsOfTheRfc) {
  struct Case {
    const ResourceType* type;
    const char* path;
    AttributeType kind;
    bool multi_valued, required, case_exact;
    Mutability mutability;
    Returned returned;
    Uniqueness uniqueness;
  };
  using enum AttributeType;
  using M = Mutability;
  using R = Returned;
  using Q = Uniqueness;
  const ResourceType* user = schemas().user;
  const ResourceType* group = schemas().group;
  const Case cases[] = {
      {user, "id", kString, false, false, true, M::kReadOnly, R::kAlways, Q::kServer},
      {user, "externalId", kString, false, false, true, M::kReadWrite, R::kDefault, Q::kNone},
      {user, "schemas", kString, true, true, false, M::kReadWrite, R::kAlways, Q::kNone},
      {user, "meta", kComplex, false, false, false, M::kReadOnly, R::kDefault, Q::kNone},
      {user, "meta.created", kDateTime, false, false, true, M::kReadOnly, R::kDefault, Q::kNone},
      {user, "userName", kString, false, true, false, M::kReadWrite, R::kDefault, Q::kServer},
      {user, "name", kComplex, false, false, false, M::kReadWrite, R::kDefault, Q::kNone},
      {user, "active", kBoolean, false, false, false, M::kReadWrite, R::kDefault, Q::kNone},
      {user, "password", kString, false, false, false, M::kWriteOnly, R::kNever, Q::kNone},
      {user, "profileUrl", kReference, false, false, true, M::kReadWrite, R::kDefault, Q::kNone},
      {user, "emails", kComplex, true, false, false, M::kReadWrite, R::kDefault, Q::kNone},
      {user, "emails.primary", kBoolean, false, false, false, M::kReadWrite, R::kDefault, Q::kNone},
      {user, "groups", kComplex, true, false, false, M::kReadOnly, R::kDefault, Q::kNone},
      {user, "groups.$ref", kReference, false, false, true, M::kReadOnly, R::kDefault, Q::kNone},
      {user, "x509Certificates.value", kBinary, false, false, true, M::kReadWrite, R::kDefault,
       Q::kNone},
      {user, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", kString,
       false, false, true, M::kReadWrite, R::kDefault, Q::kNone},
      {user, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName",
       kString, false, false, false, M::kReadOnly, R::kDefault, Q::kNone},
      // Where RFC 7643 leaves it open, ours are unique (docs/decisions).
      {group, "displayName", kString, false, true, false, M::kReadWrite, R::kDefault, Q::kServer},
      {group, "members", kComplex, true, false, false, M::kReadWrite, R::kDefault, Q::kNone},
      {group, "members.value", kString, false, false, false, M::kImmutable, R::kDefault, Q::kNone},
      {group, "members.$ref", kReference, false, false, true, M::kImmutable, R::kDefault, Q::kNone},
      {group, "members.type", kString, false, false, false, M::kImmutable, R::kDefault, Q::kNone},
      {group, "members.display", kString, false, false, false, M::kReadOnly, R::kDefault, Q::kNone},
  };
  for (const Case& expected : cases) {
    SCOPED_TRACE(expected.path);
    const auto ref = resolveAttribute(*schemas().registry, *expected.type, expected.path,
                                      ErrorKind::kInvalidPath);
    ASSERT_TRUE(ref.has_value()) << ref.error().detail;
    const Attribute& attribute = ref->target();
    EXPECT_EQ(nameOf(attribute.type), nameOf(expected.kind));
    EXPECT_EQ(attribute.multi_valued, expected.multi_valued);
    EXPECT_EQ(attribute.required, expected.required);
    EXPECT_EQ(attribute.case_exact, expected.case_exact);
    EXPECT_EQ(nameOf(attribute.mutability), nameOf(expected.mutability));
    EXPECT_EQ(nameOf(attribute.returned), nameOf(expected.returned));
    EXPECT_EQ(nameOf(attribute.uniqueness), nameOf(expected.uniqueness));
  }
}

TEST(ShippedSchemas, MarkWhatIsOursWhereItBelongs) {
  const Schema& user = *schemas().user->schema;
  EXPECT_EQ(user.find("userName")->preparation, Preparation::kUserName);
  EXPECT_TRUE(user.find("groups")->relation);
  EXPECT_TRUE(user.find("password")->credential);
  EXPECT_EQ(user.find("emails")->findSub("value")->index, 10);
  EXPECT_EQ(user.find("displayName")->index, 11);
  EXPECT_TRUE(schemas().group->schema->find("members")->relation);
  EXPECT_EQ(schemas().user->naming_attribute, user.find("userName"));
  EXPECT_EQ(schemas().group->naming_attribute, schemas().group->schema->find("displayName"));
  const Schema& enterprise = *schemas().user->extensions.at(0).schema;
  EXPECT_EQ(enterprise.find("employeeNumber")->index, 20);
  EXPECT_EQ(enterprise.find("manager")->findSub("value")->index, 22);
}

TEST(Registry, KnowsWhetherStoredJsonIsWhatClientsSee) {
  // The password and the relations are not in the stored JSON.
  EXPECT_TRUE(schemas().user->stored_as_returned);
  EXPECT_TRUE(schemas().group->stored_as_returned);
  // The probe has attributes that are never returned.
  EXPECT_FALSE(schemas().probe->stored_as_returned);
}

TEST(Registry, SeesOnDemandAttributesOfExtensionsAndTheirParts) {
  const char* const attributes[] = {
      R"({"name":"pin","returned":"request"})", R"({"name":"pin","returned":"never"})",
      R"({"name":"pin","type":"complex","subAttributes":[{"name":"code","returned":"request"}]})"};
  for (const char* attribute : attributes) {
    SCOPED_TRACE(attribute);
    std::vector<SchemaFile> files = sortedShippedSchemas();
    files.push_back(
        {"pin.json", std::string(R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Schema"],
      "id":"urn:example:pin","attributes":[)") +
                         attribute + "]}"});
    removeFile(files, "resource-type-user.json");
    files.push_back(
        {"resource-type-user.json",
         R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],"name":"User",
      "endpoint":"/Users","schema":"urn:ietf:params:scim:schemas:core:2.0:User",
      "schemaExtensions":[{"schema":"urn:example:PIN"}],"x-vestibule":{"namingAttribute":"userName"}})"});
    const auto registry = Registry::load(files);
    ASSERT_TRUE(registry.has_value()) << registry.error().detail;
    EXPECT_FALSE((*registry)->findResourceType("User")->stored_as_returned);
    EXPECT_FALSE((*registry)->findResourceType("User")->extensions.at(0).required);
  }
}

}  // namespace
}  // namespace vestibule::scim
