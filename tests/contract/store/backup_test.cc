// F-12: backup and restore during writes keep audit and data consistent. What a backup holds, and
// what comes of restoring it: everything into an empty database, and one domain beside others.

#include <gtest/gtest.h>

#include <future>
#include <set>

#include "base/crypto.h"
#include "base/encoding.h"
#include "contract/store/backup_fixture.h"
#include "store/backup_tables.h"

namespace vestibule::store::test {
namespace {

TEST_F(BackupTest, EveryTableOfTheControlSchemaIsADomainsOrTheInstallations) {
  std::set<std::string> known = {"migrations"};
  for (const auto& owned : ownedTables()) known.emplace(owned.name);
  for (const auto& name : installationTables()) known.emplace(name);
  std::set<std::string> there;
  for (const auto& row : operator_.run("SELECT table_name FROM information_schema.tables WHERE "
                                       "table_schema = ?",
                                       {std::string_view(prefix_ = unquoteName(control_))})) {
    there.insert(*row.at(0));
  }
  EXPECT_EQ(there, known) << "say in backup_tables.cc whom the table belongs to";
}

TEST_F(BackupTest, Fault12_WhatIsWrittenDuringABackupIsInNoTableOfIt) {
  const auto id = ResourceId::generate(corp_.tables.number, ResourceKind::kUser);
  Records records;
  auto end = takeBackup(
      *database_, {{}, "test", false},
      [&](const BackupRecord& record) {
        if (records.empty()) {
          run("INSERT INTO " + corp_.tables.schema +
                  ".users (seq, id, user_name_fold, user_name_case, version, created, modified, "
                  "document) VALUES (999, ?, 'late', '', 1, 1, 1, '{}')",
              {Blob{id.bytes()}});
          run("INSERT INTO " + corp_.tables.schema + ".memberships VALUES (9, 999, 1)");
          run("INSERT INTO {control}.audit_events (occurred, correlation_id, action, actor_id, "
              "actor_name, resource_id) VALUES (1, 'late', 'user.created', 't', 't', ?)",
              {Blob{id.bytes()}});
        }
        records.push_back(record);
        return Result<void>();
      },
      nullptr);
  ASSERT_TRUE(end) << end.error().internal;
  for (const auto& count : end->tables) {
    const bool of_corp = count.domain == corp_.tables.number;
    const bool wanted = count.table == "audit_events" ||
                        (of_corp && (count.table == "users" || count.table == "memberships"));
    if (wanted) {
      EXPECT_EQ(count.rows, 40U) << count.table;
    }
  }
}

TEST_F(BackupTest, EverythingRestoredIntoNothingIsAnEqualInstallation) {
  const auto records = backupOf({});
  auto end = restoreAllTo(*other_.database_, records);
  ASSERT_TRUE(end) << end.error().detail << end.error().internal;
  auto wanted = take(*database_, {});
  auto got = take(*other_.database_, {});
  ASSERT_TRUE(wanted && got);
  ASSERT_EQ(wanted->tables.size(), got->tables.size());
  // The names of schemas, the revision, and the event that tells of the restoring.
  const std::set<std::string> differ = {"domains", "control_state", "audit_events"};
  for (std::size_t i = 0; i < wanted->tables.size(); ++i) {
    const auto& count = wanted->tables[i];
    EXPECT_EQ(count.table, got->tables[i].table);
    if (!differ.contains(count.table)) {
      EXPECT_EQ(count, got->tables[i]) << count.table;
    } else if (count.table != "audit_events") {
      EXPECT_EQ(count.rows, got->tables[i].rows) << count.table;
    } else {
      EXPECT_EQ(count.rows + 1, got->tables[i].rows);
    }
  }
  auto current = isUpToDate(*other_.database_, migrations_);
  ASSERT_TRUE(current) << current.error().detail;
  EXPECT_TRUE(*current);
  EXPECT_GT(other_.controlRows().revision, revision());
  EXPECT_EQ(other_.value("SELECT next_domain_number FROM {control}.control_state"), "3");
}

TEST_F(BackupTest, AnEmptyInstallationIsWrittenOverAndOneInUseIsNot) {
  const auto records = backupOf({});
  prepareOther(false);
  ASSERT_TRUE(restoreAllTo(*other_.database_, records));
  auto again = restoreAllTo(*other_.database_, records);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(countsOf(*other_.database_, kCorp), countsOf(*database_, kCorp));
}

TEST_F(BackupTest, Fault12_ARestoreThatWasKilledLeavesNothingThatIsServedAndIsDoneAgain) {
  const auto records = backupOf({});
  for (const std::size_t stop_at : {std::size_t{1}, records.size() / 3, records.size() - 1}) {
    auto stopped = restoreAllTo(*other_.database_, records, stop_at);
    ASSERT_FALSE(stopped) << stop_at;
    auto served = isUpToDate(*other_.database_, migrations_);
    auto migrated = migrate(*other_.database_, migrations_, "{}");
    EXPECT_FALSE(served) << stop_at;
    EXPECT_FALSE(migrated) << stop_at;
  }
  auto end = restoreAllTo(*other_.database_, records);
  ASSERT_TRUE(end) << end.error().detail << end.error().internal;
  EXPECT_EQ(countsOf(*other_.database_, kCorp), countsOf(*database_, kCorp));
}

TEST_F(BackupTest, Fault12_ARestoreThatIsStoppedBeforeItLoadsLeavesNothingThatIsServed) {
  const auto records = backupOf({});
  auto stopping = records;
  const std::string sql = "INSERT INTO " + quoteName("no_such_schema") + ".t VALUES (1)";
  std::get<BackupHeader>(stopping.front())
      .control_migrations.push_back({migrations_.control.size() + 1, toHex(sha256(sql))});
  prepareOther(false);
  // Over what is empty, over nothing, and over what such a run has left.
  for (int run = 0; run < 3; ++run) {
    SCOPED_TRACE(run);
    if (run == 1) {
      for (const auto& schema : other_.schemas()) {
        operator_.run("DROP DATABASE " + quoteName(schema));
      }
    }
    const auto number = static_cast<unsigned>(migrations_.control.size() + 1);
    migrations_.control.push_back({number, "stops.sql", sql});
    EXPECT_FALSE(restoreAllTo(*other_.database_, stopping));
    migrations_.control.pop_back();
    auto migrated = migrate(*other_.database_, migrations_, "{}");
    ASSERT_FALSE(migrated);
    EXPECT_EQ(migrated.error().kind, ErrorKind::kConflict);
    EXPECT_NE(migrated.error().detail.find("vestibule restore"), std::string::npos)
        << migrated.error().detail;
  }
  auto end = restoreAllTo(*other_.database_, records);
  ASSERT_TRUE(end) << end.error().detail << end.error().internal;
  EXPECT_EQ(countsOf(*other_.database_, kCorp), countsOf(*database_, kCorp));
}

TEST_F(BackupTest, AServerThatWaitsMeanwhileGoesOnWithWhatWasRestored) {
  const auto records = backupOf({});
  prepareOther(false);
  const auto number = static_cast<unsigned>(migrations_.domain.size() + 1);
  migrations_.domain.push_back(
      {number, "newer.sql", "CREATE TABLE IF NOT EXISTS {schema}.newer (a INT)"});
  const auto newer = migrations_;
  const auto lock = "vestibule migrates " + unquoteName(other_.control_);
  const auto waiting =
      "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE CONCAT('%GET_LOCK(%', "
      "?, '%') AND state = 'User lock'";
  operator_.run("SELECT GET_LOCK(?, 0)", {std::string_view(lock)});
  auto restoring =
      std::async(std::launch::async, [&] { return restoreAllTo(*other_.database_, records); });
  Operator watcher(options_);
  watcher.waitFor(waiting, "1", {std::string_view(lock)});
  auto serving = std::async(std::launch::async, [&] {
    const auto database = databaseWith(other_.options_);
    return migrate(*database, newer, "{}", {.serves = true});
  });
  watcher.waitFor(waiting, "2", {std::string_view(lock)});
  operator_.run("SELECT RELEASE_LOCK(?)", {std::string_view(lock)});
  auto end = restoring.get();
  EXPECT_TRUE(end) << end.error().detail << end.error().internal;
  auto served = serving.get();
  EXPECT_TRUE(served) << served.error().detail << served.error().internal;
  EXPECT_EQ(other_.controlRows().domains.size(), 2U);
  auto current = isUpToDate(*other_.database_, newer);
  ASSERT_TRUE(current) << current.error().detail;
  EXPECT_TRUE(*current);
}

TEST_F(BackupTest, ADeletedDomainComesBackWithItsIdsLinksAndConsentAndAnAuditThatIsNotDoubled) {
  const auto records = backupOf({kCorp});
  const auto wanted = countsOf(*database_, kCorp);
  const auto before = revision();
  ASSERT_TRUE(removeDomain("CORP"));
  ASSERT_EQ(value("SELECT COUNT(*) FROM {control}.federated_identities"), "0");
  auto restored = restoreTo(*database_, records);
  ASSERT_TRUE(restored) << restored.error().detail << restored.error().internal;
  EXPECT_EQ(countsOf(*database_, kCorp), wanted);
  EXPECT_EQ(value("SELECT COUNT(*) FROM {control}.federated_identities WHERE idp_number = 7"),
            "40");
  EXPECT_EQ(value("SELECT COUNT(*) FROM {control}.consent_decisions"), "40");
  EXPECT_EQ(value("SELECT COUNT(*) FROM {control}.consent_receipts"), "40");
  EXPECT_EQ(value("SELECT COUNT(*) FROM {control}.audit_events WHERE action = 'user.created'"),
            "40");
  EXPECT_EQ(value("SELECT domain_name FROM {control}.audit_events WHERE action = "
                  "'domain.restored'"),
            "CORP");
  const auto rows = controlRows();
  EXPECT_GT(rows.revision, before);
  ASSERT_EQ(rows.domains.size(), 2U);
  EXPECT_EQ(rows.domains[1].state, "active");
  EXPECT_EQ(rows.domains[1].tables.number, corp_.tables.number);
  EXPECT_EQ(rows.domains[1].created, corp_.created);
}

TEST_F(BackupTest, OneDomainOfABackupOfEverythingIsTheSame) {
  const auto records = backupOf({});
  const auto wanted = countsOf(*database_, kCorp);
  ASSERT_TRUE(removeDomain("CORP"));
  auto restored = restoreTo(*database_, records);
  ASSERT_TRUE(restored) << restored.error().detail << restored.error().internal;
  EXPECT_EQ(countsOf(*database_, kCorp), wanted);
  EXPECT_EQ(value("SELECT COUNT(*) FROM {control}.federated_identities"), "40");
}

TEST_F(BackupTest, ADomainThatIsThereIsRestoredOverOnlyWhenThatIsAskedFor) {
  const auto records = backupOf({kCorp});
  const auto wanted = countsOf(*database_, kCorp);
  run("DELETE FROM " + corp_.tables.schema + ".users WHERE seq < 110");
  run("INSERT INTO {control}.identity_provider_domains VALUES (7, 2)");
  run("INSERT INTO {control}.imports (fingerprint, domain_number, begun) VALUES (REPEAT('i', 32), "
      "2, 1)");
  run("INSERT INTO {control}.import_batches (import_seq, pass, batch, created, replaced, "
      "unchanged, rejected, report) SELECT seq, 1, 0, 1, 0, 0, 0, '' FROM {control}.imports");
  auto refused = restoreTo(*database_, records);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUniqueness);
  auto replaced = restoreTo(*database_, records, true);
  ASSERT_TRUE(replaced) << replaced.error().detail << replaced.error().internal;
  EXPECT_EQ(countsOf(*database_, kCorp), wanted);
  EXPECT_EQ(value("SELECT COUNT(*) FROM {control}.imports"), "0") << "it begins anew";
  EXPECT_EQ(value("SELECT COUNT(*) FROM {control}.import_batches"), "0");
  // A process that has not heard of it finds nothing under the old name.
  EXPECT_NE(controlRows().domains[1].tables.schema, corp_.tables.schema);
  ASSERT_TRUE(restoreTo(*database_, records, true));
  EXPECT_EQ(controlRows().domains[1].tables.schema, corp_.tables.schema);
  EXPECT_EQ(schemas().size(), 3U);
}

TEST_F(BackupTest, Fault12_ARestoreOfADomainThatWasKilledIsSeenByNobodyAndIsDoneAgain) {
  const auto records = backupOf({kCorp});
  const auto wanted = countsOf(*database_, kCorp);
  ASSERT_TRUE(removeDomain("CORP"));
  bool begun = false;
  // Behind the header, the domain's row, some tables that domains share, and some of its own.
  for (const std::size_t stop_at : {std::size_t{1}, std::size_t{5}, std::size_t{8}, std::size_t{11},
                                    std::size_t{13}, records.size() - 4, records.size() - 1}) {
    ASSERT_FALSE(restoreTo(*database_, records, false, stop_at)) << stop_at;
    for (const auto& domain : controlRows().domains) {
      if (domain.name != kCorp) continue;
      EXPECT_EQ(domain.state, "restoring") << stop_at;
      begun = true;
    }
  }
  EXPECT_TRUE(begun);
  auto restored = restoreTo(*database_, records);
  ASSERT_TRUE(restored) << restored.error().detail << restored.error().internal;
  EXPECT_EQ(countsOf(*database_, kCorp), wanted);
  EXPECT_EQ(value("SELECT COUNT(*) FROM {control}.federated_identities"), "40");
}

TEST_F(BackupTest, WhatIsHalfRestoredCanBeDeleted) {
  const auto records = backupOf({kCorp});
  ASSERT_TRUE(removeDomain("CORP"));
  ASSERT_FALSE(restoreTo(*database_, records, false, records.size() - 2));
  ASSERT_TRUE(removeDomain("CORP"));
  EXPECT_EQ(schemas().size(), 2U);
  EXPECT_EQ(value("SELECT COUNT(*) FROM {control}.federated_identities"), "0");
}

TEST_F(BackupTest, AnotherInstallationFindsIdentityProvidersByName) {
  const auto records = backupOf({kCorp});
  prepareOther();
  auto restored = restoreTo(*other_.database_, records);
  ASSERT_TRUE(restored) << restored.error().detail << restored.error().internal;
  EXPECT_EQ(other_.value("SELECT COUNT(*) FROM {control}.federated_identities WHERE idp_number = "
                         "31"),
            "40");
  const auto schema = other_.controlRows().domains.at(1).tables.schema;
  EXPECT_EQ(other_.value("SELECT COUNT(*) FROM " + schema + ".idp_grants WHERE idp_number = 31"),
            "40");
  EXPECT_EQ(other_.value("SELECT COUNT(*) FROM {control}.audit_events WHERE action = "
                         "'user.created'"),
            "40");
  EXPECT_EQ(other_.value("SELECT COUNT(*) FROM {control}.api_tokens"), "0");
}

TEST_F(BackupTest, AnotherInstallationRefusesWhatWouldGetIntoWrongHands) {
  const auto records = backupOf({kCorp});
  prepareOther(false);
  const auto refused = [&](std::string_view because) {
    auto restored = restoreTo(*other_.database_, records);
    ASSERT_FALSE(restored);
    EXPECT_EQ(restored.error().kind, ErrorKind::kConflict);
    EXPECT_NE(restored.error().detail.find(because), std::string::npos) << restored.error().detail;
  };
  runOn(other_.operator_, other_.control_,
        "INSERT INTO {control}.api_tokens (id, name, token_sha256, scopes, domain_numbers, "
        "created) VALUES ('0123456789abcdef', 'former', '0123456789abcdef0123456789abcdef', "
        "'scim:read', '7 2', 1)");
  refused("token former");
  runOn(other_.operator_, other_.control_, "DELETE FROM {control}.api_tokens");
  refused("identity provider okta");
  ASSERT_TRUE(other_.database_->write(
      [&](Session& session) { return deleteDomain(session, other_.control_, kCorp); }));
  runOn(other_.operator_, other_.control_,
        "INSERT INTO {control}.domains (number, name, schema_name, state, description, settings, "
        "version, created, modified) VALUES (2, 'SALES', 'x', 'active', '', '{}', 1, 1, 1)");
  refused("that is the number of SALES");
}

TEST_F(BackupTest, ANewerVersionIsRefused) {
  auto records = backupOf({});
  auto& header = std::get<BackupHeader>(records.front());
  const auto newest = header.control_migrations.size();
  header.control_migrations.push_back({newest + 1, "00"});
  auto newer = restoreAllTo(*other_.database_, records);
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().kind, ErrorKind::kConflict);
  EXPECT_TRUE(other_.schemas().empty());
}

TEST_F(BackupTest, ADomainThatIsNotThereIsNamed) {
  auto end = take(*database_, {DomainName("NOWHERE")});
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().kind, ErrorKind::kNotFound);
}

}  // namespace
}  // namespace vestibule::store::test
