#pragma once
// What a queued operation keeps of its request, beside the columns of its row.

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/strong.h"
#include "directory/principal.h"
#include "jit/plan.h"
#include "store/operation_store.h"

namespace vestibule::jit {

/// A request as whoever runs it needs it, and on whose behalf. The principal has what its token
/// allowed when it asked: a login that was accepted does not depend on what becomes of the token.
struct QueuedRequest {
  ProvisionRequest request;
  directory::Principal principal;
};

/// The text of an accepted request for the column `request`: claims, and the domains of the token.
[[nodiscard]] std::string writeQueuedRequest(const ProvisionRequest& request,
                                             const directory::Principal& principal);

/// The request of an operation. Error kInternal for a row that another version wrote.
[[nodiscard]] Result<QueuedRequest> readQueuedRequest(const store::Operation& operation);

/// The lane of a federated identity: its operations are run one after the other. 32 bytes.
[[nodiscard]] std::string laneOf(std::string_view identity_provider, const Subject& subject);

/// An Idempotency-Key as it is remembered: the keys of two tokens never meet. 32 bytes.
[[nodiscard]] std::string keyDigestOf(std::string_view token_id, std::string_view key);

}  // namespace vestibule::jit
