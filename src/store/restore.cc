#include "store/restore.h"

#include <chrono>
#include <map>
#include <utility>

#include "store/backup.h"
#include "store/backup_tables.h"
#include "store/backup_version.h"
#include "store/control_change.h"
#include "store/domain_restore.h"
#include "store/domain_rows.h"
#include "store/domain_store.h"
#include "store/migrations.h"
#include "store/result_rows.h"
#include "store/schema_lock.h"
#include "store/schema_suffixes.h"
#include "store/session.h"
#include "store/statement_batch.h"
#include "store/table_loading.h"
#include "store/used_numbers.h"

namespace vestibule::store {
namespace {

constexpr unsigned kLockSeconds = 10;
constexpr std::chrono::seconds kProgressInterval{1};

/// What a database is before everything is restored into it.
enum class Before { kNothing, kEmpty, kUnfinished, kInUse };

Result<Before> look(Session& session, const std::string& control) {
  const auto control_name = unquoteName(control);
  StatementBatch batch;
  batch.add(
      "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ? AND table_name = "
      "'migrations'",
      {std::string_view(control_name)});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  if (unsignedAt(results->front().rows.at(0), 0) == 0) return Before::kNothing;
  batch.add(inControl("SELECT COUNT(*) FROM {control}.migrations WHERE number = ?", control),
            {kRestoreMark});
  // The first file of the control schema makes what is asked for below.
  batch.add(inControl("SELECT COUNT(*) FROM {control}.migrations WHERE schema_name = ? AND number "
                      "= 1 AND finished IS NOT NULL",
                      control),
            {std::string_view(control_name)});
  if (results = batch.run(session); !results) return propagate(results);
  if (unsignedAt(results->at(0).rows.at(0), 0) != 0) return Before::kUnfinished;
  if (unsignedAt(results->at(1).rows.at(0), 0) == 0) return Before::kEmpty;
  batch.add(inControl("SELECT schema_name, state FROM {control}.domains", control));
  batch.add(
      inControl("SELECT EXISTS (SELECT 1 FROM {control}.api_tokens) OR EXISTS (SELECT 1 FROM "
                "{control}.token_issuers) OR EXISTS (SELECT 1 FROM "
                "{control}.identity_providers) OR EXISTS (SELECT 1 FROM "
                "{control}.audit_events)",
                control));
  if (results = batch.run(session); !results) return propagate(results);
  auto& domains = results->at(0).rows;
  if (domains.size() > 1 || unsignedAt(results->at(1).rows.at(0), 0) != 0) return Before::kInUse;
  if (domains.empty()) return Before::kEmpty;
  const auto state = takeText(domains.front(), 1);
  if (state == "restoring") return Before::kInUse;
  if (state == "creating") return Before::kEmpty;
  auto holds = holdsResources(session, quoteName(takeText(domains.front(), 0)));
  if (!holds) return propagate(holds);
  return *holds ? Before::kInUse : Before::kEmpty;
}

/// Drops the domains' schemas and all tables of the control schema but the one that has the mark.
Result<void> dropAll(Session& session, const std::string& control) {
  auto tables = readTableNames(session, control);
  if (!tables) return propagate(tables);
  StatementBatch batch;
  if (tables->contains("domains")) {
    batch.add(inControl("SELECT schema_name FROM {control}.domains", control));
    auto results = batch.run(session);
    if (!results) return propagate(results);
    for (auto& row : results->front().rows) {
      batch.add("DROP DATABASE IF EXISTS " + quoteName(takeText(row, 0)));
    }
  }
  batch.add("SET SESSION foreign_key_checks = 0");
  for (const auto& table : *tables) {
    // Last, since it is what names the schemas to drop.
    if (table == "domains" || table == "migrations") continue;
    batch.add("DROP TABLE IF EXISTS " + control + "." + quoteName(table));
  }
  batch.add(inControl("DROP TABLE IF EXISTS {control}.domains", control));
  batch.add(inControl("DELETE FROM {control}.migrations WHERE number <> ?", control),
            {kRestoreMark});
  auto results = batch.repeatable().run(session);
  if (!results) return propagate(results);
  return {};
}

/// Makes sure that there is nothing in the way. The caller holds SchemaLock.
Result<void> clearTheWay(Session& session, const std::string& control) {
  auto before = look(session, control);
  if (!before) return propagate(before);
  if (*before == Before::kInUse) {
    return failure(ErrorKind::kConflict,
                   "the database holds an installation already: everything is restored into an "
                   "empty database only, or under another database.schema_prefix; one domain is "
                   "restored by --domain");
  }
  if (*before == Before::kNothing) return {};
  if (auto marked = putRestoreMark(session, control); !marked) return marked;
  return dropAll(session, control);
}

/// Loads the records behind the header.
class Loading {
 public:
  Loading(Session& session, Database& database, const std::string& control,
          const MigrationSet& migrations, const BackupProgress& progress)
      : session_(session),
        database_(database),
        control_(control),
        migrations_(migrations),
        progress_(progress) {}

  Result<void> take(const BackupRecord& record) {
    if (const auto* table = std::get_if<BackupTable>(&record)) return beginTable(*table);
    const auto* rows = std::get_if<BackupRows>(&record);
    if (rows == nullptr || !loading_) {
      return failure(ErrorKind::kInvalidValue, "the backup has rows of no table");
    }
    counts_.back().rows += rows->size();
    report();
    if (loading_->table().domain || loading_->table().name != "domains") {
      return loading_->load(session_, *rows);
    }
    auto domains = *rows;
    for (auto& row : domains) {
      if (auto taken = takeDomain(row); !taken) return taken;
    }
    return loading_->load(session_, domains);
  }

  /// The quoted schemas of the domains that have tables.
  [[nodiscard]] const std::vector<std::string>& schemas() const { return made_; }

  /// Error kInvalidValue when not all rows are there.
  Result<void> check(const BackupEnd& end) const {
    for (std::size_t i = 0; i < end.tables.size() || i < counts_.size(); ++i) {
      const bool same = i < end.tables.size() && i < counts_.size() &&
                        end.tables[i].domain == counts_[i].domain &&
                        end.tables[i].table == counts_[i].table &&
                        end.tables[i].rows == counts_[i].rows;
      if (!same) {
        return failure(ErrorKind::kInvalidValue,
                       "the backup has other rows than its end counts: it was not made by "
                       "`vestibule backup`");
      }
    }
    return {};
  }

 private:
  Result<void> beginTable(const BackupTable& table) {
    std::string schema = control_;
    if (table.domain) {
      const auto found = schemas_.find(table.domain->value());
      if (found == schemas_.end()) {
        return failure(ErrorKind::kInvalidValue, "the backup has a table of no domain");
      }
      schema = found->second;
    }
    if (schema != schema_) {
      if (table.domain) {
        if (auto made = createSchema(session_, schema); !made) return made;
        auto made = migrateDomainSchema(session_, control_, {*table.domain, schema}, migrations_);
        if (!made) return made;
        made_.push_back(schema);
      }
      auto shapes = readShapes(session_, schema, table.domain);
      if (!shapes) return propagate(shapes);
      shapes_ = *std::move(shapes);
      schema_ = schema;
    }
    auto loading = TableLoading::begin(shapes_, schema, table);
    if (!loading) return propagate(loading);
    loading_ = *std::move(loading);
    counts_.push_back({table.domain, table.name, 0, {}});
    return loading_->clear(session_);
  }

  /// Gives the domain the schema that it has here.
  Result<void> takeDomain(BackupRow& row) {
    const auto number = loading_->find("number");
    const auto name = loading_->find("name");
    const auto schema = loading_->find("schema_name");
    const auto state = loading_->find("state");
    const bool whole = number && name && schema && state && row.size() > *number &&
                       row.size() > *name && row.size() > *schema && row.size() > *state &&
                       row[*name] && row[*state];
    const auto owner = whole ? ownerOf(*findOwnedTable("domains"), row[*number]) : std::nullopt;
    if (!owner) return failure(ErrorKind::kInvalidValue, "the backup has a domain without a name");
    auto plain = schemaNameOf(database_.options().schema_prefix, DomainName(*row[*name]), *owner);
    auto& text = *row[*state];
    // What was half made or half deleted then is taken away by migrate().
    if (text == "creating" || text == "restoring") text = "deleting";
    if (text == "moving" || text == "moved") plain += std::string(kFencedSuffix);
    row[*schema] = plain;
    schemas_[owner->value()] = quoteName(plain);
    return {};
  }

  void report() {
    const auto time = std::chrono::steady_clock::now();
    if (!progress_ || time - reported_ < kProgressInterval) return;
    reported_ = time;
    progress_(unquoteName(schema_) + "." + counts_.back().table + ": " +
              std::to_string(counts_.back().rows) + " rows");
  }

  Session& session_;
  Database& database_;
  const std::string& control_;
  const MigrationSet& migrations_;
  const BackupProgress& progress_;
  std::map<std::uint16_t, std::string> schemas_;  ///< quoted, by the number of the domain
  std::vector<std::string> made_;
  std::string schema_;
  std::vector<TableShape> shapes_;
  std::optional<TableLoading> loading_;
  std::vector<BackupCount> counts_;
  std::chrono::steady_clock::time_point reported_ = std::chrono::steady_clock::now();
};

/// Takes the mark away: from here on the database is an installation.
Result<void> finish(Session& session, const std::string& control, const AuditEvent& event) {
  StatementBatch batch;
  beginChange(batch, control);
  batch.add(inControl("DELETE FROM {control}.migrations WHERE number = ?", control),
            {kRestoreMark});
  auto results = commitChange(batch, session, control, &event);
  if (!results) return propagate(results);
  return {};
}

/// All of it, into an installation that has the mark. The caller holds SchemaLock.
Result<BackupEnd> load(Session& session, Database& database, const MigrationSet& migrations,
                       const BackupSource& source, const AuditEvent& event,
                       const BackupProgress& progress) {
  const auto control = database.controlSchema();
  StatementBatch batch;
  // Tables come in any order, and what was whole when it was read is whole again at the end.
  auto set = batch.add("SET SESSION foreign_key_checks = 0").repeatable().run(session);
  if (!set) return propagate(set);
  Loading loading(session, database, control, migrations, progress);
  for (;;) {
    auto record = source();
    if (!record) return propagate(record);
    if (!*record) return failure(ErrorKind::kInvalidValue, "the backup has no end");
    if (auto* end = std::get_if<BackupEnd>(&**record)) {
      auto done = loading.check(*end);
      if (done) done = passUsedNumbers(session, control, loading.schemas());
      if (done) done = finish(session, control, event);
      if (!done) return propagate(done);
      return std::move(*end);
    }
    if (auto taken = loading.take(**record); !taken) return propagate(taken);
  }
}

/// From an empty database to the installation of the backup, in the schemas of then.
Result<BackupEnd> makeAndLoad(Database& database, const MigrationSet& then,
                              const std::string& primary_settings, const BackupSource& source,
                              const AuditEvent& event, const BackupProgress& progress) {
  auto session = openLongSession(database);
  if (!session) return propagate(session);
  const auto control = database.controlSchema();
  auto lock = SchemaLock::take(**session, control, kLockSeconds);
  if (!lock) return propagate(lock);
  auto made = clearTheWay(**session, control);
  // What has changed since the backup was made is done to its rows.
  if (made) made = migrateForRestoring(**session, database, then, primary_settings);
  if (!made) return propagate(made);
  return load(**session, database, then, source, event, progress);
}

/// All of a domain but for its being seen.
Result<void> loadDomain(DomainRestore& restoring, const DomainName& name,
                        const BackupSource& source, const BackupProgress& progress) {
  auto reported = std::chrono::steady_clock::now();
  for (;;) {
    auto record = source();
    if (!record) return propagate(record);
    if (!*record) return restoring.complete();
    if (auto taken = restoring.take(**record); !taken) return taken;
    const auto time = std::chrono::steady_clock::now();
    if (!progress || restoring.counts().empty() || time - reported < kProgressInterval) continue;
    reported = time;
    const auto& count = restoring.counts().back();
    progress(name.value() + "." + count.table + ": " + std::to_string(count.rows) + " rows");
  }
}

}  // namespace

Result<BackupEnd> restoreAll(Database& database, const MigrationSet& migrations,
                             const std::string& primary_settings, const BackupSource& source,
                             const AuditEvent& event, const BackupProgress& progress) {
  auto first = source();
  if (!first) return propagate(first);
  const auto* header = *first ? std::get_if<BackupHeader>(&**first) : nullptr;
  if (header == nullptr) return failure(ErrorKind::kInvalidValue, "the backup has no header");
  if (!header->whole) {
    return failure(ErrorKind::kConflict,
                   "the backup is of single domains: name what to restore by --domain");
  }
  auto then = migrationsOf(*header, migrations);
  if (!then) return propagate(then);
  auto end = makeAndLoad(database, *then, primary_settings, source, event, progress);
  if (!end) return end;
  MigrateOptions how;
  how.serves = true;
  how.progress = progress;
  auto migrated = migrate(database, migrations, primary_settings, how);
  if (!migrated) return propagate(migrated);
  return end;
}

Result<std::vector<BackupCount>> restoreDomain(Database& database, const MigrationSet& migrations,
                                               const DomainName& name, bool replace,
                                               const BackupSource& source, AuditEvent event,
                                               const BackupProgress& progress) {
  auto session = openLongSession(database);
  if (!session) return propagate(session);
  const auto control = database.controlSchema();
  auto lock = SchemaLock::take(**session, control, kLockSeconds);
  if (!lock) return propagate(lock);
  DomainRestore restoring(
      **session, name,
      DomainRestoreOptions{control, database.options().schema_prefix, &migrations, replace});
  if (auto loaded = loadDomain(restoring, name, source, progress); !loaded) {
    return restoring.abandon(std::move(loaded.error()));
  }
  event.domain = AuditDomain{restoring.domain()->tables.number, name};
  if (auto active = restoring.activate(event); !active) return propagate(active);
  return restoring.counts();
}

}  // namespace vestibule::store
