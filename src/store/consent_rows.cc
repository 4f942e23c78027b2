#include "store/consent_rows.h"

#include <vector>

#include "store/consent_statements.h"

namespace vestibule::store {
namespace {

/// Value of the column `state`.
constexpr std::uint64_t kActive = 1;

}  // namespace

ConsentRows::ConsentRows(const ConsentRecord& record, const ResourceId& user)
    : record_(record), user_(user) {}

Blob ConsentRows::receiptId() const {
  const auto& id = record_.receipt.id;
  return {{reinterpret_cast<const char*>(id.data()), id.size()}};
}

void ConsentRows::addTo(StatementBatch& batch, const std::string& control_schema) const {
  const auto& receipt = record_.receipt;
  batch.add(forSchemas(sql::kInsertConsentReceipt, {}, control_schema),
            {receiptId(), Blob{user_.bytes()}, std::uint64_t{user_.domain().value()},
             std::string_view(receipt.identity_provider), std::string_view(receipt.document),
             kActive, std::int64_t{receipt.created}});
  if (record_.decisions.empty()) return;
  std::string sql = forSchemas(sql::kInsertConsentDecisions, {}, control_schema);
  std::vector<Parameter> parameters;
  for (const ConsentDecision& decision : record_.decisions) {
    if (!parameters.empty()) sql += ", ";
    sql += sql::kConsentDecision;
    parameters.insert(
        parameters.end(),
        {Blob{user_.bytes()}, std::uint64_t{decision.purpose}, std::string_view(decision.attribute),
         std::uint64_t{decision.version}, static_cast<std::uint64_t>(decision.consent), receiptId(),
         std::int64_t{receipt.created}});
  }
  sql += sql::kReplaceConsentDecision;
  batch.add(sql, parameters);
}

}  // namespace vestibule::store
