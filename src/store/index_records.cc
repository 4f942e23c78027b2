#include "store/index_records.h"

#include <algorithm>
#include <utility>

#include "base/crypto.h"
#include "store/control_change.h"
#include "store/result_rows.h"
#include "store/statement_batch.h"

namespace vestibule::store {

Result<IndexRecordsByDomain> readIndexRecords(Session& session, const std::string& control_schema) {
  StatementBatch batch;
  batch.add(
      inControl("SELECT domain_number, kind, attribute, meaning, filled_to, unsettled_since FROM "
                "{control}.attribute_indexes",
                control_schema));
  auto results = batch.run(session);
  if (!results) return propagate(results);
  IndexRecordsByDomain records;
  for (auto& row : results->front().rows) {
    const auto number = static_cast<std::uint16_t>(unsignedAt(row, 2));
    auto& record = records[unsignedAt(row, 0)][unsignedAt(row, 1)][number];
    record.meaning = takeText(row, 3);
    if (row[4]) record.filled_to = unsignedAt(row, 4);
    if (row[5]) record.unsettled_since = signedAt(row, 5);
  }
  return records;
}

std::uint64_t kindOf(const scim::ResourceType& type) {
  return static_cast<std::uint64_t>(type.kind);
}

bool isDeclared(const IndexedType& indexed, std::uint16_t number) {
  return std::any_of(indexed.indexes.begin(), indexed.indexes.end(),
                     [&](const auto& index) { return index.number == number; });
}

bool isComplete(const IndexRecords& records, const scim::IndexDeclaration& index) {
  const auto found = records.find(index.number);
  return found != records.end() && !found->second.filled_to &&
         found->second.meaning == sha256(index.meaning);
}

bool isComplete(const IndexRecords& records, const IndexedType& indexed) {
  return std::all_of(indexed.indexes.begin(), indexed.indexes.end(),
                     [&](const auto& index) { return isComplete(records, index); }) &&
         std::all_of(records.begin(), records.end(),
                     [&](const auto& record) { return isDeclared(indexed, record.first); });
}

bool isSettled(const IndexRecords& records) {
  return std::none_of(records.begin(), records.end(),
                      [](const auto& record) { return record.second.unsettled_since; });
}

Result<bool> indexesAreComplete(Session& session, const std::string& control_schema,
                                const std::vector<DomainRow>& domains,
                                const std::vector<IndexedType>& types, bool settled) {
  auto records = readIndexRecords(session, control_schema);
  if (!records) return propagate(records);
  for (const auto& domain : domains) {
    auto& of_domain = (*records)[domain.tables.number.value()];
    for (const auto& indexed : types) {
      const auto& of_type = of_domain[kindOf(*indexed.type)];
      if (!isComplete(of_type, indexed) || (settled && !isSettled(of_type))) return false;
    }
  }
  return true;
}

}  // namespace vestibule::store
