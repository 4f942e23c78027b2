#include "store/consent_store.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "store/consent_rows.h"
#include "store/consent_statements.h"
#include "store/result_rows.h"

namespace vestibule::store {
namespace {

/// Value of the column `state`; 1 is active.
constexpr std::uint64_t kRevoked = 2;
/// Users whose consent one statement removes.
constexpr std::uint64_t kUsersAtOnce = 1'000;

std::string_view bytesOf(const ReceiptId& id) {
  return {reinterpret_cast<const char*>(id.data()), id.size()};
}

ReceiptId receiptIdAt(const ResultRow& row, std::size_t column) {
  ReceiptId id{};
  const auto& bytes = *row.at(column);
  std::copy_n(bytes.begin(), std::min(bytes.size(), id.size()), id.begin());
  return id;
}

/// A row of kConsentDecisions.
StoredDecision takeDecision(ResultRow& row) {
  StoredDecision taken;
  taken.decision.purpose = static_cast<ConsentPurposeNumber>(unsignedAt(row, 0));
  taken.decision.version = static_cast<std::uint32_t>(unsignedAt(row, 1));
  taken.decision.attribute = takeText(row, 2);
  taken.decision.consent = static_cast<Consent>(unsignedAt(row, 3));
  taken.receipt = receiptIdAt(row, 4);
  taken.decided = signedAt(row, 5);
  return taken;
}

/// A row of kConsentReceipt and its like.
StoredReceipt takeReceipt(ResultRow& row) {
  StoredReceipt taken;
  taken.receipt.id = receiptIdAt(row, 0);
  taken.user = idAt(row, 1);
  taken.receipt.identity_provider = takeText(row, 2);
  taken.receipt.document = takeText(row, 3);
  taken.receipt.created = signedAt(row, 5);
  if (unsignedAt(row, 4) == kRevoked && row[6]) taken.revoked = signedAt(row, 6);
  return taken;
}

}  // namespace

Result<std::vector<StoredDecision>> findStoredDecisions(Session& session,
                                                        const std::string& control_schema,
                                                        const ResourceId& user) {
  StatementBatch batch;
  batch.add(forSchemas(sql::kConsentDecisions, {}, control_schema), {Blob{user.bytes()}});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::vector<StoredDecision> decisions;
  for (auto& row : results->front().rows) decisions.push_back(takeDecision(row));
  std::sort(decisions.begin(), decisions.end(), [](const auto& left, const auto& right) {
    return std::tie(left.decision.purpose, left.decision.attribute) <
           std::tie(right.decision.purpose, right.decision.attribute);
  });
  return decisions;
}

Result<std::vector<ConsentDecision>> findConsentDecisions(Session& session,
                                                          const std::string& control_schema,
                                                          const ResourceId& user) {
  auto stored = findStoredDecisions(session, control_schema, user);
  if (!stored) return propagate(stored);
  std::vector<ConsentDecision> decisions;
  decisions.reserve(stored->size());
  for (auto& one : *stored) decisions.push_back(std::move(one.decision));
  return decisions;
}

Result<void> storeConsent(Session& session, const std::string& control_schema,
                          const ResourceId& user, const ConsentRecord& record) {
  StatementBatch batch;
  ConsentRows(record, user).addTo(batch, control_schema);
  auto stored = batch.run(session);
  if (!stored) return propagate(stored);
  return {};
}

Result<std::optional<StoredReceipt>> findReceipt(Session& session,
                                                 const std::string& control_schema,
                                                 const ReceiptId& id) {
  StatementBatch batch;
  batch.add(forSchemas(sql::kConsentReceipt, {}, control_schema), {Blob{bytesOf(id)}});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  auto& rows = results->front().rows;
  if (rows.empty()) return std::optional<StoredReceipt>();
  return std::optional(takeReceipt(rows.front()));
}

Result<std::vector<StoredReceipt>> listReceipts(Session& session, const std::string& control_schema,
                                                const ReceiptQuery& query) {
  // Before every receipt, where nothing is said.
  const ReceiptPosition after =
      query.after.value_or(ReceiptPosition{std::numeric_limits<Timestamp>::min(), {}});
  std::vector<Parameter> parameters;
  if (query.user) parameters.emplace_back(Blob{query.user->bytes()});
  parameters.insert(parameters.end(), {std::int64_t{after.created}, std::int64_t{after.created},
                                       Blob{bytesOf(after.id)}, query.count});
  StatementBatch batch;
  batch.add(forSchemas(query.user ? sql::kConsentReceiptsOfUser : sql::kConsentReceiptsByTime, {},
                       control_schema),
            parameters);
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::vector<StoredReceipt> receipts;
  for (auto& row : results->front().rows) receipts.push_back(takeReceipt(row));
  return receipts;
}

Result<std::vector<ConsentDecision>> revokeReceipt(Session& session,
                                                   const std::string& control_schema,
                                                   const StoredReceipt& receipt, Timestamp moment) {
  auto stored = findStoredDecisions(session, control_schema, receipt.user);
  if (!stored) return propagate(stored);
  std::vector<ConsentDecision> withdrawn;
  for (auto& one : *stored) {
    if (one.receipt == receipt.receipt.id && one.decision.consent == Consent::kAgreed) {
      withdrawn.push_back(std::move(one.decision));
    }
  }
  const Blob id{bytesOf(receipt.receipt.id)};
  StatementBatch batch;
  batch.add(forSchemas(sql::kWithdrawConsentDecisions, {}, control_schema),
            {static_cast<std::uint64_t>(Consent::kWithdrawn), std::int64_t{moment},
             Blob{receipt.user.bytes()}, id, static_cast<std::uint64_t>(Consent::kAgreed)});
  batch.add(forSchemas(sql::kRevokeConsentReceipt, {}, control_schema),
            {kRevoked, std::int64_t{moment}, id});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  return withdrawn;
}

Result<void> deleteConsentOfDomain(Session& session, const std::string& control_schema,
                                   DomainNumber domain) {
  for (;;) {
    StatementBatch batch;
    batch.add(forSchemas(sql::kReceiptHoldersOfDomain, {}, control_schema),
              {std::uint64_t{domain.value()}, kUsersAtOnce});
    auto results = batch.run(session);
    if (!results) return propagate(results);
    auto& rows = results->front().rows;
    if (rows.empty()) return {};
    std::vector<Parameter> users;
    users.reserve(rows.size());
    for (const auto& row : rows) users.emplace_back(Blob{*row.at(0)});
    const std::string list = placeholders(users.size());
    batch.begin();
    for (const auto sql :
         {sql::kDeleteConsentDecisionsOfUsers, sql::kDeleteConsentReceiptsOfUsers}) {
      batch.add(withList(forSchemas(sql, {}, control_schema), list), users);
    }
    auto deleted = batch.commit().repeatable().run(session);
    if (!deleted) return propagate(deleted);
  }
}

}  // namespace vestibule::store
