#include "import_load.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "sql_rows.h"
#include "store/statement_batch.h"
#include "store/user_rows.h"

namespace vestibule::bench {
namespace {

constexpr std::uint64_t kUsersPerTransaction = 500;
/// Bytes of the names of what is new of a user.
constexpr std::size_t kAuditedChanges = 150;

/// Somebody whose label nobody has yet.
Person newPerson(const Workbench& bench, std::uint64_t first_label, std::uint64_t n) {
  const auto& people = bench.population();
  return people.person(n % people.layout().users, newLabel(first_label + n));
}

std::uint64_t labelsFromNow() { return static_cast<std::uint64_t>(now()); }

using Statements = std::vector<std::string>;

/// The statements of one transaction, for users from `from` on that get the rows behind `row`.
Result<Statements> statementsOf(const Workbench& bench, std::uint64_t first_label,
                                std::uint64_t from, std::uint64_t count, std::uint64_t row) {
  SqlRows users("INSERT INTO " + bench.domainSchema() +
                ".users (seq, id, user_name_fold, user_name_case, external_id_key, version, "
                "created, modified, password_hash, document) VALUES ");
  SqlRows attributes("INSERT INTO " + bench.domainSchema() +
                     ".user_attributes (attribute, value_key, user_seq) VALUES ");
  SqlRows events("INSERT INTO " + bench.controlSchema() +
                 ".audit_events (occurred, correlation_id, action, actor_id, actor_name, "
                 "domain_number, domain_name, resource_id, version_after, changes) VALUES ");
  for (std::uint64_t n = from; n < from + count; ++n) {
    auto write = bench.writeOf(newPerson(bench, first_label, n));
    if (!write) return propagate(write);
    const auto id = ResourceId::generate(bench.domainNumber(), ResourceKind::kUser);
    const auto external_id = store::externalIdKey(write->keys.external_id);
    const std::uint64_t seq = row + n;
    const auto time = static_cast<std::uint64_t>(now());
    users.row()
        .number(seq)
        .bytes(id.bytes())
        .text(write->keys.user_name_fold)
        .text(write->keys.user_name_case);
    if (external_id) {
      users.bytes(*external_id);
    } else {
      users.null();
    }
    users.number(1).number(time).number(time).null().text(write->document);
    for (const auto& entry : write->keys.entries) {
      attributes.row().number(entry.index).bytes(entry.key).number(seq);
    }
    events.row()
        .number(time)
        .text("0123456789abcdef")
        .text("user.created")
        .text("")
        .text("cli")
        .number(bench.domainNumber().value())
        .text(kDomain)
        .bytes(id.bytes())
        .number(1)
        .text(std::string(kAuditedChanges, 'c'));
  }
  return Statements{"BEGIN", users.statement(), attributes.statement(), events.statement(),
                    "COMMIT"};
}

Result<std::uint64_t> lastRow(const Workbench& bench, store::Session& session) {
  store::StatementBatch batch;
  batch.add("SELECT COALESCE(MAX(seq), 0) FROM " + bench.domainSchema() + ".users");
  auto results = batch.run(session);
  if (!results) return propagate(results);
  return std::strtoull(results->front().rows.front().front()->c_str(), nullptr, 10);
}

}  // namespace

void writeImportFile(const Workbench& bench, std::uint64_t users) {
  const auto first_label = labelsFromNow();
  for (std::uint64_t n = 0; n < users; ++n) {
    static_cast<void>(std::printf("%s\n", scimUser(newPerson(bench, first_label, n)).c_str()));
  }
}

Result<double> runImportBound(const Workbench& bench, std::uint64_t users, unsigned connections) {
  std::vector<std::unique_ptr<store::Session>> sessions;
  for (unsigned i = 0; i < connections; ++i) {
    auto session = bench.connect();
    if (!session) return propagate(session);
    sessions.push_back(*std::move(session));
  }
  auto row = lastRow(bench, *sessions.front());
  if (!row) return propagate(row);
  const auto first_label = labelsFromNow();
  std::vector<Statements> transactions;
  for (std::uint64_t from = 0; from < users; from += kUsersPerTransaction) {
    auto statements = statementsOf(bench, first_label, from,
                                   std::min(kUsersPerTransaction, users - from), *row + 1);
    if (!statements) return propagate(statements);
    transactions.push_back(*std::move(statements));
  }

  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::optional<Error> problem;
  const auto begun = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (auto& session : sessions) {
    threads.emplace_back([&, own = session.get()] {
      for (std::size_t at = next++; at < transactions.size(); at = next++) {
        for (const auto& statement : transactions[at]) {
          if (auto done = store::runVerbatim(*own, statement); !done) {
            const std::lock_guard lock(mutex);
            problem = std::move(done.error());
            return;
          }
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  if (problem) return tl::make_unexpected(*std::move(problem));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

}  // namespace vestibule::bench
