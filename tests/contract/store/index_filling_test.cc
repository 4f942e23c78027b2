// Indexes that schema files declare, change and drop after resources were stored.

#include <algorithm>

#include "base/unicode.h"
#include "contract/store/control_fixture.h"
#include "json/write.h"
#include "scim/resource/validate.h"
#include "scim/schema/comparison_key.h"
#include "store/group_store.h"
#include "store/resource_store.h"
#include "store/user_store.h"
#include "support/device_schemas.h"
#include "support/schema_edits.h"
#include "support/team_schemas.h"

namespace vestibule::store::test {
namespace {

using scim::test::Edit;

std::shared_ptr<const scim::Registry> registryWith(const std::vector<Edit>& edits) {
  auto files = scim::test::shippedSchemas();
  for (auto& file : scim::test::deviceFiles()) files.push_back(std::move(file));
  files.push_back({"team.json", scim::test::kTeamSchema});
  for (auto& file : files) {
    if (file.name == "resource-type-group.json") file.content = scim::test::kTeamGroupType;
  }
  scim::test::apply(edits, files);
  return scim::test::loaded(files);
}

/// Resources are stored by one set of schema files, and the database is migrated with another.
class IndexFillingTest : public PrefixTest {
 protected:
  IndexFillingTest() : migrations_(realMigrations()) { useSchemas({}); }

  void useSchemas(const std::vector<Edit>& edits) {
    registry_ = registryWith(edits);
    migrations_.types = indexedTypes(*registry_);
  }
  Result<std::vector<std::string>> run(bool serves = true) {
    return migrate(*database_, migrations_, "{}", {.serves = serves});
  }
  void mustRun(const std::vector<std::string>& report) {
    const auto done = run();
    ASSERT_TRUE(done) << done.error().detail << " " << done.error().internal;
    EXPECT_EQ(*done, report);
    EXPECT_TRUE(upToDate());
  }
  bool upToDate() {
    const auto current = isUpToDate(*database_, migrations_);
    EXPECT_TRUE(current) << current.error().internal;
    return current && *current;
  }
  std::string line(const std::string& text) { return options_.schema_prefix + "_primary: " + text; }

  const scim::ResourceType& type(const char* name) { return *registry_->findResourceType(name); }
  ChangeAudit audit() const { return {database_->controlSchema(), event_}; }
  DomainTables primary() { return controlRows().domains.front().tables; }

  /// Stores a resource as the directory would by the schema files in use.
  ResourceId add(const char* type_name, std::string_view text) {
    const auto& of = type(type_name);
    json::Value body = scim::test::parsed(text);
    auto valid = scim::validateCreate(*registry_, of, body);
    if (!valid) throw std::runtime_error(valid.error().detail);
    const auto& attributes = valid->attributes;
    const auto entries = scim::indexEntries(of, attributes);
    const auto document = json::write(attributes);
    const auto name = *attributes.find(of.naming_attribute->name)->string();
    const auto key = *scim::comparisonKey(*of.naming_attribute, json::Value(name));
    const auto tables = primary();
    scim::ResourceMeta meta;
    meta.id = ResourceId::generate(tables.number, of.kind);
    meta.version = Version(1);
    meta.created = meta.modified = 1'700'000'000'000'000;
    const auto stored = write([&](Session& session) -> Result<void> {
      if (of.kind == ResourceKind::kUser) {
        UserWrite user;
        user.document = document;
        user.keys.user_name_fold = key;
        user.keys.entries = entries;
        return insertUser(session, tables, meta, user, "", audit());
      }
      if (of.kind == ResourceKind::kGroup) {
        GroupWrite group;
        group.document = document;
        group.keys.display_name = name;
        group.keys.display_name_key = key;
        group.keys.entries = entries;
        return insertGroup(session, tables, of, meta, group, {}, audit());
      }
      ResourceWrite resource;
      resource.document = document;
      resource.keys.name = key;
      resource.keys.entries = entries;
      return insertResource(session, tables, of, meta, resource, audit());
    });
    if (!stored) throw std::runtime_error(stored.error().detail + stored.error().internal);
    return meta.id;
  }
  ResourceId addDevice(const std::string& name, const std::string& more = "") {
    return add("Device", R"({"schemas":["urn:example:params:scim:schemas:core:1.0:Device"],)"
                         R"("displayName":")" +
                             name + "\"" + more + "}");
  }
  ResourceId addGroup(const std::string& name, const std::string& extension) {
    return add("Group",
               R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group",)"
               R"("urn:example:params:scim:schemas:extension:team:1.0:Group"],"displayName":")" +
                   name + R"(","urn:example:params:scim:schemas:extension:team:1.0:Group":)" +
                   extension + "}");
  }
  ResourceId addUser(const std::string& name, const std::string& more = "") {
    return add("User", R"({"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":")" +
                           name + "\"" + more + "}");
  }

  /// The keys of an index in PRIMARY, in their order, joined by commas.
  std::string keys(const std::string& table, int number) {
    return operator_.value("SELECT GROUP_CONCAT(value_key ORDER BY value_key) FROM " +
                               primary().schema + "." + table + " WHERE attribute = ?",
                           {static_cast<std::uint64_t>(number)});
  }
  std::string filledTo(int number) {
    return value("SELECT filled_to FROM {control}.attribute_indexes WHERE attribute = ?",
                 {static_cast<std::uint64_t>(number)});
  }

  MigrationSet migrations_;
  std::shared_ptr<const scim::Registry> registry_;
  AuditEvent event_;
};

const Edit kNoModelIndex{R"(the model", "x-vestibule": {"index": 1001}})", R"(the model"})"};
const Edit kNoEmailIndex{R"("x-vestibule": {"index": 10})", R"("x-vestibule": {})"};
const Edit kNoCostCentreIndex{R"("costCentre", "x-vestibule": {"index": 1101}})",
                              R"("costCentre"})"};

TEST_F(IndexFillingTest, ANewDomainHasAllIndexes) {
  ASSERT_TRUE(run());
  EXPECT_TRUE(upToDate());
  EXPECT_EQ(value("SELECT COUNT(*) FROM {control}.attribute_indexes WHERE filled_to IS NOT NULL"),
            "0");
  const auto corp = write([&](Session& session) {
    return createDomain(session, control_, options_.schema_prefix, migrations_, DomainName("CORP"),
                        "", "{}");
  });
  ASSERT_TRUE(corp) << corp.error().internal;
  EXPECT_TRUE(upToDate());
  mustRun({});
  const std::string of_corp =
      "SELECT COUNT(*) FROM {control}.attribute_indexes WHERE domain_number = 2";
  EXPECT_NE(value(of_corp), "0");
  const auto gone =
      write([&](Session& session) { return deleteDomain(session, control_, DomainName("CORP")); });
  ASSERT_TRUE(gone) << gone.error().internal;
  EXPECT_EQ(value(of_corp), "0");
}

// E12
TEST_F(IndexFillingTest, AnIndexThatIsDeclaredLaterHoldsWhatWasStoredBefore) {
  useSchemas({kNoModelIndex, kNoEmailIndex, kNoCostCentreIndex});
  ASSERT_TRUE(run());
  // More than one transaction fills at once.
  constexpr int kDevices = 120;
  std::vector<std::string> models;
  for (int i = 0; i < kDevices; ++i) {
    models.push_back("m" + std::to_string(100 + i));
    addDevice("device " + std::to_string(i), R"(,"model":"M)" + std::to_string(100 + i) + '"');
  }
  addDevice("without a model", R"(,"serialNumber":"S")");
  addUser("u1", R"(,"emails":[{"value":"A@x.example"},{"value":"b@x.example"}],"title":"T")");
  addUser("u2");
  addGroup("g", R"({"costCentre":"CC-7","code":"c"})");
  EXPECT_EQ(keys("resource_attributes", 1001), "NULL");
  EXPECT_EQ(keys("user_attributes", 10), "NULL");
  EXPECT_EQ(keys("group_attributes", 1101), "NULL");

  useSchemas({});
  EXPECT_FALSE(upToDate());
  mustRun({line("index 10 of User (emails.value) filled from 2 resources"),
           line("index 1101 of Group (urn:example:params:scim:schemas:extension:team:1.0:Group:"
                "costCentre) filled from 1 resources"),
           line("index 1001 of Device (model) filled from 121 resources")});
  std::string expected;
  for (const auto& model : models) expected += (expected.empty() ? "" : ",") + model;
  EXPECT_EQ(keys("resource_attributes", 1001), expected);
  EXPECT_EQ(keys("resource_attributes", 1000), "S");
  EXPECT_EQ(keys("user_attributes", 10), "a@x.example,b@x.example");
  EXPECT_EQ(keys("group_attributes", 1101), "cc-7");
  EXPECT_EQ(keys("group_attributes", 1102), "c");
  mustRun({});
}

TEST_F(IndexFillingTest, AnIndexIsMadeAnewWhenItsKeysAreMadeInAnotherWay) {
  ASSERT_TRUE(run());
  addDevice("d", R"(,"model":"Big","serialNumber":"S")");
  EXPECT_EQ(keys("resource_attributes", 1001), "big");
  const struct {
    std::string what;
    Edit edit;
    std::string model_keys;
  } kCases[] = {
      {"caseExact", {R"("model", )", R"("model", "caseExact": true, )"}, "Big"},
      {"back again", {"\"model\"", "\"model\""}, "big"},
      {"the number of another attribute",
       {R"("name": "model", "description": "The maker's name of the model")",
        R"("name": "model"}, {"name": "colour")"},
       "NULL"},
  };
  for (const auto& test : kCases) {
    SCOPED_TRACE(test.what);
    useSchemas({test.edit});
    EXPECT_FALSE(upToDate());
    const auto done = run();
    ASSERT_TRUE(done) << done.error().detail;
    EXPECT_EQ(done->size(), 1U);
    EXPECT_EQ(keys("resource_attributes", 1001), test.model_keys);
    EXPECT_EQ(keys("resource_attributes", 1000), "S");
  }
}

TEST_F(IndexFillingTest, EntriesGoWithTheDeclarationAndComeBackWithIt) {
  ASSERT_TRUE(run());
  addDevice("d", R"(,"model":"M","serialNumber":"S")");
  useSchemas({kNoModelIndex});
  EXPECT_FALSE(upToDate());
  mustRun({line("index 1001 of Device removed: no schema file declares it any more")});
  EXPECT_EQ(keys("resource_attributes", 1001), "NULL");
  addDevice("e", R"(,"model":"N")");
  useSchemas({});
  mustRun({line("index 1001 of Device (model) filled from 2 resources")});
  EXPECT_EQ(keys("resource_attributes", 1001), "m,n");
}

TEST_F(IndexFillingTest, AStopGoesOnFromThere) {
  useSchemas({kNoModelIndex});
  ASSERT_TRUE(run());
  for (int i = 0; i < 120; ++i) {
    addDevice("device " + std::to_string(i), R"(,"model":"M)" + std::to_string(100 + i) + '"');
  }
  useSchemas({});
  // One row that another transaction holds stops the filling.
  Operator holder(options_);
  holder.run("BEGIN");
  holder.run("SELECT seq FROM " + primary().schema +
             ".resources WHERE kind = 16 AND name_key = 'device 70' FOR UPDATE");
  const auto stopped = run();
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind, ErrorKind::kUnavailable) << stopped.error().detail;
  EXPECT_FALSE(upToDate());
  const std::uint64_t reached = std::stoull(filledTo(1001));
  EXPECT_GT(reached, 0U);
  EXPECT_LT(reached, 71U);
  holder.run("ROLLBACK");
  mustRun({line("index 1001 of Device (model) filled from " + std::to_string(120 - reached) +
                " resources")});
  EXPECT_EQ(operator_.value("SELECT COUNT(DISTINCT value_key) FROM " + primary().schema +
                            ".resource_attributes WHERE attribute = 1001"),
            "120");
}

TEST_F(IndexFillingTest, AStopWhileEntriesAreRemovedGoesOnToo) {
  ASSERT_TRUE(run());
  addDevice("d", R"(,"model":"M")");
  // What a stop between the two steps of forgetting leaves: entries of which nothing is known.
  operator_.run("DELETE FROM " + control_ + ".attribute_indexes WHERE attribute = 1001");
  operator_.run("UPDATE " + primary().schema +
                ".resource_attributes SET value_key = 'stale' WHERE attribute = 1001");
  EXPECT_FALSE(upToDate());
  mustRun({line("index 1001 of Device (model) filled from 1 resources")});
  EXPECT_EQ(keys("resource_attributes", 1001), "m");
}

TEST_F(IndexFillingTest, WhatAServerWithOlderFilesWroteIsReadAgainWhenAServerStarts) {
  useSchemas({kNoModelIndex});
  ASSERT_TRUE(run());
  addDevice("before", R"(,"model":"A")");
  useSchemas({});
  ASSERT_TRUE(run(false));
  EXPECT_EQ(keys("resource_attributes", 1001), "a");

  useSchemas({kNoModelIndex});
  for (int i = 0; i < 60; ++i) addDevice("meanwhile " + std::to_string(i), R"(,"model":"B")");
  operator_.run("UPDATE " + primary().schema + ".resources SET modified = ?",
                {std::int64_t{vestibule::now()}});
  useSchemas({});
  EXPECT_TRUE(upToDate());
  mustRun({});
  EXPECT_EQ(operator_.value("SELECT COUNT(*) FROM " + primary().schema +
                            ".resource_attributes WHERE attribute = 1001"),
            "61");
  EXPECT_EQ(
      value("SELECT COUNT(*) FROM {control}.attribute_indexes WHERE unsettled_since IS NOT NULL"),
      "0");

  // Once: what is written by these files needs no second look.
  operator_.run("DELETE FROM " + primary().schema + ".resource_attributes WHERE attribute = 1001");
  mustRun({});
  EXPECT_EQ(keys("resource_attributes", 1001), "NULL");
}

TEST_F(IndexFillingTest, EntriesThatAServerWithTheSameFilesWroteAreNoDuplicates) {
  ASSERT_TRUE(run());
  addDevice("d", R"(,"model":"M","serialNumber":"S")");
  operator_.run("UPDATE " + control_ +
                ".attribute_indexes SET filled_to = 0 WHERE attribute IN (1000, 1001)");
  mustRun({line("index 1000 of Device (serialNumber) filled from 1 resources"),
           line("index 1001 of Device (model) filled from 1 resources")});
  EXPECT_EQ(keys("resource_attributes", 1000), "S");
}

TEST_F(IndexFillingTest, TwoResourcesWithOneValueOfWhatIsUniqueNowAreAnError) {
  const Edit not_unique{"\"server\",\n      \"x-vestibule\": {\"index\": 1000}",
                        "\"none\",\n      \"x-vestibule\": {\"index\": 1000}"};
  useSchemas({not_unique});
  ASSERT_TRUE(run());
  addDevice("first", R"(,"serialNumber":"S1")");
  for (int i = 0; i < 60; ++i) addDevice("between " + std::to_string(i));
  addDevice("second", R"(,"serialNumber":"S2")");
  const auto third = addDevice("third", R"(,"serialNumber":"S1")");

  useSchemas({});
  const auto refused = run();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(refused.error().detail,
            line("the index of an attribute that is unique now cannot be filled, Device " +
                 third.text() + ": another Device has this serialNumber"));
  EXPECT_FALSE(upToDate());

  useSchemas({not_unique});
  mustRun({line("index 1000 of Device (serialNumber) filled from 63 resources")});
  EXPECT_EQ(keys("resource_attributes", 1000), "S1,S1,S2");
}

TEST_F(IndexFillingTest, WhatNamesResourcesDoesNotChangeWhileThereAreSome) {
  const Edit exact{R"("description": "What people call it;)",
                   R"("caseExact": true, "description": "What people call it;)"};
  ASSERT_TRUE(run());
  useSchemas({exact});
  mustRun({});
  useSchemas({});
  mustRun({});
  addDevice("d");
  useSchemas({exact});
  EXPECT_FALSE(upToDate());
  const auto refused = run();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kConflict);
  EXPECT_NE(refused.error().detail.find("type Device"), std::string::npos)
      << refused.error().detail;
  useSchemas({});
  mustRun({});
}

TEST_F(IndexFillingTest, ResourcesOfATypeWhoseFilesAreAwayKeepTheirIndexes) {
  ASSERT_TRUE(run());
  addDevice("d", R"(,"model":"M")");
  const auto all = migrations_.types;
  std::erase_if(migrations_.types, [](const auto& each) { return each.type->name == "Device"; });
  mustRun({});
  EXPECT_EQ(keys("resource_attributes", 1001), "m");
  migrations_.types = all;
  mustRun({});
}

}  // namespace
}  // namespace vestibule::store::test
