#include "store/primary_place.h"

#include <algorithm>
#include <array>
#include <utility>

#include "store/backup_tables.h"
#include "store/consent_store.h"
#include "store/control_change.h"
#include "store/domain_fence.h"
#include "store/domain_move.h"
#include "store/domain_rows.h"
#include "store/import_store.h"
#include "store/result_rows.h"
#include "store/schema_suffixes.h"
#include "store/statement_batch.h"
#include "store/statement_text.h"

namespace vestibule::store {
namespace {

/// Rows that get into a shared table at once: who writes there for other domains waits as long.
constexpr std::uint64_t kSharedAtOnce = 5'000;
/// How often those are tried that a deadlock with others has rolled back.
constexpr int kAttempts = 5;

constexpr std::array<std::string_view, 4> kCopied = {"attribute_indexes", "consent_receipts",
                                                     "consent_decisions", "federated_identities"};

constexpr std::string_view kLinks = "federated_identities";

tl::unexpected<Error> linkedElsewhere() {
  return failure(ErrorKind::kConflict,
                 "a subject of an identity provider is linked to a user of the backup, and here to "
                 "one of another domain: unlink it first, in one of the two");
}

/// The columns of a shared table that are copied, quoted. The numbers of its rows are the
/// database's to give.
Result<std::string> columnsOf(Session& session, const std::string& control,
                              std::string_view table) {
  auto shapes = readShapes(session, control, std::nullopt);
  if (!shapes) return propagate(shapes);
  const auto shape = std::find_if(shapes->begin(), shapes->end(),
                                  [&](const auto& one) { return one.table.name == table; });
  if (shape == shapes->end()) return internalFailure("there is no table " + std::string(table));
  std::string columns;
  for (const auto& column : shape->table.columns) {
    if (column.name == "seq") continue;
    columns += (columns.empty() ? "" : ", ") + quoteName(column.name);
  }
  return columns;
}

/// Puts rows of the copy, those of the numbers behind the first parameter up to the second, into
/// the table.
std::string copyingText(const std::string& copy, const std::string& table,
                        const std::string& columns) {
  std::string sql = "INSERT INTO ";
  sql.append(table).append(" (").append(columns).append(") SELECT ").append(columns);
  sql.append(" FROM ").append(copy).append(" WHERE seq > ? AND seq <= ?");
  return sql;
}

/// Runs a transaction that is harmless to repeat, and repeats it after a deadlock.
template <typename Fill>
Result<void> runRepeatedly(Session& session, Fill&& fill) {
  for (int attempt = 1;; ++attempt) {
    StatementBatch batch;
    batch.begin();
    fill(batch);
    auto results = batch.commit().repeatable().run(session);
    if (results) return {};
    if (session.failure() != Failure::kDeadlock || attempt == kAttempts) return propagate(results);
  }
}

Result<std::uint64_t> lastOf(Session& session, const std::string& quoted_table) {
  StatementBatch batch;
  auto results = batch.add("SELECT COALESCE(MAX(seq), 0) FROM " + quoted_table).run(session);
  if (!results) return propagate(results);
  return unsignedAt(results->front().rows.at(0), 0);
}

/// The bytes in the ids of users that say whose they are.
std::string numberBytes() {
  return {static_cast<char>(kPrimaryNumber >> 8U), static_cast<char>(kPrimaryNumber & 0xffU)};
}

/// Puts the links in the copy in the place of those that their subjects have. A link never is away:
/// a login would make its subject another user, wherever it is led to.
Result<void> shareLinks(Session& session, const std::string& control, const std::string& copies,
                        const std::string& columns) {
  const auto bytes = numberBytes();
  const auto copy = copies + "." + quoteName(kLinks);
  const auto copying = copyingText(copy, control + "." + quoteName(kLinks), columns);
  auto last = lastOf(session, copy);
  if (!last) return propagate(last);
  for (std::uint64_t from = 0; from < *last; from += kSharedAtOnce) {
    auto shared = runRepeatedly(session, [&](StatementBatch& batch) {
      // The table that rows go from has no other name: between schemas that is wanted.
      batch.add(forSchemas("DELETE {control}.federated_identities FROM "
                           "{domain}.federated_identities c JOIN {control}.federated_identities ON "
                           "{control}.federated_identities.idp_number = c.idp_number AND "
                           "{control}.federated_identities.subject = c.subject WHERE c.seq > ? AND "
                           "c.seq <= ? AND "
                           "SUBSTRING({control}.federated_identities.user_id, 11, 2) = ?",
                           copies, control),
                {from, from + kSharedAtOnce, Blob{bytes}});
      batch.add(copying, {from, from + kSharedAtOnce});
    });
    if (!shared && session.failure() == Failure::kDuplicate) return linkedElsewhere();
    if (!shared) return shared;
  }
  last = lastOf(session, control + "." + quoteName(kLinks));
  if (!last) return propagate(last);
  for (std::uint64_t from = 0; from < *last; from += kSharedAtOnce) {
    auto gone = runRepeatedly(session, [&](StatementBatch& batch) {
      batch.add(forSchemas("DELETE {control}.federated_identities FROM "
                           "{control}.federated_identities LEFT JOIN {domain}.federated_identities "
                           "c ON c.idp_number = {control}.federated_identities.idp_number AND "
                           "c.subject = {control}.federated_identities.subject WHERE "
                           "{control}.federated_identities.seq > ? AND "
                           "{control}.federated_identities.seq <= ? AND "
                           "SUBSTRING({control}.federated_identities.user_id, 11, 2) = ? AND "
                           "c.seq IS NULL",
                           copies, control),
                {from, from + kSharedAtOnce, Blob{bytes}});
    });
    if (!gone) return gone;
  }
  return {};
}

Result<void> shareRows(Session& session, const std::string& control, const std::string& copies,
                       const std::string& columns, std::string_view table) {
  const auto copy = copies + "." + quoteName(table);
  const auto copying = copyingText(copy, control + "." + quoteName(table), columns);
  auto last = lastOf(session, copy);
  if (!last) return propagate(last);
  for (std::uint64_t from = 0; from < *last; from += kSharedAtOnce) {
    auto shared = runRepeatedly(session, [&](StatementBatch& batch) {
      batch.add(copying, {from, from + kSharedAtOnce});
    });
    if (!shared) return shared;
  }
  return {};
}

}  // namespace

PrimaryPlace::PrimaryPlace(Session& session, std::string control, DomainRow former,
                           DomainRow wanted)
    : session_(&session),
      control_(std::move(control)),
      former_(std::move(former)),
      wanted_(std::move(wanted)) {
  const auto front = fenceNamesOf(former_).front;
  const bool is_restored = front.ends_with(kRestoredSuffix);
  const auto plain = is_restored ? front.substr(0, front.size() - kRestoredSuffix.size()) : front;
  wanted_.tables = {former_.tables.number,
                    quoteName(is_restored ? plain : plain + std::string(kRestoredSuffix))};
  wanted_.state = "restoring";
  wanted_.created = former_.created;
  copies_ = quoteName(plain + std::string(kCopiesSuffix));
}

bool PrimaryPlace::isCopied(std::string_view table) {
  return std::find(kCopied.begin(), kCopied.end(), table) != kCopied.end();
}

Result<PrimaryPlace> PrimaryPlace::make(Session& session, const std::string& control_schema,
                                        DomainRow wanted, bool replace) {
  auto former = readDomain(session, control_schema, wanted.name);
  if (!former) return propagate(former);
  if (former->state != "active" && former->state != "restoring") {
    return failure(ErrorKind::kConflict, "the user store domain " + wanted.name.value() +
                                             " is in state " + former->state + ": end that first");
  }
  PrimaryPlace place(session, control_schema, *std::move(former), std::move(wanted));
  const auto schema = unquoteName(place.former_.tables.schema);
  StatementBatch batch;
  batch.add(
      inControl("SELECT COUNT(*) FROM {control}.migrations WHERE schema_name = ?", control_schema),
      {std::string_view(schema)});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  place.held_ = unsignedAt(results->front().rows.at(0), 0) != 0;
  if (place.former_.state == "active" && !replace) {
    // In front of the fence too: nobody is refused anything for a command that is.
    if (auto empty = place.requireEmpty(); !empty) return propagate(empty);
  }
  if (auto entered = place.enter(replace); !entered) {
    return place.giveBack(std::move(entered.error()));
  }
  return place;
}

Result<void> PrimaryPlace::enter(bool replace) {
  if (held_) {
    if (auto fenced = announce(); !fenced) return fenced;
    auto empty = replace ? Result<void>() : requireEmpty();
    if (!empty) return empty;
  }
  return prepare();
}

Result<void> PrimaryPlace::requireEmpty() const {
  auto holds = holdsResources(*session_, former_.tables.schema);
  if (!holds) return propagate(holds);
  if (!*holds) return {};
  return failure(ErrorKind::kUniqueness,
                 "the user store domain " + wanted_.name.value() +
                     " holds users or groups: --replace restores it over what it holds now");
}

Result<void> PrimaryPlace::announce() {
  const std::uint64_t number = former_.tables.number.value();
  StatementBatch batch;
  // Told apart from the fence, and in front of it: where this is stopped behind the RENAME, the
  // state says why there are no tables.
  beginChange(batch, control_);
  batch.add(
      inControl("UPDATE {control}.domains SET state = 'restoring' WHERE number = ?", control_),
      {number});
  auto results = batch.commit().repeatable().run(*session_);
  if (!results) return propagate(results);
  const auto names = fenceNamesOf(former_);
  auto fenced =
      moveTables(*session_, control_, former_, names.front, names.behind, "restoring", nullptr);
  if (!fenced) return fenced;
  former_.state = "restoring";
  former_.tables.schema = quoteName(names.behind);
  return {};
}

Result<void> PrimaryPlace::clear() const {
  const auto schema = unquoteName(wanted_.tables.schema);
  StatementBatch batch;
  // The record goes last: a schema without one is no migrated schema, and is dropped by the next.
  batch.add("DROP DATABASE IF EXISTS " + copies_);
  batch.add("DROP DATABASE IF EXISTS " + wanted_.tables.schema);
  batch.add(inControl("DELETE FROM {control}.migrations WHERE schema_name = ?", control_),
            {std::string_view(schema)});
  auto results = batch.repeatable().run(*session_);
  if (!results) return propagate(results);
  return {};
}

Result<void> PrimaryPlace::prepare() const {
  auto prepared = clear();
  if (prepared) prepared = createSchema(*session_, wanted_.tables.schema);
  if (prepared) prepared = createSchema(*session_, copies_);
  if (!prepared) return prepared;
  StatementBatch batch;
  for (const auto table : kCopied) {
    const auto copy = copies_ + "." + quoteName(table);
    batch.add("CREATE TABLE " + copy + " LIKE " + control_ + "." + quoteName(table));
    // By which they are taken out in portions.
    if (table == kLinks) continue;
    batch.add("ALTER TABLE " + copy +
              " ADD COLUMN seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT UNIQUE");
  }
  auto results = batch.run(*session_);
  if (!results) return propagate(results);
  return {};
}

Result<void> PrimaryPlace::refuseOtherDomainsLinks() const {
  const auto bytes = numberBytes();
  StatementBatch batch;
  batch.add(forSchemas("SELECT EXISTS (SELECT 1 FROM {domain}.federated_identities c JOIN "
                       "{control}.federated_identities f ON f.idp_number = c.idp_number AND "
                       "f.subject = c.subject WHERE SUBSTRING(f.user_id, 11, 2) <> ?)",
                       copies_, control_),
            {Blob{bytes}});
  auto results = batch.run(*session_);
  if (!results) return propagate(results);
  return unsignedAt(results->front().rows.at(0), 0) == 0 ? Result<void>() : linkedElsewhere();
}

Result<void> PrimaryPlace::dropFormer() {
  const auto schema = unquoteName(former_.tables.schema);
  StatementBatch batch;
  beginChange(batch, control_);
  batch.add(inControl("DELETE FROM {control}.migrations WHERE schema_name = ?", control_),
            {std::string_view(schema)});
  auto results = batch.commit().repeatable().run(*session_);
  if (!results) return propagate(results);
  held_ = false;
  // Readers that come behind the DROP wait as long.
  batch.add("SET SESSION lock_wait_timeout = 20");
  batch.add("DROP DATABASE IF EXISTS " + former_.tables.schema);
  if (results = batch.repeatable().run(*session_); !results) return propagate(results);
  return {};
}

Result<void> PrimaryPlace::share(std::string_view table) const {
  const auto columns = columnsOf(*session_, control_, table);
  if (!columns) return tl::make_unexpected(columns.error());
  if (table == kLinks) return shareLinks(*session_, control_, copies_, *columns);
  return shareRows(*session_, control_, copies_, *columns, table);
}

Result<void> PrimaryPlace::takeEffect() {
  if (auto free = refuseOtherDomainsLinks(); !free) return free;
  if (auto dropped = dropFormer(); !dropped) return dropped;
  auto cleared = deleteConsentOfDomain(*session_, control_, wanted_.tables.number);
  if (cleared) cleared = forgetImportsOfDomain(*session_, control_, wanted_.tables.number);
  if (!cleared) return cleared;
  const std::uint64_t number = wanted_.tables.number.value();
  StatementBatch batch;
  batch.add(inControl("DELETE FROM {control}.attribute_indexes WHERE domain_number = ?", control_),
            {number});
  auto results = batch.repeatable().run(*session_);
  if (!results) return propagate(results);
  for (const auto table : kCopied) {
    if (auto shared = share(table); !shared) return shared;
  }
  results = batch.add("DROP DATABASE IF EXISTS " + copies_).repeatable().run(*session_);
  if (!results) return propagate(results);
  return {};
}

Result<void> PrimaryPlace::activate(const AuditEvent& event) {
  const std::uint64_t number = wanted_.tables.number.value();
  const auto schema = unquoteName(wanted_.tables.schema);
  StatementBatch batch;
  beginChange(batch, control_);
  batch.add(
      inControl("UPDATE {control}.domains SET schema_name = ?, state = 'active', description "
                "= ?, settings = ?, version = ?, modified = ? WHERE number = ? AND state = "
                "'restoring'",
                control_),
      {std::string_view(schema), std::string_view(wanted_.description),
       std::string_view(wanted_.settings), wanted_.version.value(), wanted_.modified, number});
  auto results = commitChange(batch, *session_, control_, &event);
  if (!results) return propagate(results);
  wanted_.state = "active";
  return {};
}

tl::unexpected<Error> PrimaryPlace::giveBack(Error because) {
  if (!held_) return tl::make_unexpected(std::move(because));
  auto given = clear();
  const auto names = fenceNamesOf(former_);
  if (given) {
    given = moveTables(*session_, control_, former_, names.behind, names.front, "active", nullptr);
  }
  if (!given) {
    because.detail += "; what " + former_.name.value() +
                      " holds could not be given back either, and takes no writes until this is "
                      "run again: " +
                      given.error().detail;
    because.internal += given.error().internal;
  }
  return tl::make_unexpected(std::move(because));
}

}  // namespace vestibule::store
