#include "store/statement_batch.h"

#include "contract/store/database_fixture.h"
#include "support/hostile_texts.h"

namespace vestibule::store::test {
namespace {

using vestibule::test::hostileTexts;

class StatementBatchTest : public DatabaseTest {
 protected:
  StatementBatchTest() {
    auto session = Session::connect(options_);
    if (!session) throw std::runtime_error(session.error().internal);
    session_ = *std::move(session);
  }
  Session& session() { return *session_; }
  /// True when the session answers and nothing of an earlier exchange is left over.
  bool isInStep() {
    StatementBatch batch;
    auto results = batch.add("SELECT 4711").run(session());
    return results && results->size() == 1 && results->front().rows.at(0).at(0) == "4711";
  }

  std::unique_ptr<Session> session_;
};

TEST_F(StatementBatchTest, GivesOneResultForEachStatement) {
  StatementBatch batch;
  auto results = batch.begin()
                     .add(insertText(), {std::uint64_t{1}, "a"})
                     .add("UPDATE " + things_ + " SET text = text WHERE id = ?", {std::uint64_t{1}})
                     .add("SELECT id, text, bytes FROM " + things_)
                     .add("SELECT id FROM " + things_ + " WHERE id > ?", {std::uint64_t{1}})
                     .commit()
                     .run(session());
  ASSERT_TRUE(results) << results.error().internal;
  ASSERT_EQ(results->size(), 6U);
  EXPECT_EQ(results->at(1).affected, 1U);
  EXPECT_EQ(results->at(2).affected, 1U) << "matched rows count, changed or not";
  ASSERT_EQ(results->at(3).rows.size(), 1U);
  EXPECT_EQ(results->at(3).rows[0][0], "1");
  EXPECT_EQ(results->at(3).rows[0][1], "a");
  EXPECT_EQ(results->at(3).rows[0][2], std::nullopt);
  EXPECT_TRUE(results->at(4).rows.empty());
  EXPECT_FALSE(session().inTransaction());
  EXPECT_EQ(count(), "1");
}

TEST_F(StatementBatchTest, AnEmptyBatchDoesNothing) {
  auto results = StatementBatch().run(session());
  ASSERT_TRUE(results);
  EXPECT_TRUE(results->empty());
}

TEST_F(StatementBatchTest, KeepsNoMoreOfTheRowsThanItMay) {
  const auto lengths =
      "SELECT REPEAT('x', 100) UNION ALL SELECT REPEAT('y', 100) UNION ALL SELECT "
      "REPEAT('z', 100)";
  struct Case {
    std::size_t most;
    std::size_t rows;
  };
  for (const auto& look : {Case{0, 1}, Case{99, 1}, Case{199, 1}, Case{200, 2}, Case{299, 2},
                           Case{300, 3}, Case{SIZE_MAX, 3}}) {
    SCOPED_TRACE(look.most);
    StatementBatch batch;
    const auto results = batch.atMost(look.most).add(lengths).add("SELECT 1").run(session());
    ASSERT_TRUE(results) << results.error().internal;
    EXPECT_EQ(results->at(0).rows.size(), look.rows);
    EXPECT_EQ(results->at(0).cut, look.rows < 3);
    EXPECT_EQ(results->at(1).rows.size(), 1U);
    EXPECT_TRUE(isInStep());
  }
}

TEST_F(StatementBatchTest, AnErrorWhileRowsComeIsNoEndOfThem) {
  ASSERT_TRUE(insert(session(), 1, "a"));
  StatementBatch batch;
  const auto failed =
      batch.add("SELECT 1 UNION ALL SELECT (SELECT 1 UNION ALL SELECT id FROM " + things_ + ")")
          .run(session());
  ASSERT_FALSE(failed) << "a sub-query gives two rows behind the first row of the answer";
  EXPECT_EQ(session().errorNumber(), 1242U);
  EXPECT_TRUE(isInStep());
}

TEST_F(StatementBatchTest, HostileTextsComeBack) {
  std::uint64_t id = 0;
  for (const auto& text : hostileTexts()) {
    SCOPED_TRACE(testing::PrintToString(text));
    const std::string bytes = text + '\0' + text + "\xff\xfe";
    ++id;
    StatementBatch batch;
    batch.add("INSERT INTO " + things_ + " (id, text, bytes) VALUES (?, ?, ?)",
              {id, std::string_view(text), Blob{bytes}});
    batch.add("SELECT text, bytes FROM " + things_ + " WHERE id = ? AND text = ? AND bytes = ?",
              {id, std::string_view(text), Blob{bytes}});
    auto results = batch.run(session());
    ASSERT_TRUE(results) << results.error().internal;
    ASSERT_EQ(results->size(), 2U);
    ASSERT_EQ(results->at(1).rows.size(), 1U);
    EXPECT_EQ(results->at(1).rows[0][0], text);
    EXPECT_EQ(results->at(1).rows[0][1], bytes);
  }
  EXPECT_EQ(count(), std::to_string(hostileTexts().size()));
}

TEST_F(StatementBatchTest, NumbersKeepTheirWholeRange) {
  StatementBatch batch;
  auto results =
      batch
          .add("SELECT ?, ?, ?, ?", {std::uint64_t{18446744073709551615U},
                                     std::int64_t{-9223372036854775807 - 1}, nullptr, Blob{""}})
          .run(session());
  ASSERT_TRUE(results) << results.error().internal;
  const auto& row = results->front().rows.at(0);
  EXPECT_EQ(row[0], "18446744073709551615");
  EXPECT_EQ(row[1], "-9223372036854775808");
  EXPECT_EQ(row[2], std::nullopt);
  EXPECT_EQ(row[3], "");
}

TEST_F(StatementBatchTest, NulInTextIsRefusedBeforeAnythingIsSent) {
  ASSERT_TRUE(beginInsert(session(), 1, "a"));
  StatementBatch batch;
  auto results = batch.add(insertText(), {std::uint64_t{2}, std::string_view("a\0b", 3)})
                     .commit()
                     .run(session());
  ASSERT_FALSE(results);
  EXPECT_EQ(results.error().kind, ErrorKind::kInvalidValue);
  EXPECT_TRUE(isInStep());
  EXPECT_EQ(count(), "0") << "the transaction is rolled back";
}

TEST_F(StatementBatchTest, BrokenUtf8IsRefusedByTheServer) {
  for (const std::string text : {"\xff\xfe", "a\xf0\x9f\x98", "\xc0\xa7 OR 1=1"}) {
    SCOPED_TRACE(testing::PrintToString(text));
    StatementBatch batch;
    auto results =
        batch.add(insertText(), {std::uint64_t{1}, std::string_view(text)}).run(session());
    EXPECT_FALSE(results);
    EXPECT_TRUE(isInStep());
  }
  EXPECT_EQ(count(), "0");
}

TEST_F(StatementBatchTest, TextIsRefusedWhereBackslashesDoNotEscape) {
  StatementBatch batch;
  ASSERT_TRUE(batch.add("SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'").run(session()));
  auto results = batch.add("SELECT ?", {"\\"}).run(session());
  ASSERT_FALSE(results);
  EXPECT_EQ(results.error().kind, ErrorKind::kInternal);
}

TEST_F(StatementBatchTest, StopsAtTheFirstErrorAndRollsBack) {
  ASSERT_TRUE(insert(session(), 1, "a"));
  for (const bool apart : {false, true}) {
    SCOPED_TRACE(apart);
    StatementBatch batch;
    batch.begin().add(insertText(), {std::uint64_t{2}, "b"});
    if (apart) {
      ASSERT_TRUE(batch.run(session()));
      EXPECT_TRUE(session().inTransaction());
    }
    batch.add("SELECT 1")
        .add(insertText(), {std::uint64_t{3}, "a"})
        .add(insertText(), {std::uint64_t{4}, "c"});
    auto results = batch.commit().run(session());
    ASSERT_FALSE(results);
    EXPECT_EQ(results.error().kind, ErrorKind::kUniqueness);
    EXPECT_EQ(session().failure(), Failure::kDuplicate);
    EXPECT_EQ(session().duplicateKey(), "thing_text");
    EXPECT_FALSE(session().inTransaction());
    EXPECT_FALSE(session().unusable());
    EXPECT_TRUE(isInStep());
    EXPECT_EQ(count(), "1");
  }
}

TEST_F(StatementBatchTest, TheNameOfADuplicatesKeyDoesNotComeFromItsValue) {
  const std::string_view text = "x' for key 'user_user_name";
  ASSERT_TRUE(insert(session(), 1, text));
  ASSERT_FALSE(insert(session(), 2, text));
  EXPECT_EQ(session().duplicateKey(), "thing_text");
  ASSERT_FALSE(insert(session(), 1, "other"));
  EXPECT_EQ(session().duplicateKey(), "PRIMARY");
}

TEST_F(StatementBatchTest, WhatTheServerWouldNotTakeIsRefusedAndTheSessionLives) {
  operator_.run("SET GLOBAL max_allowed_packet = 1048576");
  auto small = Session::connect(options_);
  operator_.run("SET GLOBAL max_allowed_packet = 16777216");
  ASSERT_TRUE(small);
  const std::string large(2'000'000, 'x');
  StatementBatch batch;
  auto results = batch.add("SELECT LENGTH(?)", {std::string_view(large)}).run(**small);
  ASSERT_FALSE(results);
  EXPECT_EQ(results.error().kind, ErrorKind::kPayloadTooLarge);
  results = batch.add("SELECT 1").run(**small);
  EXPECT_TRUE(results);
}

TEST_F(StatementBatchTest, AUsedBatchIsEmptyAgain) {
  StatementBatch batch;
  ASSERT_FALSE(batch.begin().add("SELECT nonsense").commit().run(session()));
  auto results = batch.add("SELECT 1").run(session());
  ASSERT_TRUE(results);
  EXPECT_EQ(results->size(), 1U);
}

TEST_F(StatementBatchTest, ALossWhileCommittingIsNotALossBefore) {
  struct Case {
    const char* what;
    bool begin, commit, repeatable;
    const char* sql;
    Failure failure;
  };
  const std::vector<Case> cases = {
      {"in a transaction", true, false, false, "INSERT", Failure::kLost},
      {"with the commit", true, true, false, "INSERT", Failure::kLostInCommit},
      {"with the commit, repeatable", true, true, true, "INSERT", Failure::kLost},
      {"a write that commits by itself", false, false, false, "INSERT", Failure::kLostInCommit},
      {"a read", false, false, false, "SELECT", Failure::kLost},
  };
  std::uint64_t id = 0;
  for (const auto& test : cases) {
    SCOPED_TRACE(test.what);
    auto session = Session::connect(options_);
    ASSERT_TRUE(session);
    const auto connection = connectionOf(**session);
    StatementBatch batch;
    if (test.begin) batch.begin();
    if (std::string_view(test.sql) == "INSERT") batch.add(insertText(), {++id, std::to_string(id)});
    batch.add("SELECT SLEEP(60)");
    if (test.commit) batch.commit();
    if (test.repeatable) batch.repeatable();
    std::thread killer([&] {
      Operator killing(options_);
      killing.waitFor(
          "SELECT COUNT(*) FROM information_schema.processlist WHERE id = ? AND state = 'User "
          "sleep'",
          "1", {connection});
      killing.kill(connection);
    });
    auto results = batch.run(**session);
    killer.join();
    ASSERT_FALSE(results);
    EXPECT_EQ(results.error().kind, ErrorKind::kUnavailable);
    EXPECT_EQ((*session)->failure(), test.failure);
    EXPECT_TRUE((*session)->unusable());
    EXPECT_FALSE((*session)->committing);
    auto again = batch.add("SELECT 1").run(**session);
    ASSERT_FALSE(again) << "a lost session stays lost";
    EXPECT_EQ((*session)->failure(), Failure::kLost);
  }
}

}  // namespace
}  // namespace vestibule::store::test
