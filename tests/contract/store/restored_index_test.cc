// PRIMARY restored where the schema files are not those of the backup any more: what they refuse is
// found while PRIMARY can be given back, and what they add is filled.

#include <gtest/gtest.h>

#include "contract/store/backup_fixture.h"
#include "support/device_schemas.h"
#include "support/schema_edits.h"

namespace vestibule::store::test {
namespace {

using scim::test::Edit;

class RestoredIndexTest : public BackupTest {
 protected:
  RestoredIndexTest() {
    useSchemas({kNotUnique});
    mustMigrate();
    addDevice(1, "first", "S1");
    addDevice(2, "second", "S1");
    records_ = backupOf({kPrimary});
    run("DELETE FROM " + schema() + ".resources WHERE seq = 2");
    run("UPDATE " + schema() + ".resources SET name_key = 'now' WHERE seq = 1");
  }

  void useSchemas(const std::vector<Edit>& edits) {
    auto files = scim::test::shippedSchemas();
    for (auto& file : scim::test::deviceFiles()) files.push_back(std::move(file));
    scim::test::apply(edits, files);
    registry_ = scim::test::loaded(files);
    migrations_.types = indexedTypes(*registry_);
  }
  void mustMigrate() {
    auto migrated = migrate(*database_, migrations_, "{}", {.serves = true});
    if (!migrated) throw std::runtime_error(migrated.error().detail + migrated.error().internal);
  }
  void addDevice(std::uint64_t row, const std::string& name, const std::string& serial) {
    const auto kind = registry_->findResourceType("Device")->kind;
    const auto id = ResourceId::generate(DomainNumber(kPrimaryNumber), kind);
    const std::string document =
        R"({"displayName":")" + name + R"(","serialNumber":")" + serial + "\"}";
    run("INSERT INTO " + schema() +
            ".resources (kind, seq, id, name_key, version, created, modified, document) VALUES "
            "(?, ?, ?, ?, 1, 1, 1, ?)",
        {static_cast<std::uint64_t>(kind), row, Blob{id.bytes()}, Blob{name},
         std::string_view(document)});
  }
  std::string schema() { return controlRows().domains.front().tables.schema; }
  std::string names() {
    return operator_.value("SELECT GROUP_CONCAT(name_key ORDER BY seq) FROM " + schema() +
                           ".resources");
  }
  std::string records() {
    return value(
        "SELECT GROUP_CONCAT(CONCAT_WS(':', kind, attribute, HEX(meaning)) ORDER BY kind, "
        "attribute) FROM {control}.attribute_indexes WHERE domain_number = 1");
  }
  Result<std::vector<BackupCount>> restore() {
    return restoreDomain(*database_, migrations_, kPrimary, true, sourceOf(records_),
                         eventCalled("domain.restored"), nullptr);
  }
  bool upToDate() {
    const auto current = isUpToDate(*database_, migrations_);
    EXPECT_TRUE(current) << current.error().internal;
    return current && *current;
  }

  const DomainName kPrimary{"PRIMARY"};
  const Edit kNotUnique{"\"server\",\n      \"x-vestibule\": {\"index\": 1000}",
                        "\"none\",\n      \"x-vestibule\": {\"index\": 1000}"};
  const Edit kExact{R"("description": "What people call it;)",
                    R"("caseExact": true, "description": "What people call it;)"};
  std::shared_ptr<const scim::Registry> registry_;
  Records records_;
};

TEST_F(RestoredIndexTest, ABackupWithTwoOfWhatIsUniqueNowLeavesPrimaryAsItWas) {
  useSchemas({});
  mustMigrate();
  const auto before = records();
  for (int run = 0; run < 2; ++run) {
    const auto was = schema();
    auto refused = restore();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::kConflict) << refused.error().internal;
    EXPECT_NE(refused.error().detail.find("unique now"), std::string::npos)
        << refused.error().detail;
    EXPECT_EQ(value("SELECT state FROM {control}.domains WHERE number = 1"), "active");
    EXPECT_EQ(schema(), was);
    EXPECT_EQ(names(), "now");
    EXPECT_EQ(records(), before);
    EXPECT_TRUE(upToDate());
    EXPECT_EQ(schemas().size(), 3U);
  }
}

TEST_F(RestoredIndexTest, ABackupUnderAnotherNamingAttributeLeavesPrimaryAsItWas) {
  run("DELETE FROM " + schema() + ".resources");
  useSchemas({kNotUnique, kExact});
  mustMigrate();
  auto refused = restore();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kConflict) << refused.error().internal;
  EXPECT_EQ(value("SELECT state FROM {control}.domains WHERE number = 1"), "active");
  EXPECT_TRUE(upToDate());
}

TEST_F(RestoredIndexTest, AnIndexThatWasDeclaredMeanwhileIsFilledAndRecorded) {
  run("UPDATE {control}.attribute_indexes SET filled_to = NULL");
  useSchemas({kNotUnique});
  run("DELETE FROM {control}.attribute_indexes WHERE attribute = 1000");
  records_ = backupOf({kPrimary});
  mustMigrate();
  const auto before = records();
  auto restored = restore();
  ASSERT_TRUE(restored) << restored.error().detail << restored.error().internal;
  EXPECT_EQ(records(), before);
  EXPECT_TRUE(upToDate());
  EXPECT_EQ(operator_.value("SELECT COUNT(*) FROM " + schema() +
                            ".resource_attributes WHERE attribute = 1000"),
            "1");
}

}  // namespace
}  // namespace vestibule::store::test
