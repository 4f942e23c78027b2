#pragma once
// A migrated database of the test's own: control schema and PRIMARY.

#include <string>

#include "contract/store/database_fixture.h"
#include "store/control_store.h"
#include "store/domain_creation.h"
#include "store/migrations.h"

namespace vestibule::store::test {

inline MigrationSet realMigrations() {
  auto migrations = readMigrations(VESTIBULE_SOURCE_DIR "/sql");
  if (!migrations) throw std::runtime_error(migrations.error().detail);
  return *std::move(migrations);
}

/// A schema prefix whose schemas are dropped at the end. Nothing is migrated yet.
class PrefixTest : public testing::Test {
 protected:
  PrefixTest()
      : options_(privateOptions()), operator_(options_), database_(databaseWith(options_)) {
    control_ = database_->controlSchema();
  }
  ~PrefixTest() override {
    database_.reset();
    for (const auto& schema : schemas()) operator_.run("DROP DATABASE " + quoteName(schema));
  }

  std::vector<std::string> schemas() {
    std::vector<std::string> names;
    for (const auto& row :
         operator_.run("SELECT schema_name FROM information_schema.schemata "
                       "WHERE LEFT(schema_name, ?) = ? ORDER BY 1",
                       {std::uint64_t{options_.schema_prefix.size() + 1},
                        std::string_view(prefix_ = options_.schema_prefix + "_")})) {
      names.push_back(row.at(0).value_or(""));
    }
    return names;
  }
  /// A value from the control schema: `{control}` is put in.
  std::string value(std::string sql, const std::vector<Parameter>& parameters = {}) {
    constexpr std::string_view kMark = "{control}";
    for (auto at = sql.find(kMark); at != std::string::npos; at = sql.find(kMark)) {
      sql.replace(at, kMark.size(), control_);
    }
    return operator_.value(sql, parameters);
  }
  template <typename Function>
  auto write(Function&& function) {
    return database_->write(std::forward<Function>(function));
  }
  ControlRows controlRows() {
    auto rows =
        database_->read([&](Session& session) { return readControlRows(session, control_); });
    if (!rows) throw std::runtime_error(rows.error().internal);
    return *std::move(rows);
  }
  std::uint64_t revision() {
    auto revision =
        database_->read([&](Session& session) { return readRevision(session, control_); });
    if (!revision) throw std::runtime_error(revision.error().internal);
    return *revision;
  }

  DatabaseOptions options_;
  Operator operator_;
  std::unique_ptr<Database> database_;
  std::string control_;
  std::string prefix_;
};

/// With everything migrated.
class ControlTest : public PrefixTest {
 protected:
  ControlTest() : migrations_(realMigrations()) {
    auto migrated = migrate(*database_, migrations_, R"({"made":"by test"})");
    if (!migrated) throw std::runtime_error(migrated.error().internal);
  }
  Result<DomainRow> insertDomain(const std::string& name, const std::string& description = "",
                                 const std::string& settings = "{}") {
    return write([&](Session& session) {
      return store::insertDomain(session, control_, options_.schema_prefix, DomainName(name),
                                 description, settings);
    });
  }
  Result<DomainRow> createDomain(const std::string& name) {
    return write([&](Session& session) {
      return store::createDomain(session, control_, options_.schema_prefix, migrations_,
                                 DomainName(name), "", "{}");
    });
  }
  DomainRow makeDomain(const std::string& name) {
    auto row = createDomain(name);
    if (!row) throw std::runtime_error(row.error().detail + " " + row.error().internal);
    return *std::move(row);
  }
  /// True when the domain has its tables.
  bool hasTables(const DomainTables& domain) {
    return operator_.value("SELECT COUNT(*) FROM " + domain.schema + ".users") == "0";
  }
  Result<void> removeDomain(const std::string& name) {
    return write(
        [&](Session& session) { return deleteDomain(session, control_, DomainName(name)); });
  }

  MigrationSet migrations_;
};

}  // namespace vestibule::store::test
