#include "store/prepared_query.h"

#include "contract/store/store_fixture.h"

namespace vestibule::store::test {
namespace {

class PreparedQueryTest : public StoreTest {
 protected:
  void SetUp() override { session_ = valueOf(Session::connect(database().options())); }

  /// Rows of a query on one key as text; `-` stands for NULL.
  std::vector<std::string> run(PreparedQuery& query, const std::uint64_t& number,
                               const std::string& bytes, const bool& number_null,
                               const bool& bytes_null) {
    valueOf(query.execute(*session_));
    std::vector<std::string> lines;
    while (valueOf(query.fetch(*session_))) {
      lines.push_back((number_null ? "-" : std::to_string(number)) + "|" +
                      (bytes_null ? "-" : bytes));
    }
    return lines;
  }

  std::unique_ptr<Session> session_;
};

TEST_F(PreparedQueryTest, GivesRowsAgainAndAgain) {
  std::string key;
  std::uint64_t factor = 0;
  std::uint64_t number = 0;
  std::string bytes;
  bool number_null = false;
  bool bytes_null = false;
  PreparedQuery query("SELECT 2 * ?, ? UNION ALL SELECT NULL, NULL UNION ALL SELECT 7, 'end'");
  query.use(factor);
  query.use(key);
  query.into(number, &number_null);
  query.into(bytes, 8, &bytes_null);
  // Short, empty, of any bytes, and longer than the buffer by little and by much; MySQL takes no
  // more than 65,535 bytes of a parameter that is selected as it is.
  const std::vector<std::string> keys{
      "bob", "", std::string("\0'\\\xff?;", 6), std::string(9, 'x'), std::string(60'000, 'y'),
      "bob"};
  for (const auto& text : keys) {
    key = text;
    ++factor;
    EXPECT_EQ(run(query, number, bytes, number_null, bytes_null),
              (std::vector<std::string>{std::to_string(2 * factor) + "|" + text, "-|-", "7|end"}));
  }
}

TEST_F(PreparedQueryTest, NumbersKeepTheirWholeRange) {
  std::uint64_t largest = 0;
  std::int64_t smallest = 0;
  PreparedQuery query(
      "SELECT CAST(18446744073709551615 AS UNSIGNED), CAST(-9223372036854775808 AS SIGNED)");
  query.into(largest);
  query.into(smallest);
  valueOf(query.execute(*session_));
  EXPECT_TRUE(valueOf(query.fetch(*session_)));
  EXPECT_EQ(largest, UINT64_MAX);
  EXPECT_EQ(smallest, INT64_MIN);
  EXPECT_FALSE(valueOf(query.fetch(*session_)));
}

TEST_F(PreparedQueryTest, TheServersLimitOfPreparedStatementsIsNoLimitOfOurs) {
  const auto before = row("SELECT @@GLOBAL.max_prepared_stmt_count");
  rows("SET GLOBAL max_prepared_stmt_count = 0");
  const std::string key = "it's";
  const std::uint64_t factor = 21;
  std::uint64_t number = 0;
  std::string bytes;
  bool number_null = false;
  bool bytes_null = false;
  PreparedQuery query("SELECT 2 * ?, ? UNION ALL SELECT NULL, NULL");
  query.use(factor);
  query.use(key);
  query.into(number, &number_null);
  query.into(bytes, 2, &bytes_null);
  const std::vector<std::string> expected{"42|it's", "-|-"};
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(run(query, number, bytes, number_null, bytes_null), expected);
  }
  const auto bob = addUser("bob");
  addGroup("staff", {bob});
  const DomainTables tables = domain();
  const auto found = valueOf(findUser(*session_, tables, bob, true));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->groups.size(), 1U);
  EXPECT_EQ(found->resource.meta.created, 1'700'000'000'000'000);
  rows("SET GLOBAL max_prepared_stmt_count = " + before);
  // As soon as there is room, it is prepared.
  EXPECT_EQ(run(query, number, bytes, number_null, bytes_null), expected);
}

TEST_F(PreparedQueryTest, ASessionKeepsTheStatementsItUsedLast) {
  struct Keyed {
    Keyed(Session&, const std::string& key) : query("SELECT '" + key + "'") { query.into(text, 8); }
    std::string text;
    PreparedQuery query;
  };
  const auto ask = [&](std::size_t key) {
    auto& keyed = session_->prepared<Keyed>(std::to_string(key));
    valueOf(keyed.query.execute(*session_));
    while (valueOf(keyed.query.fetch(*session_))) {
    }
    return keyed.text;
  };
  const auto prepared = [&] {
    const auto line = row("SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'");
    return std::stoull(line.substr(line.find('|') + 1));
  };
  const auto before = prepared();
  for (std::size_t key = 0; key < 3 * Session::kKeptStatements; ++key) {
    EXPECT_EQ(ask(key), std::to_string(key));
    EXPECT_EQ(ask(0), "0") << "what is used often stays";
  }
  EXPECT_EQ(prepared() - before, Session::kKeptStatements);
}

TEST_F(PreparedQueryTest, AnErrorIsNamedAndTheSessionGoesOn) {
  std::string bytes;
  PreparedQuery wrong("SELECT nothing FROM " + domain().schema + ".nowhere");
  wrong.into(bytes, 8);
  const auto failed = wrong.execute(*session_);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::kUnavailable) << "the domain may have been deleted";
  EXPECT_EQ(session_->errorNumber(), 1146U);
  EXPECT_FALSE(wrong.execute(*session_));

  PreparedQuery right("SELECT 'x'");
  right.into(bytes, 8);
  valueOf(right.execute(*session_));
  EXPECT_TRUE(valueOf(right.fetch(*session_)));
  EXPECT_EQ(bytes, "x");
  EXPECT_FALSE(valueOf(right.fetch(*session_)));
}

TEST_F(PreparedQueryTest, ALostSessionIsNoticedAndReplacedByTheUnitOfWork) {
  const auto bob = addUser("bob");
  std::uint64_t id = 0;
  PreparedQuery query("SELECT CONNECTION_ID()");
  query.into(id);
  valueOf(query.execute(*session_));
  while (valueOf(query.fetch(*session_))) {
  }
  rows("KILL " + std::to_string(id));
  EXPECT_EQ(query.execute(*session_).error().kind, ErrorKind::kUnavailable);
  EXPECT_TRUE(session_->unusable());
  EXPECT_EQ(query.execute(*session_).error().kind, ErrorKind::kUnavailable);

  // Killed between two statements of a read: the read is done again on another session.
  int attempts = 0;
  const auto found = read([&](Session& session) {
    if (++attempts == 1) rows("KILL " + std::to_string(mysql_thread_id(session.handle())));
    return findUser(session, domain(), bob, true);
  });
  EXPECT_TRUE(found);
  EXPECT_EQ(attempts, 2);
}

TEST_F(PreparedQueryTest, AChangedTableIsNoticed) {
  std::uint64_t count = 0;
  PreparedQuery query("SELECT COUNT(*) FROM " + domain().schema + ".users");
  query.into(count);
  for (int i = 0; i < 3; ++i) {
    valueOf(query.execute(*session_));
    EXPECT_TRUE(valueOf(query.fetch(*session_)));
    EXPECT_EQ(count, static_cast<std::uint64_t>(i));
    EXPECT_FALSE(valueOf(query.fetch(*session_)));
    rows("ALTER TABLE {domain}.users COMMENT = '" + std::to_string(i) + "'");
    addUser("n" + std::to_string(i));
  }
}

}  // namespace
}  // namespace vestibule::store::test
