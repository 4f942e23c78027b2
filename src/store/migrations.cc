#include "store/migrations.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "base/crypto.h"
#include "store/control_change.h"
#include "store/domain_rows.h"
#include "store/domain_store.h"
#include "store/index_filling.h"
#include "store/index_records.h"
#include "store/migration_steps.h"
#include "store/result_rows.h"
#include "store/schema_lock.h"
#include "store/session.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

/// ER_BAD_DB_ERROR, ER_NO_SUCH_TABLE: nothing was ever migrated here.
constexpr unsigned kNoSuchSchema = 1049;
constexpr unsigned kNoSuchTable = 1146;
/// How long one step may take: it may rebuild a large table.
constexpr unsigned kStepSeconds = 3'600;
/// How often a migration that others got in the way of begins again, and how long each waits first.
constexpr int kAttempts = 20;
constexpr std::chrono::milliseconds kPause{250};

/// How far a migration has come on one schema.
struct Progress {
  std::string sha256;
  std::uint64_t steps_done = 0;
  bool finished = false;
};
using SchemaProgress = std::map<std::uint64_t, Progress>;  // by number

Result<std::map<std::string, SchemaProgress>> readProgress(Session& session,
                                                           const std::string& control) {
  StatementBatch batch;
  batch.add(
      inControl("SELECT schema_name, number, sha256, steps_done, finished IS NOT NULL FROM "
                "{control}.migrations",
                control));
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::map<std::string, SchemaProgress> progress;
  for (auto& row : results->front().rows) {
    progress[takeText(row, 0)][unsignedAt(row, 1)] =
        Progress{takeText(row, 2), unsignedAt(row, 3), unsignedAt(row, 4) != 0};
  }
  return progress;
}

/// Error kConflict when what the database has is not what the program knows.
Result<void> checkHistory(const std::string& schema, const SchemaProgress& done,
                          const std::vector<Migration>& migrations) {
  for (const auto& [number, progress] : done) {
    if (number == kRestoreMark) {
      return failure(ErrorKind::kConflict,
                     "a backup was not restored to its end into this database: run `vestibule "
                     "restore` again");
    }
    if (number == 0 || number > migrations.size()) {
      return failure(ErrorKind::kConflict,
                     "the schema " + schema + " has migration " + std::to_string(number) +
                         ", which this program does not know: the database was made by a newer "
                         "version of Vestibule");
    }
    const auto& known = migrations[number - 1];
    if (progress.sha256 != sha256(known.sql)) {
      return failure(ErrorKind::kConflict, "migration " + known.name +
                                               " is not the one that ran on "
                                               "the schema " +
                                               schema +
                                               ": a file that has been released must not change");
    }
  }
  return {};
}

bool isFinished(const SchemaProgress& done, const Migration& migration) {
  const auto found = done.find(migration.number);
  return found != done.end() && found->second.finished;
}

bool allFinished(const SchemaProgress& done, const std::vector<Migration>& migrations) {
  return std::all_of(migrations.begin(), migrations.end(),
                     [&](const auto& migration) { return isFinished(done, migration); });
}

Result<void> record(Session& session, const std::string& control, const std::string& schema,
                    const Migration& migration, std::uint64_t steps_done, bool finished) {
  const auto digest = sha256(migration.sql);
  const auto at = finished ? Parameter(now()) : Parameter(nullptr);
  StatementBatch batch;
  batch.add(inControl("INSERT INTO {control}.migrations (schema_name, number, name, sha256, "
                      "steps_done, finished) VALUES (?, ?, ?, ?, ?, ?) "
                      "ON DUPLICATE KEY UPDATE steps_done = ?, finished = ?",
                      control),
            {std::string_view(schema), std::uint64_t{migration.number},
             std::string_view(migration.name), Blob{digest}, steps_done, at, steps_done, at});
  auto results = batch.repeatable().run(session);
  if (!results) return propagate(results);
  return {};
}

/// Names the step in an error that the operator will read.
tl::unexpected<Error> inStep(Result<void>& failed, const Migration& migration, std::size_t step,
                             const std::string& schema) {
  auto& error = failed.error();
  error.internal = "migration " + migration.name + ", step " + std::to_string(step + 1) + ", on " +
                   schema + ": " + error.internal;
  return propagate(failed);
}

Result<void> migrateSchema(Session& session, const std::string& control,
                           const std::string& quoted_schema, const SchemaProgress& done,
                           const std::vector<Migration>& migrations,
                           std::vector<std::string>& report) {
  const auto schema = unquoteName(quoted_schema);
  if (auto known = checkHistory(schema, done, migrations); !known) return known;
  for (const auto& migration : migrations) {
    if (isFinished(done, migration)) continue;
    const auto steps = stepsOf(migration.sql);
    const auto found = done.find(migration.number);
    const auto first = found == done.end() ? 0 : found->second.steps_done;
    for (std::size_t i = first; i < steps.size(); ++i) {
      auto ran = runVerbatim(session, stepFor(steps[i], quoted_schema, control));
      if (!ran) return inStep(ran, migration, i, schema);
      ran = record(session, control, schema, migration, i + 1, i + 1 == steps.size());
      if (!ran) return inStep(ran, migration, i, schema);
    }
    report.push_back(schema + ": " + migration.name +
                     (first > 0 ? " finished from step " + std::to_string(first + 1) : ""));
  }
  return {};
}

/// Makes the control schema where there is none. Where there is one, no privilege to make it is
/// asked for: a user that may only read and write rows serves what another has migrated.
Result<std::map<std::string, SchemaProgress>> prepareControlSchema(Session& session,
                                                                   const std::string& control) {
  auto progress = readProgress(session, control);
  const bool nothing_there = !progress && (session.errorNumber() == kNoSuchSchema ||
                                           session.errorNumber() == kNoSuchTable);
  if (!nothing_there) return progress;
  if (auto made = createSchema(session, control); !made) return propagate(made);
  auto made =
      runVerbatim(session, inControl("CREATE TABLE IF NOT EXISTS {control}.migrations ("
                                     "schema_name VARCHAR(64) NOT NULL, "
                                     "number INT UNSIGNED NOT NULL, "
                                     "name VARCHAR(255) NOT NULL, "
                                     "sha256 BINARY(32) NOT NULL, "
                                     "steps_done INT UNSIGNED NOT NULL, "
                                     "finished BIGINT NULL, "
                                     "PRIMARY KEY (schema_name, number)) "
                                     "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
                                     control));
  if (!made) return propagate(made);
  return readProgress(session, control);
}

Result<std::vector<DomainRow>> readDomains(Session& session, const std::string& control) {
  StatementBatch batch;
  batch.add(selectDomains(control, " ORDER BY number"));
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::vector<DomainRow> domains;
  for (auto& row : results->front().rows) domains.push_back(takeDomain(row));
  return domains;
}

bool isPrimary(const DomainRow& row) { return row.tables.number.value() == kPrimaryNumber; }

/// PRIMARY in the middle of a restoring. Its schema has no history once what it held was given up:
/// then it is not there, or half dropped (primary_place.h).
bool isHalfRestored(const DomainRow& row) { return isPrimary(row) && row.state == "restoring"; }

Result<DomainRow> insertPrimary(Session& session, const DatabaseOptions& options,
                                const std::string& control, const std::string& settings) {
  auto row = insertDomain(session, control, options.schema_prefix, DomainName("PRIMARY"),
                          "The domain that is always there", settings);
  if (!row) return row;
  if (row->tables.number.value() != kPrimaryNumber) {
    return internalFailure("the PRIMARY domain is gone though other domains were made");
  }
  return row;
}

/// What is asked of a database: whether its servers find what they need, or whether migrate() has
/// nothing to do, for a server that starts or for anybody else.
enum class Question { kIsServed, kIsMigrated, kIsMigratedForServer };

/// Reads only.
Result<bool> isCurrent(Session& session, const std::string& control, const MigrationSet& migrations,
                       Question question) {
  auto progress = readProgress(session, control);
  if (!progress) {
    const auto number = session.errorNumber();
    if (number == kNoSuchSchema || number == kNoSuchTable) return false;
    return propagate(progress);
  }
  const auto isDone = [&](const std::string& quoted_schema,
                          const std::vector<Migration>& wanted) -> Result<bool> {
    const auto schema = unquoteName(quoted_schema);
    const auto& done = (*progress)[schema];
    if (auto known = checkHistory(schema, done, wanted); !known) return propagate(known);
    return allFinished(done, wanted);
  };
  auto done = isDone(control, migrations.control);
  // Before that, `domains` may not be there.
  if (!done || !*done) return done;
  auto domains = readDomains(session, control);
  if (!domains) return propagate(domains);
  const bool is_served = question == Question::kIsServed;
  bool has_primary = false;
  std::vector<DomainRow> indexed;
  for (auto& domain : *domains) {
    if (!is_served && domain.state == "deleting") return false;
    const bool half_restored = isHalfRestored(domain);
    has_primary = has_primary || (isPrimary(domain) && (domain.state == "active" || half_restored));
    const bool has_tables =
        domain.state == "active" || (!is_served && domain.state == "moving") ||
        (half_restored && !(*progress)[unquoteName(domain.tables.schema)].empty());
    if (!has_tables) continue;
    done = isDone(domain.tables.schema, migrations.domain);
    if (!done || !*done) return done;
    if (domain.state == "active" || !is_served) indexed.push_back(std::move(domain));
  }
  if (!has_primary) return false;
  return indexesAreComplete(session, control, indexed, migrations.types,
                            question == Question::kIsMigratedForServer);
}

/// What migrate() does under the lock; each attempt goes on where the last one stopped.
Result<std::vector<std::string>> migrateLocked(Session& session, const DatabaseOptions& options,
                                               const std::string& control,
                                               const MigrationSet& migrations,
                                               const std::string& primary_settings,
                                               const MigrateOptions& how, bool restores) {
  std::vector<std::string> report;
  auto history = prepareControlSchema(session, control);
  if (!history) return propagate(history);
  if (restores) {
    if (auto marked = putRestoreMark(session, control); !marked) return propagate(marked);
    (*history)[unquoteName(control)].erase(kRestoreMark);
  }
  // Before the first change: a program that is too old must leave everything as it is.
  for (const auto& [schema, done] : *history) {
    const bool is_control = schema == unquoteName(control);
    auto known = checkHistory(schema, done, is_control ? migrations.control : migrations.domain);
    if (!known) return propagate(known);
  }
  auto migrated = migrateSchema(session, control, control, (*history)[unquoteName(control)],
                                migrations.control, report);
  if (!migrated) return propagate(migrated);

  auto domains = readDomains(session, control);
  if (!domains) return propagate(domains);
  if (domains->empty() || domains->front().name.value() != "PRIMARY" ||
      (domains->front().state != "active" && !isHalfRestored(domains->front()))) {
    auto primary = insertPrimary(session, options, control, primary_settings);
    if (!primary) return propagate(primary);
    if (domains->empty()) domains->emplace_back();
    domains->front() = *std::move(primary);
  }
  for (const auto& domain : *domains) {
    auto& done = (*history)[unquoteName(domain.tables.schema)];
    if (isHalfRestored(domain) && done.empty()) continue;
    if (domain.state == "deleting") {
      auto deleted = deleteDomain(session, control, domain.name);
      if (!deleted) return propagate(deleted);
      report.push_back(unquoteName(domain.tables.schema) + ": deletion finished");
    } else if (domain.state == "active" || domain.state == "moving" || isPrimary(domain)) {
      if (domain.state == "creating") {
        auto made = createSchema(session, domain.tables.schema);
        if (!made) return propagate(made);
      }
      migrated =
          migrateSchema(session, control, domain.tables.schema, done, migrations.domain, report);
      if (migrated) {
        migrated = fillIndexes(session, control, domain.tables, migrations.types, how.serves,
                               report, how.progress);
      }
      if (!migrated) return propagate(migrated);
      if (domain.state == "creating") {
        auto active = activateDomain(session, control, domain.name);
        if (!active) return propagate(active);
      }
    }
  }
  return report;
}

/// The lock keeps others away from the same server. Of those at another node of a cluster it knows
/// nothing: they meet as deadlocks, in steps that are safe to run twice.
template <typename Attempt>
Result<std::vector<std::string>> repeatedly(Session& session, Attempt&& attempt) {
  for (int count = 1;; ++count) {
    auto report = attempt();
    if (report || session.failure() != Failure::kDeadlock || count == kAttempts) return report;
    rollback(session);
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace

Result<void> putRestoreMark(Session& session, const std::string& control_schema) {
  const auto control_name = unquoteName(control_schema);
  StatementBatch batch;
  batch.add(inControl("INSERT IGNORE INTO {control}.migrations (schema_name, number, name, sha256, "
                      "steps_done, finished) VALUES (?, ?, 'restore', x'00', 0, NULL)",
                      control_schema),
            {std::string_view(control_name), kRestoreMark});
  auto results = batch.repeatable().run(session);
  if (!results) return propagate(results);
  return {};
}

Result<std::vector<std::string>> migrate(Database& database, const MigrationSet& migrations,
                                         const std::string& primary_settings,
                                         const MigrateOptions& how) {
  auto options = database.options();
  options.read_seconds = kStepSeconds;
  auto opened = Session::connect(options);
  if (!opened) return propagate(opened);
  Session& session = **opened;
  const auto control = database.controlSchema();
  // A backup, a restoring or a move holds the lock for as long as it takes, and a server that finds
  // all done need not wait for its end. Whatever else this finds is looked at again under the lock.
  const auto question = how.serves ? Question::kIsMigratedForServer : Question::kIsMigrated;
  const auto current = isCurrent(session, control, migrations, question);
  if (current && *current) return std::vector<std::string>();
  return repeatedly(session, [&]() -> Result<std::vector<std::string>> {
    auto lock = SchemaLock::take(session, control, how.lock_seconds);
    if (!lock) return propagate(lock);
    return migrateLocked(session, options, control, migrations, primary_settings, how, false);
  });
}

Result<void> migrateForRestoring(Session& session, const Database& database,
                                 const MigrationSet& migrations,
                                 const std::string& primary_settings) {
  auto made = repeatedly(session, [&] {
    return migrateLocked(session, database.options(), database.controlSchema(), migrations,
                         primary_settings, {}, true);
  });
  if (!made) return propagate(made);
  return {};
}

Result<void> migrateDomainSchema(Session& session, const std::string& control_schema,
                                 const DomainTables& domain, const MigrationSet& migrations,
                                 const std::string& records) {
  auto progress = readProgress(session, control_schema);
  if (!progress) return propagate(progress);
  std::vector<std::string> report;
  auto migrated = migrateSchema(session, control_schema, domain.schema,
                                (*progress)[unquoteName(domain.schema)], migrations.domain, report);
  if (!migrated) return migrated;
  return fillIndexes(session, records.empty() ? control_schema : records, domain, migrations.types,
                     true, report, {});
}

Result<bool> isUpToDate(Database& database, const MigrationSet& migrations) {
  return database.read([&](Session& session) {
    return isCurrent(session, database.controlSchema(), migrations, Question::kIsServed);
  });
}

}  // namespace vestibule::store
