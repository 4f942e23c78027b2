#include "store/backup_tables.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "base/resource_id.h"
#include "store/domain_tables.h"
#include "store/result_rows.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

ColumnKind kindOf(std::string_view data_type) {
  if (data_type.ends_with("int")) return ColumnKind::kNumber;
  if (data_type.ends_with("binary") || data_type.ends_with("blob")) return ColumnKind::kBytes;
  return ColumnKind::kText;
}

}  // namespace

const std::vector<OwnedTable>& ownedTables() {
  static const std::vector<OwnedTable> tables = {
      {"domains", "number", OwnedBy::kNumber},
      {"attribute_indexes", "domain_number", OwnedBy::kNumber},
      {"federated_identities", "user_id", OwnedBy::kUserId},
      // Decisions are cleared by the receipts that say so.
      {"consent_receipts", "domain_number", OwnedBy::kNumber},
      {"consent_decisions", "user_id", OwnedBy::kUserId},
      {"audit_events", "domain_number", OwnedBy::kNumber},
  };
  return tables;
}

const std::vector<std::string_view>& installationTables() {
  static const std::vector<std::string_view> tables = {
      "api_tokens",
      "audit_traces",
      "consent_purpose_versions",
      "consent_purposes",
      "control_state",
      "event_deliveries",
      "event_keys",
      "event_outbox",
      "event_stream_progress",
      "event_streams",
      "event_turn",
      "identity_provider_domains",
      "identity_provider_history",
      "identity_provider_purposes",
      "identity_providers",
      "import_batches",
      "imports",
      "operations",
      "outbound_links",
      "outbound_members",
      "outbound_pending",
      "outbound_targets",
      "prompts",
      "secrets",
      "token_issuers",
  };
  return tables;
}

const OwnedTable* findOwnedTable(std::string_view name) {
  const auto& tables = ownedTables();
  const auto found = std::find_if(tables.begin(), tables.end(),
                                  [&](const auto& table) { return table.name == name; });
  return found == tables.end() ? nullptr : &*found;
}

std::optional<DomainNumber> ownerOf(const OwnedTable& table,
                                    const std::optional<std::string>& value) {
  if (!value) return std::nullopt;
  if (table.by == OwnedBy::kUserId) {
    const auto id = ResourceId::fromBytes(*value);
    return id ? std::optional(id->domain()) : std::nullopt;
  }
  std::uint16_t number = 0;
  const auto read = std::from_chars(value->data(), value->data() + value->size(), number);
  if (read.ec != std::errc() || read.ptr != value->data() + value->size()) return std::nullopt;
  return DomainNumber(number);
}

std::string ownedCondition(const OwnedTable& table, const std::vector<BackupName>& domains) {
  std::string list;
  for (const auto& domain : domains) {
    list += (list.empty() ? "" : ",") + std::to_string(domain.number);
  }
  const std::string column(table.column);
  // The domain number of an id, as ResourceId has it.
  const std::string number =
      table.by == OwnedBy::kNumber ? column : "CONV(HEX(SUBSTRING(" + column + ", 11, 2)), 16, 10)";
  return number + " IN (" + (list.empty() ? "0" : list) + ")";
}

Result<std::vector<TableShape>> readShapes(Session& session, const std::string& quoted_schema,
                                           std::optional<DomainNumber> domain) {
  const auto schema = unquoteName(quoted_schema);
  StatementBatch batch;
  // Each by itself: a join of these makes MariaDB open every table again for every row.
  batch.add(
      "SELECT table_name, column_name, LOWER(data_type) FROM information_schema.columns WHERE "
      "table_schema = ? AND extra NOT LIKE '%GENERATED' ORDER BY table_name, ordinal_position",
      {std::string_view(schema)});
  batch.add(
      "SELECT table_name, column_name FROM information_schema.statistics WHERE table_schema = ? "
      "AND index_name = 'PRIMARY' ORDER BY table_name, seq_in_index",
      {std::string_view(schema)});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::vector<TableShape> shapes;
  for (auto& row : results->at(0).rows) {
    auto name = takeText(row, 0);
    if (shapes.empty() || shapes.back().table.name != name) {
      shapes.push_back({{domain, std::move(name), {}}, {}});
    }
    shapes.back().table.columns.push_back({takeText(row, 1), kindOf(*row.at(2))});
  }
  std::map<std::string, std::vector<std::string>> keys;
  for (auto& row : results->at(1).rows) {
    auto& key = keys[takeText(row, 0)];
    key.push_back(takeText(row, 1));
  }
  for (auto& shape : shapes) shape.key = std::move(keys[shape.table.name]);
  return shapes;
}

Result<std::set<std::string, std::less<>>> readTableNames(Session& session,
                                                          const std::string& quoted_schema) {
  const auto schema = unquoteName(quoted_schema);
  StatementBatch batch;
  batch.add("SELECT table_name FROM information_schema.tables WHERE table_schema = ?",
            {std::string_view(schema)});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::set<std::string, std::less<>> names;
  for (auto& row : results->front().rows) names.insert(takeText(row, 0));
  return names;
}

}  // namespace vestibule::store
