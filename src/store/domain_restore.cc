#include "store/domain_restore.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

#include "store/backup_version.h"
#include "store/control_change.h"
#include "store/domain_place.h"
#include "store/migrations.h"
#include "store/result_rows.h"
#include "store/session.h"
#include "store/statement_batch.h"
#include "store/table_loading.h"
#include "store/used_numbers.h"

namespace vestibule::store {

/// The table whose rows come now.
struct LoadedTable {
  BackupTable table;
  bool wanted = false;
  std::optional<TableLoading> loading;
};

namespace {

tl::unexpected<Error> notOurs(std::string_view why) {
  return failure(ErrorKind::kInvalidValue, "the backup cannot be used: " + std::string(why));
}

std::optional<std::uint64_t> numberOf(const std::optional<std::string>& value) {
  if (!value) return std::nullopt;
  std::uint64_t number = 0;
  const auto read = std::from_chars(value->data(), value->data() + value->size(), number);
  if (read.ec != std::errc() || read.ptr != value->data() + value->size()) return std::nullopt;
  return number;
}

std::optional<std::size_t> columnOf(const BackupTable& table, std::string_view name) {
  const auto found = std::find_if(table.columns.begin(), table.columns.end(),
                                  [&](const auto& column) { return column.name == name; });
  if (found == table.columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - table.columns.begin());
}

/// The value of a column; nothing when there is none.
std::optional<std::string> valueOf(const BackupTable& table, const BackupRow& row,
                                   std::string_view name) {
  const auto column = columnOf(table, name);
  return column && *column < row.size() ? row[*column] : std::nullopt;
}

std::map<std::uint64_t, std::string> byNumber(const std::vector<BackupName>& names) {
  std::map<std::uint64_t, std::string> map;
  for (const auto& name : names) map.emplace(name.number, name.name);
  return map;
}

std::map<std::string, std::uint64_t> byName(std::vector<ResultRow>& rows) {
  std::map<std::string, std::uint64_t> map;
  for (auto& row : rows) {
    const auto number = unsignedAt(row, 0);
    map.emplace(takeText(row, 1), number);
  }
  return map;
}

}  // namespace

DomainRestore::DomainRestore(Session& session, DomainName name, DomainRestoreOptions options)
    : session_(session), name_(std::move(name)), options_(std::move(options)) {}
DomainRestore::~DomainRestore() = default;

Result<void> DomainRestore::take(const BackupRecord& record) {
  if (const auto* header = std::get_if<BackupHeader>(&record)) return takeHeader(*header);
  if (!number_) return notOurs("it has no header");
  if (const auto* table = std::get_if<BackupTable>(&record)) return beginTable(*table);
  if (const auto* rows = std::get_if<BackupRows>(&record)) return takeRows(*rows);
  ended_ = true;
  return takeEnd(std::get<BackupEnd>(record));
}

Result<void> DomainRestore::takeHeader(const BackupHeader& header) {
  const auto found = std::find_if(header.domains.begin(), header.domains.end(),
                                  [&](const auto& one) { return one.name == name_.value(); });
  if (found == header.domains.end() || found->number > UINT16_MAX) {
    return failure(ErrorKind::kNotFound,
                   "the backup does not hold a user store domain " + name_.value());
  }
  if ((found->number == kPrimaryNumber) != (name_.value() == "PRIMARY")) {
    return notOurs("PRIMARY, and no other domain, has number 1");
  }
  auto then = migrationsOf(header, *options_.migrations);
  if (!then) return propagate(then);
  then_ = *std::move(then);
  if (then_.control.size() != options_.migrations->control.size()) {
    return failure(ErrorKind::kConflict,
                   "the backup is of an older version of the control schema: restore it into a "
                   "database of its own by Vestibule " +
                       header.program +
                       ", let this version migrate that, and back the domain up there again, or "
                       "move it from there");
  }
  StatementBatch batch;
  const auto& control = options_.control_schema;
  batch.add(inControl("SELECT number, name FROM {control}.identity_providers", control));
  batch.add(inControl("SELECT number, name FROM {control}.consent_purposes", control));
  batch.add(inControl("SELECT created FROM {control}.domains WHERE number = ?", control),
            {std::uint64_t{kPrimaryNumber}});
  batch.add("SET SESSION foreign_key_checks = 0");
  auto results = batch.repeatable().run(session_);
  if (!results) return propagate(results);
  provider_names_ = byNumber(header.identity_providers);
  purpose_names_ = byNumber(header.consent_purposes);
  provider_numbers_ = byName(results->at(0).rows);
  purpose_numbers_ = byName(results->at(1).rows);
  const auto& primary = results->at(2).rows;
  if (primary.empty()) return internalFailure("the control schema has no PRIMARY domain");
  same_installation_ = header.installation == installationOf(signedAt(primary.front(), 0));
  number_ = DomainNumber(static_cast<std::uint16_t>(found->number));
  return {};
}

Result<void> DomainRestore::beginTable(const BackupTable& table) {
  loaded_ = std::make_unique<LoadedTable>(LoadedTable{table, false, std::nullopt});
  if (table.domain ? *table.domain != *number_ : findOwnedTable(table.name) == nullptr) {
    loaded_->wanted = !table.domain && table.name == "consent_purpose_versions";
    return {};
  }
  // A window of some hours begins anew, and names tokens and identity providers of the source.
  loaded_->wanted = !table.domain || table.name != "guard_rails";
  if (!loaded_->wanted || (!table.domain && table.name == "domains")) return {};
  if (!domain_) return notOurs("the row of the domain " + name_.value() + " is missing");
  const auto& schema = table.domain ? domain_->tables.schema : options_.control_schema;
  if (schema != shaped_) {
    auto shapes = readShapes(session_, schema, table.domain);
    if (!shapes) return propagate(shapes);
    shapes_ = *std::move(shapes);
    shaped_ = schema;
  }
  std::vector<std::string_view> left_out;
  // Numbers of rows in tables that domains share are this database's to give.
  if (!table.domain && columnOf(table, "seq")) left_out.emplace_back("seq");
  const bool is_copied = primary_ && !table.domain && PrimaryPlace::isCopied(table.name);
  auto loading = TableLoading::begin(shapes_, is_copied ? primary_->copies() : schema, table,
                                     std::move(left_out));
  if (!loading) return propagate(loading);
  loaded_->loading = *std::move(loading);
  counts_.push_back({table.domain, table.name, 0, {}});
  return table.domain ? loaded_->loading->clear(session_) : Result<void>();
}

Result<void> DomainRestore::takeRows(const BackupRows& rows) {
  if (!loaded_) return notOurs("it has rows of no table");
  if (!loaded_->wanted) return {};
  if (loaded_->loading) return loadRows(rows);
  if (loaded_->table.name == "consent_purpose_versions") return notePurposeVersions(rows);
  for (const auto& row : rows) {
    if (ownerOf(*findOwnedTable("domains"), valueOf(loaded_->table, row, "number")) == number_) {
      return takeDomain(row);
    }
  }
  return {};
}

Result<void> DomainRestore::takeDomain(const BackupRow& row) {
  DomainRow wanted;
  wanted.tables.number = *number_;
  wanted.name = name_;
  const auto description = valueOf(loaded_->table, row, "description");
  const auto settings = valueOf(loaded_->table, row, "settings");
  const auto version = numberOf(valueOf(loaded_->table, row, "version"));
  const auto created = numberOf(valueOf(loaded_->table, row, "created"));
  const auto modified = numberOf(valueOf(loaded_->table, row, "modified"));
  if (!description || !settings || !version || !created || !modified) {
    return notOurs("the row of the domain is none");
  }
  wanted.description = *description;
  wanted.settings = *settings;
  wanted.version = Version(*version);
  wanted.created = static_cast<Timestamp>(*created);
  wanted.modified = static_cast<Timestamp>(*modified);
  auto placed = place(std::move(wanted));
  if (!placed) return propagate(placed);
  domain_ = *std::move(placed);
  return migrateDomainSchema(session_, options_.control_schema, domain_->tables, then_);
}

Result<DomainRow> DomainRestore::place(DomainRow wanted) {
  if (number_->value() != kPrimaryNumber) {
    return makePlace(session_, options_.control_schema, options_.schema_prefix, std::move(wanted),
                     PlaceOptions{options_.replace, same_installation_});
  }
  if (primary_) return notOurs("it has two rows of the domain");
  auto primary =
      PrimaryPlace::make(session_, options_.control_schema, std::move(wanted), options_.replace);
  if (!primary) return propagate(primary);
  primary_ = *std::move(primary);
  return primary_->row();
}

Result<void> DomainRestore::notePurposeVersions(const BackupRows& rows) {
  StatementBatch batch;
  const auto& table = loaded_->table;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> versions;
  std::vector<std::array<std::string, 3>> texts;
  texts.reserve(rows.size());
  for (const auto& row : rows) {
    const auto number = numberOf(valueOf(table, row, "number"));
    const auto version = numberOf(valueOf(table, row, "version"));
    if (!number || !version) return notOurs("a version of a consent purpose is none");
    versions.emplace_back(*number, *version);
    const auto& text = texts.emplace_back(std::array{valueOf(table, row, "name").value_or(""),
                                                     valueOf(table, row, "settings").value_or(""),
                                                     valueOf(table, row, "terms").value_or("")});
    batch.add(inControl("SELECT COUNT(*) FROM {control}.consent_purpose_versions WHERE name = ? "
                        "AND version = ? AND settings = ? AND terms = ?",
                        options_.control_schema),
              {std::string_view(text[0]), *version, std::string_view(text[1]),
               std::string_view(text[2])});
  }
  auto results = batch.run(session_);
  if (!results) return propagate(results);
  for (std::size_t i = 0; i < versions.size(); ++i) {
    if (unsignedAt(results->at(i).rows.at(0), 0) == 0) other_purposes_.insert(versions[i]);
  }
  return {};
}

Result<void> DomainRestore::giveNumber(BackupRow& row, std::string_view column,
                                       const std::map<std::uint64_t, std::string>& names,
                                       const std::map<std::string, std::uint64_t>& numbers,
                                       std::string_view what) const {
  const auto place = columnOf(loaded_->table, column);
  const auto number = place && *place < row.size() ? numberOf(row[*place]) : std::nullopt;
  const auto name = number ? names.find(*number) : names.end();
  if (name == names.end()) return notOurs("a row names no " + std::string(what));
  const auto here = numbers.find(name->second);
  if (here == numbers.end()) {
    return failure(ErrorKind::kConflict, "there is no " + std::string(what) + " " + name->second +
                                             " here, which rows of the domain name: make it "
                                             "first, under the same name");
  }
  row[*place] = std::to_string(here->second);
  return {};
}

bool DomainRestore::isOfNobody(const BackupRow& row) const {
  const auto names = [&](std::string_view column, const auto& known) {
    const auto number = numberOf(valueOf(loaded_->table, row, column));
    return number && !known.contains(*number);
  };
  return names("idp_number", provider_names_) || names("purpose_number", purpose_names_);
}

Result<bool> DomainRestore::keepsNobodys(const BackupRow& row) {
  if (!same_installation_) return false;
  const auto provider = numberOf(valueOf(loaded_->table, row, "idp_number"));
  const auto number =
      provider ? *provider : numberOf(valueOf(loaded_->table, row, "purpose_number")).value_or(0);
  const std::string_view table = provider ? "identity_providers" : "consent_purposes";
  const auto known = reserved_.find({table, number});
  if (known != reserved_.end()) return known->second;
  auto reserved = reserveNumber(session_, options_.control_schema, table, number);
  if (reserved) reserved_.emplace(std::pair(table, number), *reserved);
  return reserved;
}

Result<BackupRows> DomainRestore::adapt(const BackupRows& rows) {
  const auto& table = loaded_->table;
  const auto* owned = table.domain ? nullptr : findOwnedTable(table.name);
  BackupRows kept;
  for (const auto& row : rows) {
    if (owned != nullptr && ownerOf(*owned, valueOf(table, row, owned->column)) != number_) {
      continue;
    }
    if (isOfNobody(row)) {
      auto keeps = keepsNobodys(row);
      if (!keeps) return propagate(keeps);
      if (*keeps) kept.push_back(row);
      if (!*keeps && table.name == "idp_grants") ++grants_left_out_;
      continue;
    }
    auto& mine = kept.emplace_back(row);
    Result<void> given;
    if (columnOf(table, "idp_number")) {
      given =
          giveNumber(mine, "idp_number", provider_names_, provider_numbers_, "identity provider");
    } else if (columnOf(table, "purpose_number")) {
      const auto purpose = numberOf(valueOf(table, row, "purpose_number")).value_or(0);
      const auto version = numberOf(valueOf(table, row, "version")).value_or(0);
      if (other_purposes_.contains({purpose, version})) {
        const auto name = purpose_names_.find(purpose);
        return failure(ErrorKind::kConflict,
                       "users of the domain agreed to version " + std::to_string(version) +
                           " of the consent purpose " +
                           (name == purpose_names_.end() ? "" : name->second) +
                           ", which is not the same here: apply the same versions first");
      }
      given =
          giveNumber(mine, "purpose_number", purpose_names_, purpose_numbers_, "consent purpose");
    }
    if (!given) return propagate(given);
  }
  return kept;
}

Result<void> DomainRestore::loadRows(const BackupRows& rows) {
  auto kept = adapt(rows);
  if (!kept) return propagate(kept);
  if (kept->empty()) return {};
  auto& count = counts_.back();
  if (!loaded_->table.domain && loaded_->table.name == "audit_events") {
    // Those of a domain stay when it is deleted: they may be here from before.
    auto loaded = loaded_->loading->loadMissing(
        session_, *kept, {"correlation_id", "occurred", "action", "resource_id", "identity_key"});
    if (!loaded) return propagate(loaded);
    count.rows += *loaded;
    return {};
  }
  auto loaded = loaded_->loading->load(session_, *kept);
  if (!loaded) {
    if (session_.failure() == Failure::kDuplicate && count.table == "federated_identities") {
      return failure(ErrorKind::kConflict,
                     "a subject of an identity provider is linked to a user of the backup, and "
                     "here to one of another domain: unlink it first, in one of the two");
    }
    return loaded;
  }
  count.rows += kept->size();
  return {};
}

Result<void> DomainRestore::takeEnd(const BackupEnd& end) const {
  for (const auto& wanted : end.tables) {
    if (wanted.domain != number_ || wanted.table == "guard_rails") continue;
    const auto found = std::find_if(counts_.begin(), counts_.end(), [&](const auto& count) {
      return count.domain == wanted.domain && count.table == wanted.table;
    });
    const auto left_out = wanted.table == "idp_grants" ? grants_left_out_ : 0;
    if (found == counts_.end() || found->rows + left_out != wanted.rows) {
      return notOurs("it has other rows of the table " + wanted.table + " than its end counts");
    }
  }
  return {};
}

Result<void> DomainRestore::complete() {
  if (!ended_ || !domain_) return notOurs("it has no end, or no row of the domain");
  // For PRIMARY on the copies: what can fail for good is done while what it held can be given back.
  auto migrated =
      migrateDomainSchema(session_, options_.control_schema, domain_->tables, *options_.migrations,
                          primary_ ? primary_->copies() : std::string());
  if (!migrated || !primary_) return migrated;
  return primary_->takeEffect();
}

Result<void> DomainRestore::activate(const AuditEvent& event) {
  if (!domain_) return notOurs("it has no row of the domain");
  if (primary_) {
    auto active = primary_->activate(event);
    if (active) domain_ = primary_->row();
    return active;
  }
  StatementBatch batch;
  beginChange(batch, options_.control_schema);
  batch.add(inControl("UPDATE {control}.domains SET state = 'active' WHERE number = ? AND state = "
                      "'restoring'",
                      options_.control_schema),
            {std::uint64_t{number_->value()}});
  auto results = commitChange(batch, session_, options_.control_schema, &event);
  if (!results) return propagate(results);
  domain_->state = "active";
  return {};
}

tl::unexpected<Error> DomainRestore::abandon(Error because) {
  if (primary_) return primary_->giveBack(std::move(because));
  return tl::make_unexpected(std::move(because));
}

}  // namespace vestibule::store
