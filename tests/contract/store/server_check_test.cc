#include "store/server_check.h"

#include "contract/store/database_fixture.h"

namespace vestibule::store::test {
namespace {

class ServerCheckTest : public DatabaseTest {
 protected:
  /// The findings while a global setting has another value, `!` before fatal ones.
  std::vector<std::string> findingsWith(const std::string& setting, const std::string& value) {
    const auto before = operator_.value("SELECT @@GLOBAL." + setting);
    operator_.run("SET GLOBAL " + setting + " = " + value);
    auto report = checkServer(*databaseWith(options_));
    const auto quote = value.starts_with("'") ? "'" : "";
    operator_.run("SET GLOBAL " + setting + " = " + quote + before + quote);
    EXPECT_TRUE(report) << report.error().internal;
    return report ? textsOf(*report) : std::vector<std::string>{};
  }
  static std::vector<std::string> textsOf(const ServerReport& report) {
    std::vector<std::string> texts;
    for (const auto& finding : report.findings) {
      texts.push_back((finding.fatal ? "!" : "") + finding.text);
    }
    return texts;
  }
  static bool holds(const std::vector<std::string>& texts, const std::string& start) {
    return std::any_of(texts.begin(), texts.end(),
                       [&](const auto& text) { return text.starts_with(start); });
  }
};

TEST_F(ServerCheckTest, OurOwnDatabaseHasNoFindings) {
  const auto report = checkServer(*database_);
  ASSERT_TRUE(report) << report.error().internal;
  EXPECT_EQ(textsOf(*report), std::vector<std::string>{});
  EXPECT_EQ(report->version, operator_.value("SELECT VERSION()"));
}

TEST_F(ServerCheckTest, SettingsThatLoseDataAreFound) {
  EXPECT_TRUE(holds(findingsWith("innodb_flush_log_at_trx_commit", "0"),
                    "!innodb_flush_log_at_trx_commit is 0"));
  EXPECT_TRUE(holds(findingsWith("innodb_flush_log_at_trx_commit", "2"),
                    "innodb_flush_log_at_trx_commit is 2"));
  // As durable as 1, and known to MariaDB alone.
  if (operator_.isMariaDb()) {
    EXPECT_TRUE(findingsWith("innodb_flush_log_at_trx_commit", "3").empty());
  }
}

TEST_F(ServerCheckTest, AServerThatTakesNoWritesIsFound) {
  EXPECT_TRUE(holds(findingsWith("read_only", "1"), "!read_only is on"));
}

TEST_F(ServerCheckTest, LimitsThatAreTooSmallAreFound) {
  EXPECT_TRUE(holds(findingsWith("max_allowed_packet", "1048576"), "!max_allowed_packet"));
  EXPECT_TRUE(holds(findingsWith("max_allowed_packet", "8388608"), "max_allowed_packet"));
  EXPECT_TRUE(holds(findingsWith("max_connections", "15"), "max_connections is 15"));
}

TEST_F(ServerCheckTest, DefaultsThatASessionSetsAnywayAreNone) {
  EXPECT_TRUE(findingsWith("sql_mode", "'NO_BACKSLASH_ESCAPES'").empty());
  EXPECT_TRUE(findingsWith("time_zone", "'-08:00'").empty());
  EXPECT_TRUE(findingsWith(operator_.isolationVariable(), "'SERIALIZABLE'").empty());
}

TEST_F(ServerCheckTest, AnAccountWithTooFewPrivilegesIsFound) {
  const auto user = options_.schema_prefix;
  const auto account = "'" + user + "'@'localhost'";
  auto options = options_;
  options.url.replace(options.url.find("root"), 4, user);
  operator_.run("CREATE USER " + account);
  operator_.run("GRANT SELECT, INSERT, UPDATE ON `" + user + "\\_%`.* TO " + account);
  auto report = checkServer(*databaseWith(options));
  ASSERT_TRUE(report) << report.error().internal;
  EXPECT_TRUE(holds(textsOf(*report),
                    "the database user may lack privileges: GRANT DELETE, CREATE, DROP, ALTER, "
                    "INDEX, REFERENCES ON"));
  operator_.run("GRANT DELETE, REFERENCES ON `" + user + "\\_%`.* TO " + account);
  report = checkServer(*databaseWith(options));
  ASSERT_TRUE(report) << report.error().internal;
  EXPECT_TRUE(holds(textsOf(*report), "the database user lacks CREATE, DROP, ALTER, INDEX: it "));
  operator_.run("GRANT ALL ON `" + user + "\\_%`.* TO " + account);
  report = checkServer(*databaseWith(options));
  ASSERT_TRUE(report) << report.error().internal;
  EXPECT_EQ(textsOf(*report), std::vector<std::string>{});
  operator_.run("DROP USER " + account);
}

TEST_F(ServerCheckTest, TellsWhetherWritesOfOurUserAreTaken) {
  const auto user = options_.schema_prefix;
  const auto account = "'" + user + "'@'localhost'";
  const auto control = "`" + user + "_control`";
  // The administrator of the private database may write whatever read_only says.
  auto options = options_;
  options.url.replace(options.url.find("root"), 4, user);
  operator_.run("CREATE USER " + account);
  operator_.run("GRANT SELECT, INSERT, UPDATE, DELETE ON `" + user + "\\_%`.* TO " + account);
  operator_.run("CREATE DATABASE IF NOT EXISTS " + control);
  operator_.run("CREATE TABLE " + control + ".prompts (seq BIGINT UNSIGNED PRIMARY KEY)");
  const auto database = databaseWith(options);
  EXPECT_TRUE(probeWrites(*database));
  operator_.run("SET GLOBAL read_only = 1");
  const auto probed = probeWrites(*database);
  operator_.run("SET GLOBAL read_only = 0");
  ASSERT_FALSE(probed);
  EXPECT_EQ(probed.error().kind, ErrorKind::kUnavailable);
  EXPECT_TRUE(probeWrites(*database)) << "by a new session";
  operator_.run("DROP TABLE " + control + ".prompts");
  operator_.run("DROP USER " + account);
}

TEST_F(ServerCheckTest, AnUnreachableServerIsAnErrorAndNoFinding) {
  options_.url = "mysql://root@/?socket=/nonexistent.sock";
  const auto report = checkServer(*databaseWith(options_));
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().kind, ErrorKind::kUnavailable);
}

}  // namespace
}  // namespace vestibule::store::test
