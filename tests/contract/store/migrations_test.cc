#include "store/migrations.h"

#include <future>

#include "contract/store/control_fixture.h"

namespace vestibule::store::test {
namespace {

class MigrationsTest : public PrefixTest {
 protected:
  MigrationsTest() : migrations_(realMigrations()) {
    gate_ = quoteName(options_.schema_prefix + "_gate");
    operator_.run("CREATE DATABASE " + gate_);
    operator_.run("CREATE TABLE " + gate_ + ".ran (step INT NOT NULL)");
  }

  Result<std::vector<std::string>> run(unsigned lock_seconds = 60) {
    return migrate(*database_, migrations_, R"({"a":1})", {.lock_seconds = lock_seconds});
  }
  bool upToDate() {
    const auto current = isUpToDate(*database_, migrations_);
    EXPECT_TRUE(current) << current.error().internal;
    return current && *current;
  }
  /// A domain migration of steps that each need a gate to be open, and leave a mark.
  void addGatedMigration(int steps) {
    std::string sql;
    for (int i = 1; i <= steps; ++i) {
      if (i > 1) sql += "\n--;\n";
      sql +=
          "INSERT INTO " + gate_ + ".ran SELECT step FROM " + gate_ + ".open_" + std::to_string(i);
    }
    const auto number = static_cast<unsigned>(migrations_.domain.size() + 1);
    migrations_.domain.push_back({number, "gated.sql", sql});
  }
  void openGate(int step) {
    const auto name = gate_ + ".open_" + std::to_string(step);
    operator_.run("CREATE TABLE " + name + " AS SELECT " + std::to_string(step) + " AS step");
  }
  std::string stepsThatRan() {
    return operator_.value("SELECT GROUP_CONCAT(step ORDER BY step) FROM " + gate_ + ".ran");
  }

  MigrationSet migrations_;
  std::string gate_;
};

TEST_F(MigrationsTest, AnEmptyServerGetsEverythingAndPrimary) {
  EXPECT_FALSE(upToDate());
  const auto report = run();
  ASSERT_TRUE(report) << report.error().internal;
  EXPECT_EQ(report->size(), migrations_.control.size() + migrations_.domain.size());
  EXPECT_TRUE(upToDate());

  const auto rows = controlRows();
  ASSERT_EQ(rows.domains.size(), 1U);
  const auto& primary = rows.domains.front();
  EXPECT_EQ(primary.name.value(), "PRIMARY");
  EXPECT_EQ(primary.tables.number.value(), 1U);
  EXPECT_EQ(primary.tables.schema, "`" + options_.schema_prefix + "_primary`");
  EXPECT_EQ(primary.state, "active");
  EXPECT_EQ(primary.settings, R"({"a":1})");
  EXPECT_EQ(operator_.value("SELECT COUNT(*) FROM " + primary.tables.schema + ".users"), "0");
}

TEST_F(MigrationsTest, ASecondRunDoesNothing) {
  ASSERT_TRUE(run());
  const auto before = revision();
  const auto again = run();
  ASSERT_TRUE(again) << again.error().internal;
  EXPECT_TRUE(again->empty());
  EXPECT_EQ(revision(), before);
}

TEST_F(MigrationsTest, WhereNothingIsToDoNoPrivilegeButThoseOnRowsIsNeeded) {
  const auto user = options_.schema_prefix;
  const auto account = "'" + user + "'@'localhost'";
  operator_.run("CREATE USER " + account);
  operator_.run("GRANT SELECT, INSERT, UPDATE, DELETE ON `" + user + "\\_%`.* TO " + account);
  auto options = options_;
  options.url.replace(options.url.find("root"), 4, user);
  const auto limited = databaseWith(options);
  EXPECT_FALSE(migrate(*limited, migrations_, "{}", {}));
  ASSERT_TRUE(run());
  const auto report = migrate(*limited, migrations_, "{}", {.serves = true});
  operator_.run("DROP USER " + account);
  ASSERT_TRUE(report) << report.error().internal;
  EXPECT_TRUE(report->empty());
}

TEST_F(MigrationsTest, EveryStepOfTheFilesIsHarmlessToRepeat) {
  ASSERT_TRUE(run());
  operator_.run("UPDATE " + control_ + ".migrations SET steps_done = 0, finished = NULL");
  const auto again = run();
  ASSERT_TRUE(again) << again.error().internal;
  EXPECT_EQ(controlRows().domains.size(), 1U);
}

TEST_F(MigrationsTest, AStopAtAnyStepGoesOnFromThere) {
  constexpr int kSteps = 4;
  addGatedMigration(kSteps);
  std::string expected = "NULL";
  for (int step = 1; step <= kSteps; ++step) {
    SCOPED_TRACE(step);
    const auto stopped = run();
    ASSERT_FALSE(stopped);
    EXPECT_NE(stopped.error().internal.find("gated.sql, step " + std::to_string(step)),
              std::string::npos)
        << stopped.error().internal;
    EXPECT_EQ(stepsThatRan(), expected);
    openGate(step);
    expected = step == 1 ? "1" : expected + "," + std::to_string(step);
  }
  const auto done = run();
  ASSERT_TRUE(done) << done.error().internal;
  EXPECT_EQ(stepsThatRan(), "1,2,3,4");
  EXPECT_TRUE(upToDate());
}

TEST_F(MigrationsTest, AKilledSessionLeavesTheRestToTheNextRun) {
  ASSERT_TRUE(run());
  migrations_.domain.push_back({static_cast<unsigned>(migrations_.domain.size() + 1), "blocked.sql",
                                "INSERT INTO " + gate_ + ".ran VALUES (1)\n--;\nDO GET_LOCK('" +
                                    options_.schema_prefix + "', 600)\n--;\nINSERT INTO " + gate_ +
                                    ".ran VALUES (2)\n"});
  Operator holder(options_);
  holder.run("SELECT GET_LOCK(?, 0)", {std::string_view(options_.schema_prefix)});
  auto blocked = std::async(std::launch::async, [&] { return run(); });
  const auto waiting =
      "SELECT COALESCE(MAX(id), 0) FROM information_schema.processlist WHERE state = 'User lock' "
      "AND info LIKE 'DO GET_LOCK%'";
  std::string connection = "0";
  while (connection == "0") connection = operator_.value(waiting);
  operator_.kill(std::stoull(connection));
  const auto killed = blocked.get();
  ASSERT_FALSE(killed);
  EXPECT_EQ(killed.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(stepsThatRan(), "1");

  holder.run("SELECT RELEASE_LOCK(?)", {std::string_view(options_.schema_prefix)});
  const auto done = run();
  ASSERT_TRUE(done) << done.error().internal;
  EXPECT_EQ(stepsThatRan(), "1,2");
}

TEST_F(MigrationsTest, OfSeveralAtOnceOneDoesTheWorkAndAllSucceed) {
  addGatedMigration(3);
  for (int step = 1; step <= 3; ++step) openGate(step);
  std::vector<std::future<Result<std::vector<std::string>>>> runs;
  for (int i = 0; i < 6; ++i) {
    runs.push_back(std::async(std::launch::async, [&] {
      const auto database = databaseWith(options_);
      return migrate(*database, migrations_, "{}");
    }));
  }
  int worked = 0;
  for (auto& each : runs) {
    const auto report = each.get();
    ASSERT_TRUE(report) << report.error().internal;
    if (!report->empty()) ++worked;
  }
  EXPECT_EQ(worked, 1);
  EXPECT_EQ(stepsThatRan(), "1,2,3");
}

TEST_F(MigrationsTest, AHeldLockIsWaitedForAndThenGivenUp) {
  Operator holder(options_);
  const std::string name = "vestibule migrates " + unquoteName(control_);
  holder.run("SELECT GET_LOCK(?, 0)", {std::string_view(name)});
  const auto waited = run(1);
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().kind, ErrorKind::kUnavailable);
  holder.run("SELECT RELEASE_LOCK(?)", {std::string_view(name)});
  ASSERT_TRUE(run(1));
  EXPECT_EQ(holder.value("SELECT IS_FREE_LOCK(?)", {std::string_view(name)}), "1");
}

TEST_F(MigrationsTest, WhereNothingIsToDoNoBackupOrRestoringIsWaitedFor) {
  ASSERT_TRUE(run());
  Operator holder(options_);
  const std::string name = "vestibule migrates " + unquoteName(control_);
  holder.run("SELECT GET_LOCK(?, 0)", {std::string_view(name)});
  const auto starts = [&](bool serves = true) {
    const auto started =
        migrate(*database_, migrations_, "{}", {.lock_seconds = 0, .serves = serves});
    if (!started) {
      EXPECT_EQ(started.error().kind, ErrorKind::kUnavailable);
    }
    return started && started->empty();
  };
  EXPECT_TRUE(starts());
  // A PRIMARY that is restored meanwhile, before what it held is gone and behind that.
  operator_.run("UPDATE " + control_ + ".domains SET state = 'restoring'");
  EXPECT_TRUE(starts());
  operator_.run("DELETE FROM " + control_ + ".migrations WHERE schema_name LIKE '%primary'");
  EXPECT_TRUE(starts());
  operator_.run("UPDATE " + control_ + ".domains SET state = 'active'");
  EXPECT_FALSE(starts()) << "nothing is known of its tables";
  holder.run("SELECT RELEASE_LOCK(?)", {std::string_view(name)});
  ASSERT_TRUE(run());
  holder.run("SELECT GET_LOCK(?, 0)", {std::string_view(name)});

  const auto domain = [&](const std::string& state) {
    operator_.run("REPLACE INTO " + control_ +
                      ".domains (number, name, schema_name, state, description, settings, version, "
                      "created, modified) VALUES (2, 'CORP', 'x', ?, '', '{}', 1, 1, 1)",
                  {std::string_view(state)});
  };
  domain("moving");
  EXPECT_FALSE(starts()) << "it is read, and lacks migrations";
  domain("deleting");
  EXPECT_FALSE(starts()) << "the deletion is to be ended";
  domain("restoring");
  EXPECT_TRUE(starts());
  domain("creating");
  EXPECT_TRUE(starts());
  operator_.run("DELETE FROM " + control_ + ".domains WHERE number = 2");
  operator_.run("INSERT INTO " + control_ +
                ".migrations (schema_name, number, name, sha256, steps_done) VALUES ('" +
                unquoteName(control_) + "', 4294967295, 'restore', x'00', 0)");
  EXPECT_FALSE(starts()) << "everything is being restored";
  operator_.run("DELETE FROM " + control_ + ".migrations WHERE number = 4294967295");
  EXPECT_TRUE(starts());
}

TEST_F(MigrationsTest, ANewerDatabaseIsRefusedAndLeftAsItIs) {
  for (auto* list : {&migrations_.control, &migrations_.domain}) {
    ASSERT_TRUE(run());
    list->push_back({static_cast<unsigned>(list->size() + 1), "newer.sql", "DO 1"});
    ASSERT_TRUE(run());
    list->pop_back();
    // What the older program would still have to do must not be done either.
    const auto older = run();
    ASSERT_FALSE(older);
    EXPECT_EQ(older.error().kind, ErrorKind::kConflict);
    const auto current = isUpToDate(*database_, migrations_);
    ASSERT_FALSE(current);
    EXPECT_EQ(current.error().kind, ErrorKind::kConflict);
    operator_.run("DELETE FROM " + control_ + ".migrations WHERE name = 'newer.sql'");
  }
}

TEST_F(MigrationsTest, AChangedFileIsRefused) {
  ASSERT_TRUE(run());
  migrations_.domain.front().sql += "\n";
  const auto changed = run();
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().kind, ErrorKind::kConflict);
  EXPECT_NE(changed.error().detail.find(migrations_.domain.front().name), std::string::npos);
  EXPECT_FALSE(isUpToDate(*database_, migrations_));
}

TEST_F(MigrationsTest, ANewMigrationIsPendingUntilItRan) {
  ASSERT_TRUE(run());
  for (auto* list : {&migrations_.control, &migrations_.domain}) {
    list->push_back({static_cast<unsigned>(list->size() + 1), "next.sql",
                     "CREATE TABLE IF NOT EXISTS {schema}.next_one (a INT)"});
    EXPECT_FALSE(upToDate());
    const auto report = run();
    ASSERT_TRUE(report) << report.error().internal;
    EXPECT_EQ(report->size(), 1U);
    EXPECT_TRUE(upToDate());
  }
}

TEST_F(MigrationsTest, SchemasArePutIntoTheSteps) {
  migrations_.domain.push_back({static_cast<unsigned>(migrations_.domain.size() + 1), "both.sql",
                                "INSERT INTO " + gate_ +
                                    ".ran SELECT COUNT(*) FROM {schema}.users, "
                                    "{control}.domains WHERE 'a:b;c?' <> ''"});
  const auto report = run();
  ASSERT_TRUE(report) << report.error().internal;
  EXPECT_EQ(stepsThatRan(), "0");
}

class DomainMigrationTest : public ControlTest {};

TEST_F(DomainMigrationTest, ActiveDomainsAreMigratedAndUnfinishedOnesLeftAlone) {
  const auto corp = makeDomain("CORP");
  ASSERT_TRUE(insertDomain("HALF"));
  migrations_.domain.push_back({static_cast<unsigned>(migrations_.domain.size() + 1), "next.sql",
                                "CREATE TABLE IF NOT EXISTS {schema}.next_one (a INT)"});
  const auto report = migrate(*database_, migrations_, "{}");
  ASSERT_TRUE(report) << report.error().internal;
  EXPECT_EQ(*report, (std::vector<std::string>{options_.schema_prefix + "_primary: next.sql",
                                               options_.schema_prefix + "_corp_2: next.sql"}));
  const auto current = isUpToDate(*database_, migrations_);
  ASSERT_TRUE(current);
  EXPECT_TRUE(*current);
  EXPECT_EQ(makeDomain("HALF").tables.number.value(), 3U);
}

TEST_F(DomainMigrationTest, AnInterruptedDeletionIsFinished) {
  makeDomain("CORP");
  operator_.run("UPDATE " + control_ + ".domains SET state = 'deleting' WHERE name = 'CORP'");
  const auto report = migrate(*database_, migrations_, "{}");
  ASSERT_TRUE(report) << report.error().internal;
  EXPECT_EQ(report->size(), 1U);
  EXPECT_EQ(controlRows().domains.size(), 1U);
  EXPECT_EQ(schemas(), (std::vector<std::string>{options_.schema_prefix + "_control",
                                                 options_.schema_prefix + "_primary"}));
}

TEST_F(DomainMigrationTest, AnInterruptedPrimaryIsFinished) {
  operator_.run("UPDATE " + control_ + ".domains SET state = 'creating'");
  const auto before = isUpToDate(*database_, migrations_);
  ASSERT_TRUE(before);
  EXPECT_FALSE(*before);
  ASSERT_TRUE(migrate(*database_, migrations_, "{}"));
  EXPECT_EQ(controlRows().domains.front().state, "active");
}

}  // namespace
}  // namespace vestibule::store::test
