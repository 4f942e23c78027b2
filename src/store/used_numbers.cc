#include "store/used_numbers.h"

#include <algorithm>
#include <string_view>

#include "store/backup_tables.h"
#include "store/control_change.h"
#include "store/result_rows.h"
#include "store/statement_batch.h"
#include "store/statement_text.h"

namespace vestibule::store {
namespace {

/// Where a number is named.
struct Naming {
  std::string_view table;
  std::string_view column;
  bool in_domains = false;  ///< the table is one of each domain
};

/// A table that gives its rows numbers.
struct Numbered {
  std::string_view table;
  std::string_view columns;  ///< those that need a value beside the number
  std::string_view values;
  std::vector<Naming> named;
};

const std::vector<Numbered>& numberedTables() {
  static const std::vector<Numbered> tables = {
      {"identity_providers",
       "name, settings, version, created, modified",
       "'', '', 1, 0, 0",
       {{"idp_grants", "idp_number", true}, {"federated_identities", "idp_number"}}},
      {"consent_purposes",
       "name, settings, terms, version, created, modified",
       "'', '', '', 1, 0, 0",
       {{"consent_purpose_versions", "number"}, {"consent_decisions", "purpose_number"}}},
      {"event_streams",
       "name, settings, version, created, modified",
       "'', '', 1, 0, 0",
       {{"event_deliveries", "stream_number"}, {"event_stream_progress", "stream_number"}}},
      {"outbound_targets",
       "name, settings, secret, enabled, version, created, modified",
       "'', '', '', 0, 1, 0, 0",
       {{"outbound_pending", "target"},
        {"outbound_links", "target"},
        {"outbound_members", "target"}}},
  };
  return tables;
}

void addHighest(StatementBatch& batch, const std::string& schema, std::string_view table,
                std::string_view column) {
  batch.add("SELECT COALESCE(MAX(" + std::string(column) + "), 0) FROM " + schema + "." +
            std::string(table));
}

/// By a row that comes and goes in one transaction: ALTER TABLE would take the counter back where
/// it is higher, and ask for a privilege, and a rollback would not reach the other nodes of a
/// cluster.
Result<bool> reserve(Session& session, const std::string& control, const Numbered& numbered,
                     std::uint64_t number) {
  const std::string table = control + "." + std::string(numbered.table);
  std::string insert = "INSERT INTO " + table;
  insert.append(" (number, ").append(numbered.columns).append(") VALUES (?, ");
  insert.append(numbered.values).append(")");
  StatementBatch batch;
  batch.begin().add(insert, {number}).add("DELETE FROM " + table + " WHERE number = ?", {number});
  auto results = batch.commit().run(session);
  if (results) return true;
  const bool is_given = session.failure() == Failure::kDuplicate;
  rollback(session);
  if (is_given) return false;
  return propagate(results);
}

}  // namespace

Result<bool> reserveNumber(Session& session, const std::string& control_schema,
                           std::string_view table, std::uint64_t number) {
  const auto& tables = numberedTables();
  const auto found = std::find_if(tables.begin(), tables.end(),
                                  [&](const auto& one) { return one.table == table; });
  if (found == tables.end()) return internalFailure("no numbers of " + std::string(table));
  return reserve(session, control_schema, *found, number);
}

Result<void> passUsedNumbers(Session& session, const std::string& control_schema,
                             const std::vector<std::string>& domain_schemas) {
  auto there = readTableNames(session, control_schema);
  if (!there) return propagate(there);
  for (const auto& numbered : numberedTables()) {
    if (!there->contains(numbered.table)) continue;
    StatementBatch batch;
    addHighest(batch, control_schema, numbered.table, "number");
    for (const auto& naming : numbered.named) {
      if (naming.in_domains) {
        for (const auto& schema : domain_schemas) {
          addHighest(batch, schema, naming.table, naming.column);
        }
      } else if (there->contains(naming.table)) {
        addHighest(batch, control_schema, naming.table, naming.column);
      }
    }
    auto results = batch.run(session);
    if (!results) return propagate(results);
    const auto highest = unsignedAt(results->front().rows.at(0), 0);
    std::uint64_t used = 0;
    for (const auto& result : *results) used = std::max(used, unsignedAt(result.rows.at(0), 0));
    if (used <= highest) continue;
    auto reserved = reserve(session, control_schema, numbered, used);
    if (!reserved) return propagate(reserved);
  }
  return {};
}

}  // namespace vestibule::store
