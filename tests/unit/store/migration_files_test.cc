#include "store/migration_files.h"

#include <gtest/gtest.h>

#include <fstream>

#include "store/domain_tables.h"
#include "store/migration_steps.h"
#include "support/temporary_folder.h"

namespace vestibule::store {
namespace {

class MigrationFilesTest : public testing::Test {
 protected:
  MigrationFilesTest() {
    std::filesystem::create_directories(folder_.path() / "control");
    std::filesystem::create_directories(folder_.path() / "domain");
    put("control/001_start.sql", "SELECT 1\n--;\nSELECT 2\n");
    put("domain/001_start.sql", "SELECT 1");
  }
  void put(const std::string& name, const std::string& text) {
    std::ofstream(folder_.path() / name) << text;
  }
  Result<MigrationSet> read() { return readMigrations(folder_.path().string()); }
  /// The error must name the file.
  void expectRefused(const std::string& name) {
    const auto migrations = read();
    ASSERT_FALSE(migrations);
    EXPECT_EQ(migrations.error().kind, ErrorKind::kInvalidValue);
    EXPECT_NE(migrations.error().detail.find(name), std::string::npos) << migrations.error().detail;
  }

  vestibule::test::TemporaryFolder folder_;
};

TEST_F(MigrationFilesTest, FilesComeInOrder) {
  put("domain/002_b.sql", "b");
  put("domain/003_a.sql", "a");
  const auto migrations = read();
  ASSERT_TRUE(migrations) << migrations.error().detail;
  ASSERT_EQ(migrations->domain.size(), 3U);
  EXPECT_EQ(migrations->domain[2].number, 3U);
  EXPECT_EQ(migrations->domain[2].name, "003_a.sql");
  EXPECT_EQ(migrations->domain[2].sql, "a");
  EXPECT_EQ(migrations->control.size(), 1U);
}

TEST_F(MigrationFilesTest, OurOwnFilesAreWellFormed) {
  EXPECT_TRUE(readMigrations(VESTIBULE_SOURCE_DIR "/sql"));
}

TEST_F(MigrationFilesTest, AGapIsRefused) {
  put("domain/003_late.sql", "x");
  expectRefused("003_late.sql");
}

TEST_F(MigrationFilesTest, ANumberTwiceIsRefused) {
  put("domain/001_twin.sql", "x");
  expectRefused("001_twin.sql");
}

TEST_F(MigrationFilesTest, AFolderInPlaceOfAFileIsRefused) {
  std::filesystem::create_directory(folder_.path() / "domain/002_b.sql");
  expectRefused("002_b.sql");
}

TEST_F(MigrationFilesTest, OtherNamesAreRefused) {
  for (const std::string name : {"readme.txt", "1_a.sql", "001a.sql", "002_a.sql~", "0x2_a.sql"}) {
    SCOPED_TRACE(name);
    put("domain/" + name, "x");
    expectRefused(name);
    std::filesystem::remove(folder_.path() / "domain" / name);
  }
}

TEST_F(MigrationFilesTest, AnEmptyStepIsRefused) {
  for (const char* text : {"", "a\n--;\n", "a\n--;\n \n--;\nb\n"}) {
    put("domain/002_empty.sql", text);
    expectRefused("002_empty.sql");
  }
}

TEST_F(MigrationFilesTest, AMissingOrEmptyFolderIsRefused) {
  std::filesystem::remove(folder_.path() / "control" / "001_start.sql");
  expectRefused("control");
  std::filesystem::remove(folder_.path() / "control");
  expectRefused("control");
}

TEST(MigrationSteps, AreSplitAtTheirMarks) {
  EXPECT_EQ(stepsOf("a\n--;\nb --; c\n  --;\r\nd\n"),
            (std::vector<std::string>{"a", "b --; c", "d"}));
}

TEST(MigrationSteps, GetTheirSchemas) {
  EXPECT_EQ(stepFor("{schema}.a {control}.b {schema}", "`s`", "`c`"), "`s`.a `c`.b `s`");
  EXPECT_EQ(stepFor("plain {other}", "`s`", "`c`"), "plain {other}");
}

TEST(QuotedName, GoesThereAndBack) {
  for (const std::string name : {"a", "a`b", "``", "vestibule_my-corp"}) {
    EXPECT_EQ(unquoteName(quoteName(name)), name);
  }
  EXPECT_EQ(quoteName("a`b"), "`a``b`");
}

}  // namespace
}  // namespace vestibule::store
