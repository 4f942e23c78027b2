#include "store/domain_transfer.h"

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>

#include "store/backup.h"
#include "store/backup_tables.h"
#include "store/control_change.h"
#include "store/domain_move.h"
#include "store/domain_place.h"
#include "store/domain_restore.h"
#include "store/result_rows.h"
#include "store/schema_lock.h"
#include "store/session.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

constexpr unsigned kLockSeconds = 10;

/// One side of a move.
struct Side {
  std::unique_ptr<Session> session;
  std::string control;
  std::optional<SchemaLock> lock;
};

Result<Side> openSide(const Database& database) {
  Side side;
  auto session = openLongSession(database);
  if (!session) return propagate(session);
  side.session = *std::move(session);
  side.control = database.controlSchema();
  return side;
}

Result<void> lockSide(Side& side) {
  auto lock = SchemaLock::take(*side.session, side.control, kLockSeconds);
  if (!lock) return propagate(lock);
  side.lock.emplace(*std::move(lock));
  return {};
}

/// The domain of this name, or nothing.
Result<std::optional<DomainRow>> findOn(const Side& side, const DomainName& name) {
  auto row = readDomain(*side.session, side.control, name);
  if (row) return std::optional(*std::move(row));
  if (row.error().kind == ErrorKind::kNotFound) return std::optional<DomainRow>();
  return propagate(row);
}

/// The same domain, and not another one of its name.
bool isSame(const DomainRow& one, const DomainRow& other) {
  return one.tables.number == other.tables.number && one.created == other.created;
}

Result<std::string> installationOn(const Side& side) {
  auto primary = readDomain(*side.session, side.control, DomainName("PRIMARY"));
  if (!primary) return propagate(primary);
  return installationOf(primary->created);
}

Result<void> checkInstallations(const Side& source, const Side& target) {
  auto here = installationOn(source);
  if (!here) return propagate(here);
  auto there = installationOn(target);
  if (!there) return propagate(there);
  if (*here != *there) return {};
  return failure(ErrorKind::kConflict,
                 "the target is this installation itself, or a copy of it: a domain is moved to "
                 "another one");
}

/// Error kConflict when the target lacks an identity provider that has links to users of the
/// domain.
Result<void> checkProviders(const Side& source, const Side& target, const DomainRow& row) {
  const auto& identities = *findOwnedTable("federated_identities");
  const std::vector<BackupName> domains = {{row.tables.number.value(), row.name.value()}};
  StatementBatch batch;
  batch.add(inControl("SELECT p.name FROM {control}.identity_providers p WHERE EXISTS (SELECT 1 "
                      "FROM {control}.federated_identities WHERE idp_number = p.number AND ",
                      source.control) +
            ownedCondition(identities, domains) + ") ORDER BY p.name");
  auto needed = batch.run(*source.session);
  if (!needed) return propagate(needed);
  batch.add(inControl("SELECT name FROM {control}.identity_providers", target.control));
  auto known = batch.run(*target.session);
  if (!known) return propagate(known);
  std::string lacking;
  const auto& there = known->front().rows;
  for (const auto& provider : needed->front().rows) {
    if (std::find(there.begin(), there.end(), provider) != there.end()) continue;
    lacking += (lacking.empty() ? "" : ", ") + provider.at(0).value_or("");
  }
  if (lacking.empty()) return {};
  return failure(ErrorKind::kConflict,
                 "users of the domain are linked by identity providers that "
                 "the target does not have: " +
                     lacking + "; apply their settings there first");
}

/// Tables whose rows come as they are, of which the checksums must be equal.
bool isVerbatim(const BackupCount& count) { return count.domain && count.table != "idp_grants"; }

/// Those that are not copied whole, or hold rows of before at the target.
bool isCompared(const BackupCount& count) {
  if (count.domain) return count.table != "guard_rails";
  return count.table == "federated_identities" || count.table == "consent_receipts" ||
         count.table == "attribute_indexes";
}

Result<void> compare(const BackupEnd& source, const BackupEnd& target) {
  for (const auto& wanted : source.tables) {
    if (!isCompared(wanted)) continue;
    const auto found =
        std::find_if(target.tables.begin(), target.tables.end(), [&](const auto& count) {
          return count.domain == wanted.domain && count.table == wanted.table;
        });
    const bool same = found != target.tables.end() && found->rows == wanted.rows &&
                      (!isVerbatim(wanted) || found->sha256 == wanted.sha256);
    if (!same) {
      return failure(ErrorKind::kConflict, "the table " + wanted.table +
                                               " is not the same at the target: nothing was given "
                                               "up; run this again, or abort the move");
    }
  }
  return {};
}

tl::unexpected<Error> refusePrimary() {
  return failure(ErrorKind::kConflict,
                 "the PRIMARY domain cannot be moved: every installation has one of its own");
}

class Transfer {
 public:
  Transfer(Side& source, Side& target, Database& target_database, const MigrationSet& migrations,
           const DomainName& name, const TransferOptions& options)
      : source_(source),
        target_(target),
        target_database_(target_database),
        migrations_(migrations),
        name_(name),
        options_(options) {}

  Result<TransferReport> run(TransferEvents& events) {
    auto row = readDomain(*source_.session, source_.control, name_);
    if (!row) return propagate(row);
    auto there = findOn(target_, name_);
    if (!there) return propagate(there);
    const AuditDomain domain{row->tables.number, name_};
    events.began.domain = events.received.domain = events.gave.domain = domain;
    if (row->tables.number.value() == kPrimaryNumber) return refusePrimary();
    report_.resumed = row->state != "active";
    const bool served = *there && (*there)->state == "active" && isSame(*row, **there);
    if (row->state == "moved") {
      if (served) return std::move(report_);
      return failure(ErrorKind::kConflict,
                     "the domain was moved from here, and not to this target");
    }
    if (row->state != "moving" || !served) {
      // It went there from here before: what was kept there is older.
      replace_ = *there && (*there)->state == "moved" && isSame(*row, **there);
      if (auto copied = copy(*row, events); !copied) return propagate(copied);
    }
    auto finished = finishMove(*source_.session, source_.control, name_, events.gave);
    if (finished) finished = reach(TransferStep::kFinished);
    if (!finished) return propagate(finished);
    return std::move(report_);
  }

 private:
  Result<void> copy(const DomainRow& row, const TransferEvents& events) {
    if (row.state == "active") {
      // Found before anybody's writes are refused.
      const PlaceOptions place{replace_, false};
      auto checked = checkPlace(*target_.session, target_.control, row, place);
      if (checked) checked = checkProviders(source_, target_, row);
      if (!checked) return checked;
    }
    auto begun = beginMove(*source_.session, source_.control, name_, events.began);
    if (!begun) return propagate(begun);
    if (auto reached = reach(TransferStep::kAnnounced); !reached) return reached;
    std::this_thread::sleep_for(options_.hearing);
    auto fenced = raiseFence(*source_.session, source_.control, name_);
    if (!fenced) return propagate(fenced);
    if (auto reached = reach(TransferStep::kFenced); !reached) return reached;
    if (auto counted = countOperations(); !counted) return counted;

    DomainRestore restoring(
        *target_.session, name_,
        DomainRestoreOptions{target_.control, target_database_.options().schema_prefix,
                             &migrations_, replace_});
    BackupScope scope{{name_}, options_.program, true};
    auto sent = takeBackup(
        *source_.session, source_.control, scope,
        [&](const BackupRecord& record) { return restoring.take(record); }, options_.progress);
    if (!sent) return propagate(sent);
    if (auto reached = reach(TransferStep::kCopied); !reached) return reached;
    auto got = takeBackup(
        *target_.session, target_.control, scope,
        [](const BackupRecord&) { return Result<void>(); }, options_.progress);
    if (!got) return propagate(got);
    if (auto same = compare(*sent, *got); !same) return same;
    if (auto reached = reach(TransferStep::kCompared); !reached) return reached;
    if (auto completed = restoring.complete(); !completed) return completed;
    if (auto active = restoring.activate(events.received); !active) return active;
    report_.tables = restoring.counts();
    return reach(TransferStep::kServed);
  }

  Result<void> countOperations() {
    StatementBatch batch;
    // Queued, running and dead: what of them is about the domain is only known when they run.
    batch.add(inControl("SELECT COUNT(*) FROM {control}.operations WHERE state IN (1, 2, 3)",
                        source_.control));
    auto results = batch.run(*source_.session);
    if (!results) return propagate(results);
    report_.operations = unsignedAt(results->front().rows.at(0), 0);
    return {};
  }

  Result<void> reach(TransferStep step) const {
    if (options_.progress) options_.progress(name_.value() + ": " + std::string(nameOf(step)));
    return options_.reached ? options_.reached(step) : Result<void>();
  }

  Side& source_;
  Side& target_;
  Database& target_database_;
  const MigrationSet& migrations_;
  const DomainName& name_;
  const TransferOptions& options_;
  TransferReport report_;
  bool replace_ = false;
};

}  // namespace

std::string_view nameOf(TransferStep step) {
  switch (step) {
    case TransferStep::kAnnounced:
      return "announced";
    case TransferStep::kFenced:
      return "fenced";
    case TransferStep::kCopied:
      return "copied";
    case TransferStep::kCompared:
      return "compared";
    case TransferStep::kServed:
      return "served by the target";
    case TransferStep::kFinished:
      return "moved";
  }
  return "";
}

Result<TransferReport> transferDomain(Database& source, Database& target,
                                      const MigrationSet& migrations, const DomainName& name,
                                      TransferEvents events, const TransferOptions& options) {
  auto from = openSide(source);
  if (!from) return propagate(from);
  auto to = openSide(target);
  if (!to) return propagate(to);
  // In front of the locks, which would be one lock.
  auto ready = checkInstallations(*from, *to);
  if (ready) ready = lockSide(*from);
  if (ready) ready = lockSide(*to);
  if (!ready) return propagate(ready);
  return Transfer(*from, *to, target, migrations, name, options).run(events);
}

Result<void> abortTransfer(Database& source, Database* target, const DomainName& name,
                           AuditEvent event) {
  auto from = openSide(source);
  if (!from) return propagate(from);
  if (auto locked = lockSide(*from); !locked) return locked;
  auto row = readDomain(*from->session, from->control, name);
  if (!row) return propagate(row);
  if (row->state != "moving") {
    return failure(ErrorKind::kConflict, "the user store domain " + name.value() +
                                             " is not being moved: it is in state " + row->state);
  }
  event.domain = AuditDomain{row->tables.number, name};
  if (target != nullptr) {
    auto to = openSide(*target);
    if (!to) return propagate(to);
    if (auto apart = checkInstallations(*from, *to); !apart) return apart;
    if (auto locked = lockSide(*to); !locked) return locked;
    auto there = findOn(*to, name);
    if (!there) return propagate(there);
    if (*there && isSame(*row, **there)) {
      if ((*there)->state != "restoring") {
        return failure(ErrorKind::kConflict,
                       "the target serves the domain already: run the move again, which ends it");
      }
      auto deleted = deleteDomain(*to->session, to->control, name);
      if (!deleted) return deleted;
    }
  }
  return abortMove(*from->session, from->control, name, event);
}

}  // namespace vestibule::store
