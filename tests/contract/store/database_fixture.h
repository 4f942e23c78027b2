#pragma once
// A pool on the private MariaDB with one scratch table, for tests of sessions, batches and units of
// work.

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "store/database.h"
#include "store/session.h"
#include "store/statement_batch.h"
#include "support/private_database.h"

namespace vestibule::store::test {

/// Options for the private database with a schema prefix of the test's own.
inline DatabaseOptions privateOptions() {
  static std::atomic<int> made{0};
  DatabaseOptions options;
  options.url = vestibule::test::privateDatabaseUrl();
  options.schema_prefix = "d" + std::to_string(::getpid()) + "_" + std::to_string(++made);
  options.lock_wait_seconds = 1;
  return options;
}

inline std::unique_ptr<Database> databaseWith(DatabaseOptions options) {
  auto database = Database::create(std::move(options));
  if (!database) throw std::runtime_error(database.error().detail);
  return *std::move(database);
}

/// Runs statements on a session of their own, apart from any pool.
class Operator {
 public:
  explicit Operator(const DatabaseOptions& options) {
    auto session = Session::connect(options);
    if (!session) throw std::runtime_error(session.error().internal);
    session_ = *std::move(session);
  }

  std::vector<std::vector<std::optional<std::string>>> run(
      std::string_view sql, const std::vector<Parameter>& parameters = {}) {
    StatementBatch batch;
    batch.add(sql, parameters);
    auto results = batch.run(*session_);
    if (!results) throw std::runtime_error(results.error().internal);
    return std::move(results->front().rows);
  }
  /// The single value of a query.
  std::string value(std::string_view sql, const std::vector<Parameter>& parameters = {}) {
    const auto rows = run(sql, parameters);
    return rows.empty() ? "(none)" : rows.front().at(0).value_or("NULL");
  }
  /// What this server calls the isolation level.
  std::string isolationVariable() {
    const auto rows = run("SHOW VARIABLES LIKE '%_isolation'");
    for (const auto& row : rows) {
      if (row.at(0) == "transaction_isolation" || row.at(0) == "tx_isolation") return *row.at(0);
    }
    throw std::runtime_error("the server has no isolation level");
  }
  [[nodiscard]] bool isMariaDb() {
    return value("SELECT VERSION()").find("MariaDB") != std::string::npos;
  }
  void kill(std::uint64_t connection) { run("KILL ?", {connection}); }
  /// Waits until the query gives the value: it describes what another thread is about to reach.
  void waitFor(std::string_view sql, const std::string& wanted,
               const std::vector<Parameter>& parameters = {}) {
    while (value(sql, parameters) != wanted) std::this_thread::yield();
  }

 private:
  std::unique_ptr<Session> session_;
};

/// What a session's connection is called in the server's process list.
inline std::uint64_t connectionOf(Session& session) { return mysql_thread_id(session.handle()); }

/// Makes a schema with the table `things (id, text, bytes)`, whose `text` is unique.
class DatabaseTest : public testing::Test {
 protected:
  explicit DatabaseTest(DatabaseOptions options = privateOptions())
      : options_(std::move(options)), operator_(options_), database_(databaseWith(options_)) {
    schema_ = "`" + options_.schema_prefix + "_scratch`";
    things_ = schema_ + ".things";
    operator_.run("CREATE DATABASE " + schema_ + " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
    operator_.run("CREATE TABLE " + things_ +
                  " (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, text VARCHAR(500) NULL, bytes "
                  "VARBINARY(2000) NULL, UNIQUE KEY thing_text (text)) ENGINE=InnoDB");
  }
  ~DatabaseTest() override {
    database_.reset();
    operator_.run("DROP DATABASE " + schema_);
  }

  std::string count() { return operator_.value("SELECT COUNT(*) FROM " + things_); }
  /// Begins, inserts a row and commits, in one round trip.
  Result<void> insert(Session& session, std::uint64_t id, std::string_view text) {
    StatementBatch batch;
    batch.begin().add(insertText(), {id, text});
    auto results = batch.commit().run(session);
    if (!results) return propagate(results);
    return {};
  }
  /// Begins a transaction and inserts a row.
  Result<void> beginInsert(Session& session, std::uint64_t id, std::string_view text) {
    StatementBatch batch;
    auto results = batch.begin().add(insertText(), {id, text}).run(session);
    if (!results) return propagate(results);
    return {};
  }
  Result<void> commit(Session& session) {
    auto results = StatementBatch().commit().run(session);
    if (!results) return propagate(results);
    return {};
  }
  /// Makes the server answer with an error of this number.
  Result<void> raise(Session& session, unsigned number) {
    StatementBatch batch;
    batch.add("SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = ?, MESSAGE_TEXT = 'made \\'up\\''",
              {std::uint64_t{number}});
    auto results = batch.run(session);
    if (!results) return propagate(results);
    return {};
  }
  std::string insertText() const { return "INSERT INTO " + things_ + " (id, text) VALUES (?, ?)"; }

  DatabaseOptions options_;
  Operator operator_;
  std::unique_ptr<Database> database_;
  std::string schema_;
  std::string things_;
};

}  // namespace vestibule::store::test
