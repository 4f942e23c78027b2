#pragma once
// What users have agreed to: their decisions about attributes, and the receipts they got.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/resource_id.h"
#include "base/result.h"
#include "store/consent_purpose_store.h"
#include "store/database.h"

namespace vestibule::store {

/// Values of the column `consent`.
enum class Consent : std::uint8_t { kRefused = 0, kAgreed = 1, kWithdrawn = 2 };

/// What a user decided about one attribute of one purpose.
struct ConsentDecision {
  ConsentPurposeNumber purpose = 0;
  std::uint32_t version = 0;  ///< of the purpose, when it was decided
  std::string attribute;      ///< path; empty for the purpose as a whole
  Consent consent = Consent::kRefused;
};

/// The random name of a receipt.
using ReceiptId = std::array<unsigned char, 16>;

/// A receipt, as it is stored.
struct ConsentReceipt {
  ReceiptId id{};
  std::string identity_provider;
  std::string document;  ///< JSON: Kantara Consent Receipt 1.1
  Timestamp created = 0;
};

/// What the answer to a prompt leaves, in the transaction of the login.
struct ConsentRecord {
  std::vector<ConsentDecision> decisions;
  ConsentReceipt receipt;
};

/// What the user decided, by purpose and attribute. One query, by the primary key.
[[nodiscard]] Result<std::vector<ConsentDecision>> findConsentDecisions(
    Session& session, const std::string& control_schema, const ResourceId& user);

/// A decision, and where it comes from.
struct StoredDecision {
  ConsentDecision decision;
  ReceiptId receipt{};    ///< the one that says so
  Timestamp decided = 0;  ///< or withdrawn
};

/// As findConsentDecisions.
[[nodiscard]] Result<std::vector<StoredDecision>> findStoredDecisions(
    Session& session, const std::string& control_schema, const ResourceId& user);

/// Stores decisions over those about the same attributes, and their receipt. In the caller's
/// transaction. Error kInvalidValue for what a column cannot hold.
[[nodiscard]] Result<void> storeConsent(Session& session, const std::string& control_schema,
                                        const ResourceId& user, const ConsentRecord& record);

/// A receipt with whose it is and what has become of it.
struct StoredReceipt {
  ConsentReceipt receipt;
  ResourceId user;
  std::optional<Timestamp> revoked;  ///< nothing: it holds
};

/// The receipt. One query.
[[nodiscard]] Result<std::optional<StoredReceipt>> findReceipt(Session& session,
                                                               const std::string& control_schema,
                                                               const ReceiptId& id);

/// Where a receipt stands in the order of time.
struct ReceiptPosition {
  Timestamp created = 0;
  ReceiptId id{};
};

/// Which receipts are looked for.
struct ReceiptQuery {
  std::optional<ResourceId> user;        ///< nothing: everybody's
  std::optional<ReceiptPosition> after;  ///< those that come behind it
  std::uint64_t count = 100;             ///< at most so many
};

/// Receipts, oldest first. One query, on an index in that order.
[[nodiscard]] Result<std::vector<StoredReceipt>> listReceipts(Session& session,
                                                              const std::string& control_schema,
                                                              const ReceiptQuery& query);

/// Revokes a receipt of the user and withdraws what it is the last word on: of its decisions, those
/// to agree. In the caller's transaction, which holds the user's row. Returns the attributes' paths
/// and purposes as they were.
[[nodiscard]] Result<std::vector<ConsentDecision>> revokeReceipt(Session& session,
                                                                 const std::string& control_schema,
                                                                 const StoredReceipt& receipt,
                                                                 Timestamp moment);

/// Removes decisions and receipts of a deleted domain's users, some at a time, each a transaction
/// of its own. Harmless to repeat. O(receipts of the domain).
[[nodiscard]] Result<void> deleteConsentOfDomain(Session& session,
                                                 const std::string& control_schema,
                                                 DomainNumber domain);

}  // namespace vestibule::store
