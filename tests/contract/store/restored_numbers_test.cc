// Numbers of this installation in what is restored: none is given to somebody else whom rows name
// already, and what is bound to a number is bound to whom it was given to here.

#include <gtest/gtest.h>

#include "contract/store/backup_fixture.h"

namespace vestibule::store::test {
namespace {

class RestoredNumbersTest : public BackupTest {
 protected:
  /// What an identity provider, number 9, granted, and users decided about a purpose, number 5.
  /// Neither is there any more.
  void addWhatNobodyOwns() {
    run("UPDATE " + corp_.tables.schema + ".idp_grants SET idp_number = 9 WHERE user_seq < 110");
    run("INSERT INTO {control}.consent_purpose_versions VALUES (5, 1, 'news', '{}', '', 1, 'x')");
    run("UPDATE {control}.consent_decisions SET purpose_number = 5");
  }
  static void addProvider(Operator& on, const std::string& control, const std::string& number) {
    runOn(on, control,
          "INSERT INTO {control}.identity_providers (number, name, settings, version, created, "
          "modified) VALUES (" +
              number + ", 'next', '{}', 1, 1, 1)");
  }
  static void addPurpose(Operator& on, const std::string& control, const std::string& number) {
    runOn(on, control,
          "INSERT INTO {control}.consent_purposes (number, name, settings, terms, version, "
          "created, modified) VALUES (" +
              number + ", 'next', '{}', '', 1, 1, 1)");
  }
  std::string grantsOf(int number) {
    return operator_.value("SELECT COUNT(*) FROM " + controlRows().domains.at(1).tables.schema +
                           ".idp_grants WHERE idp_number = " + std::to_string(number));
  }
  std::string numberOfNext(const std::string& table) {
    return value("SELECT number FROM {control}." + table + " WHERE name = 'next'");
  }
};

TEST_F(RestoredNumbersTest, InARestoredInstallationWhoIsNewGetsNothingOfWhoIsGone) {
  addWhatNobodyOwns();
  run("INSERT INTO {control}.event_stream_progress (stream_number, due, failures, dropped) VALUES "
      "(4, 1, 0, 0)");
  run("INSERT INTO {control}.outbound_members VALUES (6, '0123456789abcdef', '0123456789abcdef', "
      "'r')");
  auto end = restoreAllTo(*other_.database_, backupOf({}));
  ASSERT_TRUE(end) << end.error().detail << end.error().internal;
  addProvider(other_.operator_, other_.control_, "NULL");
  addPurpose(other_.operator_, other_.control_, "NULL");
  runOn(other_.operator_, other_.control_,
        "INSERT INTO {control}.event_streams (name, settings, version, created, modified) VALUES "
        "('next', '{}', 1, 1, 1)");
  runOn(other_.operator_, other_.control_,
        "INSERT INTO {control}.outbound_targets (name, settings, secret, enabled, version, "
        "created, modified) VALUES ('next', '{}', '', 0, 1, 1, 1)");
  const auto next = [&](const std::string& table) {
    return other_.value("SELECT number FROM {control}." + table + " WHERE name = 'next'");
  };
  EXPECT_EQ(next("identity_providers"), "10");
  EXPECT_EQ(next("consent_purposes"), "6");
  EXPECT_EQ(next("event_streams"), "5");
  EXPECT_EQ(next("outbound_targets"), "7");
  EXPECT_EQ(other_.value("SELECT COUNT(*) FROM {control}.identity_providers"), "2");
}

TEST_F(RestoredNumbersTest, WhatNobodyOwnsComesBackWithItsDomainAndStaysNobodys) {
  addWhatNobodyOwns();
  const auto records = backupOf({kCorp});
  ASSERT_TRUE(removeDomain("CORP"));
  auto restored = restoreTo(*database_, records);
  ASSERT_TRUE(restored) << restored.error().detail << restored.error().internal;
  EXPECT_EQ(grantsOf(9), "10");
  EXPECT_EQ(value("SELECT COUNT(*) FROM {control}.consent_decisions"), "40");
  addProvider(operator_, control_, "NULL");
  addPurpose(operator_, control_, "NULL");
  EXPECT_EQ(numberOfNext("identity_providers"), "10");
  EXPECT_EQ(numberOfNext("consent_purposes"), "6");
}

TEST_F(RestoredNumbersTest, InACopyOfTheInstallationItDoesNotBecomeAnothersOfThatNumber) {
  addWhatNobodyOwns();
  const auto records = backupOf({kCorp});
  ASSERT_TRUE(removeDomain("CORP"));
  addProvider(operator_, control_, "9");
  addPurpose(operator_, control_, "5");
  auto restored = restoreTo(*database_, records);
  ASSERT_TRUE(restored) << restored.error().detail << restored.error().internal;
  EXPECT_EQ(grantsOf(9), "0");
  EXPECT_EQ(grantsOf(7), "30");
  EXPECT_EQ(value("SELECT COUNT(*) FROM {control}.consent_decisions"), "0");
  EXPECT_EQ(numberOfNext("identity_providers"), "9");
}

TEST_F(RestoredNumbersTest, WhatIsBoundToADomainThatHadTheNumberInACopyOnlyKeepsTheDomainOut) {
  const auto records = backupOf({kCorp});
  ASSERT_TRUE(removeDomain("CORP"));
  const auto refused = [&] {
    auto restored = restoreTo(*database_, records);
    ASSERT_FALSE(restored);
    EXPECT_EQ(restored.error().kind, ErrorKind::kConflict);
    EXPECT_NE(restored.error().detail.find("token okta"), std::string::npos)
        << restored.error().detail;
  };
  run("UPDATE {control}.audit_events SET domain_name = 'TEST' WHERE action = 'domain.deleted'");
  refused();
  // Two had it: what is bound may be bound to either.
  run("INSERT INTO {control}.audit_events (occurred, correlation_id, action, actor_id, "
      "actor_name, domain_number, domain_name) VALUES (1, 'd', 'domain.deleted', '', 'cli', 2, "
      "'CORP')");
  refused();
  // The audit keeps events for a time only.
  run("DELETE FROM {control}.audit_events");
  refused();
  run("DELETE FROM {control}.api_tokens");
  auto restored = restoreTo(*database_, records);
  EXPECT_TRUE(restored) << restored.error().detail << restored.error().internal;
}

}  // namespace
}  // namespace vestibule::store::test
