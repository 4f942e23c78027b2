#pragma once
// The control schema read as a whole: few rows, kept by every process as an immutable snapshot that
// all requests use.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/consent_purpose_store.h"
#include "store/database.h"
#include "store/domain_store.h"
#include "store/event_stream_store.h"
#include "store/identity_provider_store.h"
#include "store/outbound_target_store.h"
#include "store/token_issuer_store.h"
#include "store/token_store.h"

namespace vestibule::store {

/// Everything in one consistent read.
struct ControlRows {
  std::uint64_t revision = 0;
  std::vector<DomainRow> domains;  ///< in any state, by number
  std::vector<IdentityProviderRow> identity_providers;
  std::vector<ConsentPurposeRow> consent_purposes;
  std::vector<TokenRow> tokens;
  std::vector<TokenIssuerRow> token_issuers;        ///< by number
  std::vector<OutboundTargetRow> outbound_targets;  ///< by number
  std::vector<EventStreamRow> event_streams;        ///< by number
};

/// The current revision. One query.
[[nodiscard]] Result<std::uint64_t> readRevision(Session& session,
                                                 const std::string& control_schema);

/// All rows, consistent with each other (one transaction with a consistent snapshot, one round
/// trip).
[[nodiscard]] Result<ControlRows> readControlRows(Session& session,
                                                  const std::string& control_schema);

}  // namespace vestibule::store
