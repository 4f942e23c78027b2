#include "store/session.h"

#include "contract/store/database_fixture.h"
#include "store/database_error.h"
#include "support/hostile_texts.h"

namespace vestibule::store::test {
namespace {

using vestibule::test::hostileTexts;

class SessionTest : public DatabaseTest {};

TEST_F(SessionTest, SettingsAreOursWhateverTheServersDefaults) {
  operator_.run(
      "SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES', GLOBAL time_zone = '+05:00', "
      "GLOBAL innodb_lock_wait_timeout = 77, GLOBAL autocommit = 0, GLOBAL lc_messages = 'de_DE'");
  operator_.run("SET GLOBAL TRANSACTION ISOLATION LEVEL SERIALIZABLE");
  options_.lock_wait_seconds = 2;
  Operator fresh(options_);
  operator_.run(
      "SET GLOBAL sql_mode = DEFAULT, GLOBAL time_zone = 'SYSTEM', GLOBAL innodb_lock_wait_timeout "
      "= 50, GLOBAL autocommit = 1, GLOBAL lc_messages = 'en_US'");
  operator_.run("SET GLOBAL TRANSACTION ISOLATION LEVEL REPEATABLE READ");

  EXPECT_EQ(fresh.value("SELECT @@sql_mode"),
            "STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
            "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION");
  EXPECT_EQ(fresh.value("SELECT @@" + fresh.isolationVariable()), "READ-COMMITTED");
  EXPECT_EQ(fresh.value("SELECT @@time_zone"), "+00:00");
  EXPECT_EQ(fresh.value("SELECT @@innodb_lock_wait_timeout"), "2");
  EXPECT_EQ(fresh.value("SELECT @@autocommit"), "1");
  EXPECT_EQ(fresh.value("SELECT @@lc_messages"), "en_US");
  EXPECT_EQ(
      fresh.value("SELECT CONCAT(@@character_set_client, ' ', @@character_set_connection, ' ', "
                  "@@character_set_results)"),
      "utf8mb4 utf8mb4 utf8mb4");
}

TEST_F(SessionTest, AServerCannotAskForAFileOfOurs) {
  auto session = Session::connect(options_);
  ASSERT_TRUE(session);
  const auto loaded = runVerbatim(
      **session, "LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE " + things_ + " (text)");
  EXPECT_FALSE(loaded);
  EXPECT_EQ(count(), "0");
}

TEST_F(SessionTest, AnUnreachableServerIsNamedToTheLogOnly) {
  options_.url = "mysql://root@/?socket=/nonexistent/secret.sock";
  const auto session = Session::connect(options_);
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(session.error().detail.find("secret"), std::string::npos);
  EXPECT_NE(session.error().internal.find("2002"), std::string::npos) << session.error().internal;
}

TEST_F(SessionTest, ARefusedPasswordIsUnavailableWithoutTheReason) {
  options_.url.replace(options_.url.find("root"), 4, "nobody:wrong");
  const auto session = Session::connect(options_);
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(session.error().internal.find("1045"), std::string::npos) << session.error().internal;
  EXPECT_EQ((session.error().detail + session.error().internal).find("wrong"), std::string::npos);
}

TEST_F(SessionTest, HostileTextsComeBackThroughSoci) {
  auto session = Session::connect(options_);
  ASSERT_TRUE(session);
  std::uint64_t id = 0;
  for (const auto& text : hostileTexts()) {
    SCOPED_TRACE(testing::PrintToString(text));
    const std::string bytes = text + '\0' + text;
    std::string text_back;
    std::string bytes_back;
    ++id;
    const auto ran = (*session)->guard([&] {
      auto& sql = (*session)->soci();
      unsigned long long key = id;
      sql << "INSERT INTO " << things_ << " (id, text, bytes) VALUES (:id, :text, _binary :bytes)",
          soci::use(key), soci::use(text), soci::use(bytes);
      sql << "SELECT text, bytes FROM " << things_ << " WHERE id = :id AND text = :text",
          soci::use(key), soci::use(text), soci::into(text_back), soci::into(bytes_back);
    });
    ASSERT_TRUE(ran) << ran.error().internal;
    EXPECT_EQ(text_back, text);
    EXPECT_EQ(bytes_back, bytes);
  }
  EXPECT_EQ(count(), std::to_string(hostileTexts().size()));
}

TEST_F(SessionTest, R3_AnErrorNeverRepeatsBoundValues) {
  auto session = Session::connect(options_);
  ASSERT_TRUE(session);
  const std::string secret = "hunter2's";
  const auto failing = [&](const char* sql) {
    const auto ran = (*session)->guard([&] { (*session)->soci() << sql, soci::use(secret, "v"); });
    EXPECT_FALSE(ran);
    return ran ? "" : ran.error().detail + ran.error().internal + (*session)->errorMessage();
  };
  EXPECT_EQ(failing("SELECT nonsense FROM :v").find("hunter2"), std::string::npos);
  const auto insert = "INSERT INTO " + things_ + " (id, text) VALUES (1, :v)";
  ASSERT_TRUE((*session)->guard([&] { (*session)->soci() << insert, soci::use(secret, "v"); }));
  const auto duplicate = "INSERT INTO " + things_ + " (id, text) VALUES (2, :v)";
  EXPECT_EQ(failing(duplicate.c_str()).find("hunter2"), std::string::npos);
  EXPECT_EQ((*session)->failure(), Failure::kDuplicate);
  EXPECT_EQ((*session)->duplicateKey(), "thing_text");
}

TEST_F(SessionTest, PreparedStatementsAreMadeOnceAndSurviveAnError) {
  struct Count {
    Count(Session& session, const std::string& schema)
        : statement((session.soci().prepare << "SELECT COUNT(*) FROM " << schema << ".things",
                     soci::into(rows))) {}
    unsigned long long rows = 99;
    soci::statement statement;
  };
  auto connected = Session::connect(options_);
  ASSERT_TRUE(connected);
  auto& session = **connected;
  auto& first = session.prepared<Count>(schema_);
  EXPECT_FALSE(raise(session, 1213));
  auto& second = session.prepared<Count>(schema_);
  EXPECT_EQ(&first, &second);
  ASSERT_TRUE(session.guard([&] { second.statement.execute(true); }));
  EXPECT_EQ(second.rows, 0U);
}

TEST_F(SessionTest, AKilledConnectionIsSeenBeforeItIsUsed) {
  auto session = Session::connect(options_);
  ASSERT_TRUE(session);
  EXPECT_FALSE((*session)->hungUp());
  const auto connection = connectionOf(**session);
  operator_.kill(connection);
  operator_.waitFor("SELECT COUNT(*) FROM information_schema.processlist WHERE id = ?", "0",
                    {connection});
  EXPECT_TRUE((*session)->hungUp());
}

struct Message {
  unsigned number;
  const char* message;
  const char* masked;
};

TEST(DatabaseError, MessagesLoseTheirValues) {
  const std::vector<Message> cases = {
      {1062, "Duplicate entry 'a' for key 'users.user_name'",
       "Duplicate entry for key 'user_name'"},
      {1062, "Duplicate entry 'x' for key 'y' for key 'real'", "Duplicate entry for key 'real'"},
      {1062, "no quotes", "Duplicate entry for key ''"},
      {1064, "syntax near 'SELECT 'secret' FROM' at line 1", "syntax near '…' at line 1"},
      {1366, "Incorrect string value: '\\xF0' for column `t`",
       "Incorrect string value: '…' for column `t`"},
      {1366, "broken 'quote", "broken '…'"},
      {1406, "Data too long for column 'name' at row 1",
       "Data too long for column 'name' at row 1"},
      {2002, "Can't connect to 'host' (2)", "Can't connect to 'host' (2)"},
      {1690, "BIGINT value is out of range", "BIGINT value is out of range"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.message);
    EXPECT_EQ(maskValues(test.number, test.message), test.masked);
  }
}

struct Meaning {
  unsigned number;
  Failure failure;
  ErrorKind kind;
  bool unusable;
};

TEST_F(SessionTest, ErrorNumbersMeanTheSameWhereverTheyAreRaised) {
  const std::vector<Meaning> cases = {
      {1021, Failure::kOther, ErrorKind::kUnavailable, false},
      {1040, Failure::kOther, ErrorKind::kUnavailable, false},
      {1047, Failure::kOther, ErrorKind::kUnavailable, true},
      {1062, Failure::kDuplicate, ErrorKind::kUniqueness, false},
      {1114, Failure::kOther, ErrorKind::kUnavailable, false},
      {1205, Failure::kDeadlock, ErrorKind::kUnavailable, false},
      {1213, Failure::kDeadlock, ErrorKind::kUnavailable, false},
      {1290, Failure::kOther, ErrorKind::kUnavailable, true},
      {1366, Failure::kOther, ErrorKind::kInvalidValue, false},
      {1406, Failure::kOther, ErrorKind::kInvalidValue, false},
      {1452, Failure::kReference, ErrorKind::kConflict, false},
      {1927, Failure::kLost, ErrorKind::kUnavailable, true},
      {2006, Failure::kLost, ErrorKind::kUnavailable, true},
      {2013, Failure::kLost, ErrorKind::kUnavailable, true},
      {2014, Failure::kLost, ErrorKind::kUnavailable, true},
      {4444, Failure::kOther, ErrorKind::kInternal, false},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.number);
    auto connected = Session::connect(options_);
    ASSERT_TRUE(connected);
    Session& session = **connected;
    ASSERT_TRUE(beginInsert(session, test.number, "x"));
    const auto raised = raise(session, test.number);
    ASSERT_FALSE(raised);
    EXPECT_EQ(raised.error().kind, test.kind);
    EXPECT_EQ(raised.error().detail.find("made"), std::string::npos);
    EXPECT_EQ(session.failure(), test.failure);
    // The client library takes a number of its own from the server for a malformed packet.
    EXPECT_EQ(session.errorNumber(), test.number < 2000 || test.number > 2999 ? test.number : 2027);
    EXPECT_EQ(session.unusable(), test.unusable);
    EXPECT_FALSE(session.transaction_open);
    connected->reset();
    EXPECT_EQ(count(), "0");

    connected = Session::connect(options_);
    ASSERT_TRUE(connected);
    const auto thrown = (*connected)->guard([&] {
      (*connected)->soci() << "SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = " << test.number;
    });
    ASSERT_FALSE(thrown);
    EXPECT_EQ(thrown.error().kind, test.kind);
    EXPECT_EQ((*connected)->failure(), test.failure);
    EXPECT_EQ((*connected)->unusable(), test.unusable);
  }
}

TEST_F(SessionTest, ExceptionsOfOthersLoseTheirText) {
  auto session = Session::connect(options_);
  ASSERT_TRUE(session);
  const auto thrown = (*session)->guard([]() -> int { throw std::runtime_error("secret"); });
  ASSERT_FALSE(thrown);
  EXPECT_EQ(thrown.error().kind, ErrorKind::kInternal);
  EXPECT_EQ((thrown.error().detail + thrown.error().internal).find("secret"), std::string::npos);
  EXPECT_EQ((*session)->failure(), Failure::kOther);
}

}  // namespace
}  // namespace vestibule::store::test
