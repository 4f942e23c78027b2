// F-13: a database that an earlier version has made and filled, brought up to date: no row and no
// value of it changes.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "contract/store/control_fixture.h"

namespace vestibule::store::test {
namespace {

using Rows = std::vector<std::vector<std::optional<std::string>>>;

/// Tables whose rows migrating itself makes and goes by.
const std::set<std::string> kOfMigrating = {"control_state", "domains", "migrations"};

class UpgradeTest : public PrefixTest {
 protected:
  UpgradeTest() : migrations_(realMigrations()) {
    // A row is alone in its table.
    operator_.run("SET SESSION foreign_key_checks = 0");
  }

  void migrateBy(const MigrationSet& migrations) {
    const auto report = migrate(*database_, migrations, "{}");
    ASSERT_TRUE(report) << report.error().internal;
  }

  /// The columns of each table of the installation: name, type and, of text and bytes, the longest.
  std::map<std::string, Rows> tables() {
    std::map<std::string, Rows> all;
    for (const auto& schema : schemas()) {
      for (const auto& row : operator_.run(
               "SELECT table_name, column_name, data_type, COALESCE(character_maximum_length, 0) "
               "FROM information_schema.columns WHERE table_schema = ? ORDER BY table_name, "
               "ordinal_position",
               {std::string_view(schema)})) {
        if (kOfMigrating.contains(row.at(0).value())) continue;
        all[quoteName(schema) + "." + quoteName(row.at(0).value())].push_back(
            {row.at(1), row.at(2), row.at(3)});
      }
    }
    return all;
  }

  /// The widest value of a column, as SQL text.
  static std::string widest(const std::vector<std::optional<std::string>>& column) {
    const std::string& type = column.at(1).value();
    if (type.ends_with("int")) return "2";
    constexpr long kOfTexts = 5'000;
    const long most = std::min(std::stol(column.at(2).value()), kOfTexts);
    // A letter of two bytes, which as bytes are no text in half of the places where they are cut.
    if (type.ends_with("binary")) return "REPEAT(X'C3', " + std::to_string(most) + ")";
    return "REPEAT('\xC3\xBC', " + std::to_string(most) + ")";
  }

  /// Puts a row of the widest values into each table that has no row 2 yet.
  void fill(const std::map<std::string, Rows>& tables) {
    for (const auto& [table, columns] : tables) {
      std::string names;
      std::string values;
      for (const auto& column : columns) {
        if (!names.empty()) names += ", ";
        if (!values.empty()) values += ", ";
        names += quoteName(column.at(0).value());
        values += widest(column);
      }
      operator_.run("INSERT INTO " + table + " (" + names + ") VALUES (" + values + ")");
    }
  }

  /// What is in these columns of these tables.
  std::map<std::string, Rows> contents(const std::map<std::string, Rows>& tables) {
    std::map<std::string, Rows> all;
    for (const auto& [table, columns] : tables) {
      std::string names;
      for (const auto& column : columns) {
        if (!names.empty()) names += ", ";
        names += "HEX(" + quoteName(column.at(0).value()) + ")";
      }
      all[table] = operator_.run("SELECT " + names + " FROM " + table + " ORDER BY 1");
    }
    return all;
  }

  MigrationSet migrations_;
};

TEST_F(UpgradeTest, Fault13_EveryEarlierSchemaKeepsEveryRowAndValue) {
  ASSERT_GT(migrations_.control.size(), 1U);
  for (std::size_t known = 1; known < migrations_.control.size(); ++known) {
    SCOPED_TRACE("from " + migrations_.control.at(known - 1).name);
    for (const auto& schema : schemas()) operator_.run("DROP DATABASE " + quoteName(schema));
    auto earlier = migrations_;
    earlier.control.resize(known);
    migrateBy(earlier);
    const auto then = tables();
    ASSERT_GT(then.size(), 20U);
    fill(then);
    const auto before = contents(then);
    migrateBy(migrations_);
    const auto after = contents(then);
    for (const auto& [table, rows] : before) EXPECT_EQ(after.at(table), rows) << table;
    EXPECT_GE(tables().size(), then.size());
    EXPECT_EQ(controlRows().domains.size(), 1U) << "and it can be read";
  }
}

}  // namespace
}  // namespace vestibule::store::test
