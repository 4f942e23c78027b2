#pragma once
// What users have agreed to: their decisions about attributes, and the receipts they got.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/resource_id.h"
#include "base/result.h"
#include "base/strong.h"
#include "store/session.h"

namespace vestibule::store {

enum class Consent : std::uint8_t { kRefused = 0, kAgreed = 1, kWithdrawn = 2 };

/// What a user decided about one attribute of one purpose.
struct ConsentDecision {
  std::uint32_t purpose = 0;        ///< its number
  std::uint32_t version = 0;        ///< of the purpose, when it was decided
  std::string attribute;            ///< path; empty for the purpose as a whole
  Consent consent = Consent::kRefused;
};

/// A receipt, as it is stored.
struct ConsentReceipt {
  std::array<unsigned char, 16> id{};
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

/// Stores decisions over those about the same attributes, and their receipt. In the caller's
/// transaction.
[[nodiscard]] Result<void> storeConsent(Session& session, const std::string& control_schema,
                                        const ResourceId& user, const ConsentRecord& record);

}  // namespace vestibule::store
