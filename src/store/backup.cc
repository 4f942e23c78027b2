#include "store/backup.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/crypto.h"
#include "base/encoding.h"
#include "store/backup_stream.h"
#include "store/backup_tables.h"
#include "store/control_change.h"
#include "store/domain_place.h"
#include "store/domain_rows.h"
#include "store/result_rows.h"
#include "store/row_stream.h"
#include "store/schema_lock.h"
#include "store/session.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

constexpr unsigned kLongSeconds = 3'600;
constexpr unsigned kLockSeconds = 10;
/// Rows are handed on when they are together so long.
constexpr std::size_t kBlockBytes = 256U << 10U;
constexpr std::chrono::seconds kProgressInterval{1};

/// Domains whose schemas hold what they are to hold.
bool holdsData(const DomainRow& domain, const BackupScope& scope) {
  const auto& state = domain.state;
  return state == "active" || state == "moving" || state == "moved" ||
         (scope.restoring && state == "restoring");
}

class Reading {
 public:
  Reading(Session& session, const std::string& control, const BackupScope& scope,
          const BackupSink& sink, const BackupProgress& progress)
      : session_(session), control_(control), scope_(scope), sink_(sink), progress_(progress) {}

  Result<BackupEnd> run() {
    if (auto begun = beginSnapshot(); !begun) return propagate(begun);
    if (auto told = sink_(BackupRecord(header_)); !told) return propagate(told);
    if (auto read = readControl(); !read) return propagate(read);
    for (const auto& domain : domains_) {
      auto shapes = readShapes(session_, domain.tables.schema, domain.tables.number);
      if (!shapes) return propagate(shapes);
      for (const auto& shape : *shapes) {
        auto read = readTable(domain.tables.schema, shape, {}, domain.name.value());
        if (!read) return propagate(read);
      }
    }
    StatementBatch batch;
    auto ended = batch.add("ROLLBACK").repeatable().run(session_);
    if (!ended) return propagate(ended);
    if (auto told = sink_(BackupRecord(end_)); !told) return propagate(told);
    return std::move(end_);
  }

 private:
  /// One moment for everything that is read, and what the header says of it.
  Result<void> beginSnapshot() {
    StatementBatch batch;
    const auto add = [&](std::string_view sql) { batch.add(inControl(sql, control_)); };
    // Whoever takes the rows may be slow: a disk, or another database.
    add("SET SESSION net_write_timeout = 3600");
    add("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    add("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
    batch.add(selectDomains(control_, " ORDER BY number"));
    add("SELECT number, name FROM {control}.identity_providers ORDER BY number");
    add("SELECT number, name FROM {control}.consent_purposes ORDER BY number");
    add("SELECT schema_name, number, LOWER(HEX(sha256)) FROM {control}.migrations WHERE finished "
        "IS NOT NULL ORDER BY schema_name, number");
    add("SELECT VERSION()");
    header_.taken = now();
    auto results = batch.repeatable().run(session_);
    if (!results) return propagate(results);
    std::vector<DomainRow> rows;
    for (auto& row : results->at(3).rows) rows.push_back(takeDomain(row));
    if (rows.empty()) return internalFailure("the control schema has no domains");
    header_.program = scope_.program;
    header_.whole = scope_.domains.empty();
    header_.installation = installationOf(rows.front().created);
    header_.identity_providers = namesOf(results->at(4).rows);
    header_.consent_purposes = namesOf(results->at(5).rows);
    // All are migrated together; one that is half restored may have no schema.
    auto migrated = std::find_if(rows.begin(), rows.end(),
                                 [](const auto& row) { return row.state == "active"; });
    if (migrated == rows.end()) migrated = rows.begin();
    const auto migrated_schema = unquoteName(migrated->tables.schema);
    for (auto& row : results->at(6).rows) {
      const auto schema = takeText(row, 0);
      BackupMigration migration{unsignedAt(row, 1), takeText(row, 2)};
      if (schema == unquoteName(control_)) header_.control_migrations.push_back(migration);
      if (schema == migrated_schema) header_.domain_migrations.push_back(migration);
    }
    header_.database = takeText(results->at(7).rows.at(0), 0);
    return chooseDomains(std::move(rows));
  }

  static std::vector<BackupName> namesOf(std::vector<ResultRow>& rows) {
    std::vector<BackupName> names;
    names.reserve(rows.size());
    for (auto& row : rows) names.push_back({unsignedAt(row, 0), takeText(row, 1)});
    return names;
  }

  Result<void> chooseDomains(std::vector<DomainRow> rows) {
    if (header_.whole && rows.front().state == "restoring") {
      return failure(ErrorKind::kConflict,
                     "the PRIMARY domain is half restored: restore it to its end first");
    }
    for (const auto& name : scope_.domains) {
      const auto found =
          std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.name == name; });
      if (found == rows.end()) {
        return failure(ErrorKind::kNotFound, "there is no user store domain " + name.value());
      }
      if (!holdsData(*found, scope_)) {
        return failure(ErrorKind::kConflict,
                       "the user store domain " + name.value() + " is half made or half deleted");
      }
    }
    for (auto& row : rows) {
      const bool wanted = header_.whole || std::find(scope_.domains.begin(), scope_.domains.end(),
                                                     row.name) != scope_.domains.end();
      if (!wanted || !holdsData(row, scope_)) continue;
      header_.domains.push_back({row.tables.number.value(), row.name.value()});
      domains_.push_back(std::move(row));
    }
    return {};
  }

  Result<void> readControl() {
    auto shapes = readShapes(session_, control_, std::nullopt);
    if (!shapes) return propagate(shapes);
    const auto read = [&](std::string_view name, const std::string& condition) -> Result<void> {
      const auto shape = std::find_if(shapes->begin(), shapes->end(),
                                      [&](const auto& one) { return one.table.name == name; });
      if (shape == shapes->end()) return internalFailure("there is no table " + std::string(name));
      const auto done = *shape;
      shapes->erase(shape);
      return readTable(control_, done, condition, "control");
    };
    // In front of the decisions, which name its rows.
    const auto& decisions = *findOwnedTable("consent_decisions");
    auto done = read("consent_purpose_versions",
                     header_.whole ? std::string()
                                   : inControl("(number, version) IN (SELECT purpose_number, "
                                               "version FROM {control}.consent_decisions WHERE ",
                                               control_) +
                                         ownedCondition(decisions, header_.domains) + ")");
    for (const auto& owned : ownedTables()) {
      if (!done) return done;
      done =
          read(owned.name, header_.whole ? std::string() : ownedCondition(owned, header_.domains));
    }
    if (!done || !header_.whole) return done;
    for (const auto& shape : *shapes) {
      // What ran is said by the header: it runs again where this is restored.
      if (shape.table.name == "migrations") continue;
      if (done = readTable(control_, shape, {}, "control"); !done) return done;
    }
    return {};
  }

  Result<void> readTable(const std::string& schema, const TableShape& shape,
                         const std::string& condition, const std::string& label) {
    const auto& table = shape.table;
    if (auto told = sink_(BackupRecord(table)); !told) return told;
    std::string sql = "SELECT ";
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      sql += (i > 0 ? ", " : "") + quoteName(table.columns[i].name);
    }
    sql += " FROM " + schema + "." + quoteName(table.name);
    // In the order of the primary key, which is that of the disk: equal tables give equal bytes.
    if (!shape.key.empty()) sql += " FORCE INDEX (PRIMARY)";
    if (!condition.empty()) sql += " WHERE " + condition;
    for (std::size_t i = 0; i < shape.key.size(); ++i) {
      sql += (i > 0 ? ", " : " ORDER BY ") + quoteName(shape.key[i]);
    }
    BackupCount count{table.domain, table.name, 0, toHex(sha256(""))};
    BackupRows rows;
    std::size_t bytes = 0;
    const auto flush = [&]() -> Result<void> {
      if (rows.empty()) return {};
      count.rows += rows.size();
      count.sha256 = toHex(sha256(count.sha256 + encodeRows(rows)));
      report(label + "." + table.name + ": " + std::to_string(count.rows) + " rows");
      auto taken = sink_(BackupRecord(std::exchange(rows, {})));
      bytes = 0;
      return taken;
    };
    auto streamed = streamRows(session_, sql, [&](ResultRow row) -> Result<void> {
      for (const auto& value : row) bytes += value ? value->size() : 0;
      bytes += 4 * row.size();
      rows.push_back(std::move(row));
      return bytes < kBlockBytes ? Result<void>() : flush();
    });
    if (!streamed) return streamed;
    if (auto flushed = flush(); !flushed) return flushed;
    end_.tables.push_back(std::move(count));
    return {};
  }

  void report(const std::string& line) {
    const auto time = std::chrono::steady_clock::now();
    if (!progress_ || time - reported_ < kProgressInterval) return;
    reported_ = time;
    progress_(line);
  }

  Session& session_;
  const std::string& control_;
  const BackupScope& scope_;
  const BackupSink& sink_;
  const BackupProgress& progress_;
  BackupHeader header_;
  BackupEnd end_;
  std::vector<DomainRow> domains_;
  std::chrono::steady_clock::time_point reported_ = std::chrono::steady_clock::now();
};

}  // namespace

Result<std::unique_ptr<Session>> openLongSession(const Database& database) {
  auto options = database.options();
  options.read_seconds = kLongSeconds;
  return Session::connect(options);
}

Result<BackupEnd> takeBackup(Database& database, const BackupScope& scope, const BackupSink& sink,
                             const BackupProgress& progress) {
  auto session = openLongSession(database);
  if (!session) return propagate(session);
  const auto control = database.controlSchema();
  auto lock = SchemaLock::take(**session, control, kLockSeconds);
  if (!lock) return propagate(lock);
  return takeBackup(**session, control, scope, sink, progress);
}

Result<BackupEnd> takeBackup(Session& session, const std::string& control_schema,
                             const BackupScope& scope, const BackupSink& sink,
                             const BackupProgress& progress) {
  auto end = Reading(session, control_schema, scope, sink, progress).run();
  // The snapshot goes, and with it what the server keeps for it.
  if (!end) rollback(session);
  return end;
}

}  // namespace vestibule::store
