#include "bulk_load.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

#include "sql_rows.h"
#include "store/statement_batch.h"
#include "store/user_rows.h"

namespace vestibule::bench {
namespace {

using store::Session;
using store::StatementBatch;
using store::StatementResult;

constexpr std::uint64_t kUsersPerChunk = 1'000;
constexpr std::uint64_t kMembersPerChunk = 10'000;
/// 2026-01-05T08:00:00Z; later users were created later.
constexpr std::uint64_t kFirstCreated = 1'767'600'000'000'000;
constexpr std::chrono::seconds kProgressEvery{5};
constexpr std::chrono::seconds kSettleLimit{120};
constexpr std::uint64_t kFewDirtyPages = 200;
constexpr std::uint64_t kShortHistory = 1'000;

Result<StatementResult> execute(Session& session, const std::string& sql) {
  StatementBatch batch;
  batch.add(sql);
  auto results = batch.run(session);
  if (!results) return propagate(results);
  return std::move(results->front());
}

Result<void> executeAll(Session& session, const std::vector<std::string>& statements) {
  for (const auto& statement : statements) {
    if (auto done = execute(session, statement); !done) return propagate(done);
  }
  return {};
}

/// Runs statements with values in their text, which a batch would take for parameters.
Result<void> insertAll(Session& session, const std::vector<std::string>& statements) {
  for (const auto& statement : statements) {
    if (mysql_real_query(session.handle(), statement.data(), statement.size()) != 0) {
      return tl::make_unexpected(
          session.fail(mysql_errno(session.handle()), mysql_error(session.handle())));
    }
  }
  return {};
}

std::uint64_t numberOf(const std::optional<std::string>& value) {
  return value ? std::strtoull(value->c_str(), nullptr, 10) : 0;
}

/// Row numbers, see Layout.
std::uint64_t userRow(std::uint64_t n) { return n + 1; }
std::uint64_t groupRow(std::uint64_t g) { return g + 1; }

/// The rows of some users in every table.
class Chunk {
 public:
  explicit Chunk(const Workbench& bench)
      : bench_(bench),
        users_(
            "INSERT INTO " + bench.domainSchema() +
            ".users (seq, id, user_name_fold, user_name_case, external_id_key, version, created, "
            "modified, password_hash, document) VALUES "),
        attributes_("INSERT INTO " + bench.domainSchema() +
                    ".user_attributes (attribute, value_key, user_seq) VALUES "),
        memberships_("INSERT INTO " + bench.domainSchema() +
                     ".memberships (group_seq, user_seq, by_scim) VALUES "),
        grants_("INSERT INTO " + bench.domainSchema() +
                ".idp_grants (user_seq, idp_number, group_seq) VALUES "),
        identities_("INSERT INTO " + bench.controlSchema() +
                    ".federated_identities (idp_number, subject, user_id, claims_digest, "
                    "user_version, created, last_synced) VALUES ") {}

  Result<void> add(std::uint64_t n) {
    const auto& people = bench_.population();
    const Person person = people.person(n);
    const std::uint64_t created = kFirstCreated + n * 1'000;
    auto write = bench_.writeOfLinked(person, static_cast<Timestamp>(created));
    if (!write) return propagate(write);
    auto digest = bench_.digestOf(person);
    if (!digest) return propagate(digest);

    const auto id = people.userId(n);
    const auto external_id = store::externalIdKey(write->keys.external_id);
    users_.row()
        .number(userRow(n))
        .bytes(id.bytes())
        .text(write->keys.user_name_fold)
        .text(write->keys.user_name_case);
    if (external_id) {
      users_.bytes(*external_id);
    } else {
      users_.null();
    }
    users_.number(1).number(created).number(created).null().text(write->document);
    for (const auto& entry : write->keys.entries) {
      attributes_.row().number(entry.index).bytes(entry.key).number(userRow(n));
    }
    const std::uint64_t department = groupRow(1 + person.department);
    memberships_.row().number(department).number(userRow(n)).number(0);
    grants_.row().number(userRow(n)).number(bench_.providerNumber()).number(department);
    identities_.row()
        .number(bench_.providerNumber())
        .text(person.subject())
        .bytes(id.bytes())
        .bytes(*digest)
        .number(1)
        .number(created)
        .number(created);
    return {};
  }

  Result<void> store(Session& session) const {
    return executeAll(session,
                      {users_.statement(), attributes_.statement(), memberships_.statement(),
                       grants_.statement(), identities_.statement()});
  }

 private:
  const Workbench& bench_;
  SqlRows users_;
  SqlRows attributes_;
  SqlRows memberships_;
  SqlRows grants_;
  SqlRows identities_;
};

/// A session that trusts its rows: what it stores is unique and complete by construction.
Result<std::unique_ptr<Session>> bulkSession(const Workbench& bench) {
  auto session = bench.connect();
  if (!session) return propagate(session);
  auto done = execute(**session, "SET SESSION foreign_key_checks = 0, SESSION unique_checks = 0");
  if (!done) return propagate(done);
  return session;
}

/// What is in the domain before a load.
enum class Present { kNothing, kPart, kAll, kOther };

Result<Present> whatIsThere(const Workbench& bench, Session& session) {
  const auto& people = bench.population();
  const auto& layout = people.layout();
  auto rows = execute(session, "SELECT seq, id FROM " + bench.domainSchema() +
                                   ".users WHERE seq IN (1, " + std::to_string(layout.users) +
                                   ", " + std::to_string(layout.users + 1) + ")");
  if (!rows) return propagate(rows);
  auto any = execute(session, "SELECT 1 FROM " + bench.domainSchema() + ".users LIMIT 1");
  if (!any) return propagate(any);
  if (any->rows.empty()) return Present::kNothing;
  bool first = false;
  bool last = false;
  bool more = false;
  for (const auto& row : rows->rows) {
    const auto n = numberOf(row.at(0)) - 1;
    const bool ours = row.at(1) == people.userId(n).bytes();
    first |= n == 0 && ours;
    last |= n + 1 == layout.users && ours;
    more |= n == layout.users && ours;
  }
  if (!first || more) return Present::kOther;
  return last ? Present::kAll : Present::kPart;
}

Result<void> clear(const Workbench& bench, Session& session) {
  for (const char* table :
       {"idp_grants", "memberships", "user_groups", "user_attributes", "users"}) {
    auto done = execute(session, "TRUNCATE TABLE " + bench.domainSchema() + "." + table);
    if (!done) return propagate(done);
  }
  auto done = execute(session, "DELETE FROM " + bench.controlSchema() +
                                   ".federated_identities WHERE idp_number = " +
                                   std::to_string(bench.providerNumber()));
  if (!done) return propagate(done);
  return {};
}

Result<void> loadGroups(const Workbench& bench, Session& session) {
  const auto& people = bench.population();
  const auto& layout = people.layout();
  SqlRows groups("INSERT INTO " + bench.domainSchema() +
                 ".user_groups (seq, id, display_name, display_name_key, external_id_key, version, "
                 "created, modified, document) VALUES ");
  for (std::uint64_t g = 0; g < layout.groups(); ++g) {
    auto write = bench.writeOfGroup(g);
    if (!write) return propagate(write);
    groups.row()
        .number(groupRow(g))
        .bytes(people.groupId(g).bytes())
        .text(write->keys.display_name)
        .text(write->keys.display_name_key)
        .null()
        .number(1)
        .number(kFirstCreated)
        .number(kFirstCreated)
        .text(write->document);
  }
  if (auto done = insertAll(session, {groups.statement()}); !done) return done;

  const auto insert =
      "INSERT INTO " + bench.domainSchema() + ".memberships (group_seq, user_seq, by_scim) VALUES ";
  for (std::uint64_t from = 0; from < layout.largeMembers(); from += kMembersPerChunk) {
    SqlRows members(insert);
    for (auto n = from; n < std::min(from + kMembersPerChunk, layout.largeMembers()); ++n) {
      members.row().number(groupRow(0)).number(userRow(n)).number(1);
    }
    if (auto done = insertAll(session, {members.statement()}); !done) return done;
  }
  SqlRows members(insert);
  for (std::uint64_t small = 0; small < layout.smallGroups(); ++small) {
    for (const auto n : layout.membersOfSmall(small)) {
      members.row().number(groupRow(layout.firstSmallGroup() + small)).number(userRow(n)).number(1);
    }
  }
  if (auto done = insertAll(session, {members.statement()}); !done) return done;
  return {};
}

/// Loads all users but the last on several connections.
class UserLoad {
 public:
  UserLoad(const Workbench& bench, unsigned connections)
      : bench_(bench), users_(bench.population().layout().users - 1), connections_(connections) {}

  Result<void> run() {
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < connections_; ++i) threads.emplace_back([this] { work(); });
    std::thread progress([this] { showProgress(); });
    for (auto& thread : threads) thread.join();
    finished_ = true;
    progress.join();
    if (error_) return tl::make_unexpected(*error_);
    return {};
  }

 private:
  void work() {
    auto session = bulkSession(bench_);
    if (!session) return stop(session.error());
    for (;;) {
      const auto from = next_.fetch_add(kUsersPerChunk);
      if (from >= users_) return;
      const auto to = std::min(from + kUsersPerChunk, users_);
      Chunk chunk(bench_);
      for (auto n = from; n < to; ++n) {
        if (auto added = chunk.add(n); !added) return stop(added.error());
      }
      if (auto stored = chunk.store(**session); !stored) return stop(stored.error());
      done_ += to - from;
    }
  }

  void stop(const Error& error) {
    next_ = users_;
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = error;
  }

  void showProgress() const {
    for (auto next = std::chrono::steady_clock::now() + kProgressEvery; !finished_;) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      if (std::chrono::steady_clock::now() < next) continue;
      next += kProgressEvery;
      static_cast<void>(std::fprintf(stderr, "bench_data: %s of %s users\n",
                                     std::to_string(done_.load()).c_str(),
                                     std::to_string(users_ + 1).c_str()));
    }
  }

  const Workbench& bench_;
  const std::uint64_t users_;
  const unsigned connections_;
  std::atomic<std::uint64_t> next_{0};
  std::atomic<std::uint64_t> done_{0};
  std::atomic<bool> finished_{false};
  std::mutex mutex_;
  std::optional<Error> error_;
};

Result<std::uint64_t> statusOf(Session& session, const std::string& name) {
  auto rows = execute(session, "SHOW GLOBAL STATUS LIKE '" + name + "'");
  if (!rows) return propagate(rows);
  return rows->rows.empty() ? 0 : numberOf(rows->rows.front().at(1));
}

}  // namespace

Result<bool> loadPopulation(const Workbench& bench, unsigned connections) {
  auto session = bulkSession(bench);
  if (!session) return propagate(session);
  auto present = whatIsThere(bench, **session);
  if (!present) return propagate(present);
  if (*present == Present::kAll) return false;
  if (*present == Present::kOther) {
    return failure(ErrorKind::kConflict,
                   "the domain holds users of another benchmark; delete the data directory");
  }
  if (auto cleared = clear(bench, **session); !cleared) return propagate(cleared);
  if (auto loaded = loadGroups(bench, **session); !loaded) return propagate(loaded);
  if (auto loaded = UserLoad(bench, connections).run(); !loaded) return propagate(loaded);
  // The last user comes last: where it is, everything is.
  Chunk chunk(bench);
  if (auto added = chunk.add(bench.population().layout().users - 1); !added) {
    return propagate(added);
  }
  if (auto stored = chunk.store(**session); !stored) return propagate(stored);
  for (const char* table :
       {"users", "user_attributes", "user_groups", "memberships", "idp_grants"}) {
    auto done = execute(**session, "ANALYZE TABLE " + bench.domainSchema() + "." + table);
    if (!done) return propagate(done);
  }
  auto done =
      execute(**session, "ANALYZE TABLE " + bench.controlSchema() + ".federated_identities");
  if (!done) return propagate(done);
  return true;
}

Result<void> warmDatabase(const Workbench& bench) {
  auto session = bench.connect();
  if (!session) return propagate(session);
  const auto scan = [&](const std::string& table, const std::string& index) {
    return "SELECT COUNT(*) FROM " + table + " FORCE INDEX (" + index + ")";
  };
  const auto domain = bench.domainSchema() + ".";
  const auto identities = bench.controlSchema() + ".federated_identities";
  return executeAll(
      **session,
      {"SELECT SUM(LENGTH(document)) FROM " + domain + "users", scan(domain + "users", "user_id"),
       scan(domain + "users", "user_user_name"), scan(domain + "users", "user_external_id"),
       scan(domain + "user_attributes", "PRIMARY"),
       scan(domain + "user_attributes", "user_attribute_user"),
       scan(domain + "user_groups", "PRIMARY"), scan(domain + "memberships", "PRIMARY"),
       scan(domain + "memberships", "membership_user"), scan(domain + "idp_grants", "PRIMARY"),
       scan(domain + "idp_grants", "idp_grant_membership"),
       "SELECT SUM(LENGTH(claims_digest)) FROM " + identities,
       scan(identities, "federated_identity_subject"),
       scan(identities, "federated_identity_user")});
}

Result<void> removeAddedMembers(const Workbench& bench) {
  auto session = bench.connect();
  if (!session) return propagate(session);
  const auto& layout = bench.population().layout();
  const auto added = " AND user_seq > " + std::to_string(layout.largeMembers());
  const auto from = "DELETE FROM " + bench.domainSchema() + ".memberships WHERE group_seq ";
  return executeAll(
      **session, {from + "= " + std::to_string(groupRow(0)) + added,
                  from + "BETWEEN " + std::to_string(groupRow(layout.firstSmallGroup())) + " AND " +
                      std::to_string(groupRow(layout.groups() - 1)) + added});
}

Result<void> settleDatabase(const Workbench& bench) {
  auto session = bench.connect();
  if (!session) return propagate(session);
  auto before = execute(**session,
                        "SELECT @@GLOBAL.innodb_max_dirty_pages_pct, @@GLOBAL.innodb_io_capacity, "
                        "@@GLOBAL.innodb_io_capacity_max");
  if (!before) return propagate(before);
  // At the capacity of a small disk, the pages of a million users take half an hour.
  auto set = executeAll(**session, {"SET GLOBAL innodb_max_dirty_pages_pct = 0",
                                    "SET GLOBAL innodb_io_capacity_max = 40000",
                                    "SET GLOBAL innodb_io_capacity = 20000"});
  if (!set) return set;
  const auto limit = std::chrono::steady_clock::now() + kSettleLimit;
  Result<void> outcome;
  while (std::chrono::steady_clock::now() < limit) {
    auto dirty = statusOf(**session, "Innodb_buffer_pool_pages_dirty");
    auto history = statusOf(**session, "Innodb_history_list_length");
    if (!dirty) outcome = propagate(dirty);
    if (!history) outcome = propagate(history);
    if (!outcome || (*dirty <= kFewDirtyPages && *history <= kShortHistory)) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  const auto& settings = before->rows.front();
  auto restored = executeAll(
      **session, {"SET GLOBAL innodb_max_dirty_pages_pct = " + settings.at(0).value_or("90"),
                  "SET GLOBAL innodb_io_capacity = " + settings.at(1).value_or("200"),
                  "SET GLOBAL innodb_io_capacity_max = " + settings.at(2).value_or("2000")});
  if (outcome && !restored) return restored;
  return outcome;
}

}  // namespace vestibule::bench
