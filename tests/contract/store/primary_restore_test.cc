// Restoring PRIMARY alone, the one domain that is never gone: over what it holds, into an empty
// one, stopped anywhere, and beside servers that know of it or do not.

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "contract/store/backup_fixture.h"
#include "store/domain_restore.h"

namespace vestibule::store::test {
namespace {

class PrimaryRestoreTest : public BackupTest {
 protected:
  PrimaryRestoreTest() {
    former_ = primary();
    fillPrimary();
    records_ = backupOf({kPrimary});
    wanted_ = contents(kPrimary);
    corp_contents_ = contents(kCorp);
  }

  /// Ten users with links, consent and a group, and something of each shared table.
  void fillPrimary() {
    const auto& schema = former_.tables.schema;
    run("BEGIN");
    for (int i = 0; i < 10; ++i) {
      const auto id = ResourceId::generate(former_.tables.number, ResourceKind::kUser);
      const auto name = "ben-" + std::to_string(i);
      run("INSERT INTO " + schema +
              ".users (seq, id, user_name_fold, user_name_case, version, created, modified, "
              "password_hash, document) VALUES (?, ?, ?, '', 3, 1, 2, 'hash', '{}')",
          {std::uint64_t{100} + static_cast<std::uint64_t>(i), Blob{id.bytes()}, Blob{name}});
      run("INSERT INTO {control}.federated_identities (idp_number, subject, user_id, "
          "claims_digest, user_version, created, last_synced) VALUES (7, ?, ?, ?, 3, 2, 3)",
          {Blob{name}, Blob{id.bytes()}, Blob{std::string_view("digest")}});
      run("INSERT INTO {control}.consent_decisions (user_id, purpose_number, attribute, version, "
          "consent, receipt_id, decided) VALUES (?, 1, '', 1, 1, ?, 5)",
          {Blob{id.bytes()}, Blob{id.bytes()}});
      run("INSERT INTO {control}.consent_receipts (id, user_id, domain_number, idp_name, document, "
          "state, created) VALUES (?, ?, 1, 'okta', '{}', 1, 5)",
          {Blob{id.bytes()}, Blob{id.bytes()}});
      run("INSERT INTO {control}.audit_events (occurred, correlation_id, action, actor_id, "
          "actor_name, domain_number, domain_name, resource_id) VALUES (?, 'p', 'user.created', "
          "'t', 't', 1, 'PRIMARY', ?)",
          {std::int64_t{i}, Blob{id.bytes()}});
    }
    run("INSERT INTO " + schema +
            ".user_groups (seq, id, display_name, display_name_key, version, created, modified, "
            "document) VALUES (9, ?, 'crew', 'crew', 1, 1, 1, '{}')",
        {Blob{ResourceId::generate(former_.tables.number, ResourceKind::kGroup).bytes()}});
    run("INSERT INTO " + schema + ".memberships SELECT 9, seq, 1 FROM " + schema + ".users");
    run("INSERT INTO " + schema + ".idp_grants SELECT seq, 7, 9 FROM " + schema + ".users");
    run("INSERT INTO {control}.attribute_indexes (domain_number, kind, attribute, meaning) VALUES "
        "(1, 1, 1, ?)",
        {Blob{std::string_view("0123456789abcdef0123456789abcdef")}});
    run("UPDATE {control}.domains SET settings = '{\"of\":\"then\"}', version = 4 WHERE number = "
        "1");
    run("COMMIT");
  }

  DomainRow primary() { return controlRows().domains.front(); }
  std::string ofPrimary(const std::string& column) {
    return value("SELECT " + column + " FROM {control}.domains WHERE number = 1");
  }

  /// What a domain holds, its part of shared tables among it; of the audit only that it is there.
  std::vector<std::string> contents(const DomainName& name) { return contents(*database_, name); }
  static std::vector<std::string> contents(Database& database, const DomainName& name) {
    auto end = take(database, {name});
    if (!end) throw std::runtime_error(end.error().detail + " " + end.error().internal);
    std::vector<std::string> lines;
    for (const auto& count : end->tables) {
      if (count.table == "audit_events") continue;
      lines.push_back(count.table + " " + std::to_string(count.rows) + " " +
                      (count.domain ? count.sha256 : ""));
    }
    return lines;
  }

  /// Five users go, one comes, who has got a link of another; the settings change.
  void spoil() {
    const auto& schema = former_.tables.schema;
    const auto id = ResourceId::generate(former_.tables.number, ResourceKind::kUser);
    run("DELETE FROM " + schema + ".users WHERE seq < 105");
    run("INSERT INTO " + schema +
            ".users (seq, id, user_name_fold, user_name_case, version, created, modified, "
            "document) VALUES (999, ?, 'late', '', 1, 1, 1, '{}')",
        {Blob{id.bytes()}});
    run("UPDATE {control}.federated_identities SET user_id = ? WHERE subject = 'ben-8'",
        {Blob{id.bytes()}});
    run("INSERT INTO {control}.federated_identities (idp_number, subject, user_id, claims_digest, "
        "user_version, created, last_synced) VALUES (7, 'late', ?, ?, 1, 2, 3)",
        {Blob{id.bytes()}, Blob{std::string_view("digest")}});
    run("DELETE FROM {control}.federated_identities WHERE subject = 'ben-2'");
    run("DELETE FROM {control}.consent_decisions WHERE SUBSTRING(user_id, 11, 2) = x'0001' LIMIT "
        "3");
    run("UPDATE {control}.domains SET settings = '{\"of\":\"now\"}', version = 5 WHERE number = 1");
    run("INSERT INTO {control}.imports (fingerprint, domain_number, begun) VALUES (?, 1, 1)",
        {Blob{std::string_view("0123456789abcdef0123456789abcdef")}});
    run("INSERT INTO {control}.import_batches (import_seq, pass, batch, created, replaced, "
        "unchanged, rejected, report) SELECT seq, 1, 0, 1, 0, 0, 0, '' FROM {control}.imports");
  }
  void empty() {
    run("DELETE FROM " + former_.tables.schema + ".users");
    run("DELETE FROM " + former_.tables.schema + ".user_groups");
  }

  Result<std::vector<BackupCount>> restore(const Records& records, bool replace,
                                           std::size_t stop_at = SIZE_MAX) {
    return restoreDomain(*database_, migrations_, kPrimary, replace, sourceOf(records, stop_at),
                         eventCalled("domain.restored"), nullptr);
  }
  void expectRestored(const Result<std::vector<BackupCount>>& restored) {
    ASSERT_TRUE(restored) << restored.error().detail << restored.error().internal;
    EXPECT_EQ(contents(kPrimary), wanted_);
    EXPECT_EQ(contents(kCorp), corp_contents_);
    EXPECT_EQ(ofPrimary("state"), "active");
    EXPECT_EQ(ofPrimary("settings"), R"({"of":"then"})");
    EXPECT_EQ(schemas().size(), 3U);
  }

  /// All that a restoring does, on a session that may be told to fail. As after kill -9, nobody
  /// gives anything back.
  Result<void> runOnce(Session& session, bool replace, std::size_t stop_at = SIZE_MAX,
                       bool activate = true) {
    DomainRestore restoring(
        session, kPrimary,
        DomainRestoreOptions{control_, options_.schema_prefix, &migrations_, replace});
    for (std::size_t i = 0; i < records_.size(); ++i) {
      if (i == stop_at) return {};
      if (auto taken = restoring.take(records_[i]); !taken) return taken;
    }
    auto done = restoring.complete();
    auto event = eventCalled("domain.restored");
    event.domain = AuditDomain{former_.tables.number, kPrimary};
    if (done && activate) done = restoring.activate(event);
    return done;
  }
  /// A process that is killed in front of the record, or in front of the last step of all.
  void kill(std::size_t stop_at) {
    auto session = openLongSession(*database_);
    ASSERT_TRUE(session);
    auto stopped = runOnce(**session, true, stop_at, false);
    ASSERT_TRUE(stopped) << stopped.error().detail << stopped.error().internal;
    ASSERT_EQ(ofPrimary("state"), "restoring");
  }
  /// What a server does when it starts.
  void expectThatServersStart() {
    auto migrated = migrate(*database_, migrations_, "{}");
    ASSERT_TRUE(migrated) << migrated.error().detail << migrated.error().internal;
    auto current = isUpToDate(*database_, migrations_);
    ASSERT_TRUE(current) << current.error().detail << current.error().internal;
    EXPECT_TRUE(*current);
  }
  /// How many users are read by the name that the catalog gives; nothing when that is unavailable.
  std::optional<std::string> usersRead() {
    std::optional<std::string> users;
    auto read = database_->read([&](Session& session) -> Result<void> {
      StatementBatch batch;
      auto results =
          batch.add("SELECT COUNT(*) FROM " + primary().tables.schema + ".users").run(session);
      if (!results) return propagate(results);
      users = results->front().rows.at(0).at(0);
      return {};
    });
    if (!read) {
      EXPECT_EQ(read.error().kind, ErrorKind::kUnavailable) << read.error().internal;
    }
    return users;
  }

  const DomainName kPrimary{"PRIMARY"};
  DomainRow former_;
  Records records_;
  std::vector<std::string> wanted_;
  std::vector<std::string> corp_contents_;
};

TEST_F(PrimaryRestoreTest, RestoredOverItHoldsWhatItHeldAndOtherDomainsWhatTheyHold) {
  spoil();
  ASSERT_NE(contents(kPrimary), wanted_);
  expectRestored(restore(records_, true));
  EXPECT_EQ(value("SELECT COUNT(*) FROM {control}.federated_identities WHERE subject = 'late'"),
            "0");
  EXPECT_EQ(value("SELECT COUNT(*) FROM {control}.federated_identities f JOIN " +
                  primary().tables.schema + ".users u ON u.id = f.user_id"),
            "10");
  EXPECT_EQ(value("SELECT COUNT(*) FROM {control}.imports") +
                value("SELECT COUNT(*) FROM {control}.import_batches"),
            "00")
      << "what an import stored is gone";
  EXPECT_EQ(value("SELECT COUNT(*) FROM {control}.audit_events WHERE action = 'user.created'"),
            "50");
  EXPECT_EQ(value("SELECT domain_name FROM {control}.audit_events WHERE action = "
                  "'domain.restored'"),
            "PRIMARY");
  EXPECT_EQ(primary().created, former_.created);
}

TEST_F(PrimaryRestoreTest, FromABackupOfEverythingItIsTheSame) {
  const auto everything = backupOf({});
  spoil();
  expectRestored(restore(everything, true));
}

TEST_F(PrimaryRestoreTest, AProcessThatHasNotHeardOfItFindsNothingUnderTheOldName) {
  expectRestored(restore(records_, true));
  const auto once = primary().tables.schema;
  EXPECT_NE(once, former_.tables.schema);
  expectRestored(restore(records_, true));
  EXPECT_EQ(primary().tables.schema, former_.tables.schema);
}

TEST_F(PrimaryRestoreTest, WithoutReplaceItHasToBeEmpty) {
  spoil();
  const auto spoilt = contents(kPrimary);
  const auto before = revision();
  auto refused = restore(records_, false);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUniqueness);
  EXPECT_NE(refused.error().detail.find("--replace"), std::string::npos);
  EXPECT_EQ(contents(kPrimary), spoilt);
  EXPECT_EQ(revision(), before) << "nobody was refused anything";
  empty();
  expectRestored(restore(records_, false));
}

TEST_F(PrimaryRestoreTest, Fault12_AUserWhoIsMadeWhileThatIsLookedAtIsNotLost) {
  empty();
  Operator writer(options_);
  const auto id = ResourceId::generate(former_.tables.number, ResourceKind::kUser);
  writer.run("BEGIN");
  writer.run("INSERT INTO " + former_.tables.schema +
                 ".users (seq, id, user_name_fold, user_name_case, version, created, modified, "
                 "document) VALUES (999, ?, 'late', '', 1, 1, 1, '{}')",
             {Blob{id.bytes()}});
  Result<std::vector<BackupCount>> refused = failure(ErrorKind::kInternal, "not run");
  std::thread restorer([&] { refused = restore(records_, false); });
  operator_.waitFor(
      "SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE "
      "'Waiting for table metadata lock%' AND info LIKE CONCAT('RENAME TABLE `', ?, "
      "'%')",
      "1", {std::string_view(options_.schema_prefix)});
  writer.run("COMMIT");
  restorer.join();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUniqueness) << refused.error().detail;
  EXPECT_EQ(ofPrimary("state"), "active");
  EXPECT_EQ(operator_.value("SELECT COUNT(*) FROM " + former_.tables.schema + ".users"), "1");
  EXPECT_EQ(schemas().size(), 3U);
}

TEST_F(PrimaryRestoreTest, WhileItIsLoadedItIsReadAndNobodyWritesToIt) {
  spoil();
  kill(records_.size() - 1);
  EXPECT_EQ(usersRead(), "6");
  EXPECT_EQ(value("SELECT COUNT(*) FROM {control}.federated_identities WHERE subject = 'late'"),
            "1");
  // As a process would that has not heard of it.
  auto late = database_->write([&](Session& session) -> Result<void> {
    StatementBatch batch;
    batch.begin().add("DELETE FROM " + former_.tables.schema + ".users");
    auto results = batch.commit().run(session);
    if (!results) return propagate(results);
    return {};
  });
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::kUnavailable);
  expectThatServersStart();
  EXPECT_EQ(contents(kCorp), corp_contents_);
  expectRestored(restore(records_, true));
}

TEST_F(PrimaryRestoreTest, Fault12_KilledWhileItIsLoadedItIsGivenBackByTheCommandWithoutReplace) {
  spoil();
  const auto spoilt = contents(kPrimary);
  for (std::size_t stop_at = 6; stop_at < records_.size(); stop_at += 5) {
    SCOPED_TRACE(stop_at);
    kill(stop_at);
    auto refused = restore(records_, false);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::kUniqueness) << refused.error().detail;
    EXPECT_EQ(ofPrimary("state"), "active");
    EXPECT_EQ(primary().tables.schema, former_.tables.schema);
    EXPECT_EQ(contents(kPrimary), spoilt);
    EXPECT_EQ(schemas().size(), 3U);
  }
}

TEST_F(PrimaryRestoreTest, Fault12_OnceWhatItHeldIsGoneItIsUnavailableUntilTheSameCommandEndsIt) {
  spoil();
  kill(SIZE_MAX);
  EXPECT_EQ(usersRead(), std::nullopt);
  expectThatServersStart();
  EXPECT_EQ(contents(kCorp), corp_contents_) << "one domain is backed up";
  auto everything = take(*database_, {});
  ASSERT_FALSE(everything);
  EXPECT_EQ(everything.error().kind, ErrorKind::kConflict) << "it would be without PRIMARY";
  EXPECT_FALSE(take(*database_, {kPrimary}));
  EXPECT_FALSE(removeDomain("PRIMARY"));
  expectRestored(restore(records_, false));
}

TEST_F(PrimaryRestoreTest, Fault12_StoppedAtAnyStatementItGoesOn) {
  spoil();
  std::set<std::string> seen;
  for (std::uint64_t statement = 1; statement < 1'000; statement += 2) {
    SCOPED_TRACE(statement);
    auto session = openLongSession(*database_);
    ASSERT_TRUE(session);
    constexpr unsigned kDiskFull = 1021;
    (**session).planned_failure = Session::PlannedFailure{statement, kDiskFull};
    if (runOnce(**session, true)) {
      ASSERT_TRUE((**session).planned_failure) << "a failure went unnoticed";
      break;
    }
    ASSERT_FALSE((**session).planned_failure);
    expectThatServersStart();
    const auto users = usersRead();
    const auto state = ofPrimary("state");
    // All of before, or nothing: what comes after is seen when it is whole.
    EXPECT_TRUE(!users || (users == "6" && !seen.contains("gone"))) << *users;
    EXPECT_TRUE(state == "restoring" || users) << state;
    seen.insert(users ? state : "gone");
  }
  EXPECT_EQ(seen, (std::set<std::string>{"active", "restoring", "gone"}));
  EXPECT_EQ(contents(kPrimary), wanted_);
  EXPECT_EQ(contents(kCorp), corp_contents_);
  EXPECT_EQ(schemas().size(), 3U);
}

TEST_F(PrimaryRestoreTest, WhateverStopsTheLoadingPrimaryIsGivenBackAsItWas) {
  spoil();
  const auto spoilt = contents(kPrimary);
  const auto refused = [&](std::string_view because, std::size_t stop_at = SIZE_MAX) {
    auto restored = restore(records_, true, stop_at);
    ASSERT_FALSE(restored) << because;
    EXPECT_NE(restored.error().detail.find(because), std::string::npos) << restored.error().detail;
    EXPECT_EQ(ofPrimary("state"), "active");
    EXPECT_EQ(primary().tables.schema, former_.tables.schema);
    EXPECT_EQ(contents(kPrimary), spoilt);
    EXPECT_EQ(schemas().size(), 3U);
    EXPECT_EQ(value("SELECT COUNT(*) FROM {control}.migrations m WHERE schema_name NOT IN (SELECT "
                    "schema_name FROM {control}.domains)"),
              value("SELECT COUNT(*) FROM {control}.migrations WHERE schema_name LIKE "
                    "'%control'"));
  };
  refused("stopped", records_.size() - 1);
  run("UPDATE {control}.identity_providers SET name = 'other'");
  refused("identity provider okta");
  run("UPDATE {control}.identity_providers SET name = 'okta'");
  // A subject of the backup has become another domain's user.
  run("UPDATE {control}.federated_identities SET user_id = ? WHERE subject = 'ben-9'",
      {Blob{first_.bytes()}});
  corp_contents_ = contents(kCorp);
  auto restored = restore(records_, true);
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().kind, ErrorKind::kConflict);
  EXPECT_EQ(ofPrimary("state"), "active");
  EXPECT_EQ(contents(kCorp), corp_contents_);
  run("DELETE FROM {control}.federated_identities WHERE subject = 'ben-9'");
  corp_contents_ = contents(kCorp);
  expectRestored(restore(records_, true));
}

TEST_F(PrimaryRestoreTest, AnotherInstallationGetsItsIdsAndStaysAnotherOne) {
  prepareOther();
  const auto before = other_.controlRows().domains.front();
  auto restored = restoreDomain(*other_.database_, migrations_, kPrimary, false, sourceOf(records_),
                                eventCalled("domain.restored"), nullptr);
  ASSERT_TRUE(restored) << restored.error().detail << restored.error().internal;
  const auto after = other_.controlRows().domains.front();
  EXPECT_EQ(after.created, before.created) << "which tells installations apart";
  EXPECT_EQ(after.settings, R"({"of":"then"})");
  EXPECT_EQ(other_.value("SELECT COUNT(*) FROM " + after.tables.schema + ".users a JOIN " +
                         former_.tables.schema + ".users b ON b.id = a.id AND b.seq = a.seq"),
            "10");
  EXPECT_EQ(other_.value("SELECT COUNT(*) FROM {control}.federated_identities f JOIN " +
                         after.tables.schema +
                         ".users u ON u.id = f.user_id AND f.idp_number = "
                         "31"),
            "10");
  EXPECT_EQ(other_.value("SELECT COUNT(*) FROM " + after.tables.schema +
                         ".idp_grants WHERE idp_number = 31"),
            "10");
}

TEST_F(PrimaryRestoreTest, ABackupThatSaysAnotherNumberIsNone) {
  std::get<BackupHeader>(records_.front()).domains.front().number = 2;
  auto restored = restore(records_, true);
  ASSERT_FALSE(restored);
  EXPECT_EQ(restored.error().kind, ErrorKind::kInvalidValue);
  EXPECT_EQ(ofPrimary("state"), "active");
}

}  // namespace
}  // namespace vestibule::store::test
