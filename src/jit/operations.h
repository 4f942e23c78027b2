#pragma once
// Provisions that are stored before they are decided: queued for later, or run at once but answered
// once for each Idempotency-Key.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "directory/context.h"
#include "directory/principal.h"
#include "jit/identity_provider.h"
#include "jit/identity_providers.h"
#include "jit/provision.h"
#include "store/operation_store.h"

namespace vestibule::jit {

/// How long things of the queue may take, and how often they are tried.
struct OperationSettings {
  unsigned attempts = 10;                               ///< then an operation is dead
  std::chrono::microseconds first_wait{1'000'000};      ///< before the second attempt; then doubled
  std::chrono::microseconds longest_wait{300'000'000};  ///< between two attempts
  /// How long an operation is its server's own. So long waits what a server that was killed had
  /// begun; a provision that takes longer is lost to another server, and begun anew.
  std::chrono::microseconds lease{20'000'000};
  std::chrono::microseconds keep{86'400'000'000};  ///< how long an end and its key are remembered
};

/// What is asked: a request that was accepted.
struct OperationRequest {
  ProvisionRequest request;
  std::string body_digest;         ///< 32 bytes: the same key with another is refused
  std::optional<std::string> key;  ///< the Idempotency-Key
};

/// Decides what can be decided without looking at the user, and takes the claims of an ID token in
/// its place: a token may expire while its login is queued. Errors: kDisabledIdentityProvider
/// (JIT-1002), kBadSubject (JIT-1003), those of takeIdToken.
[[nodiscard]] Result<ProvisionRequest> accept(const IdentityProvider& provider,
                                              const ProvisionRequest& request);

/// The operation that the same request began under its key; nothing when there is none, or it is
/// another request's. Errors: the database's.
[[nodiscard]] Result<std::optional<store::Operation>> findKnown(
    const directory::Context& context, const directory::Principal& principal, std::string_view key,
    std::string_view body_digest);

/// Queues a request and returns its operation, or that which has its key already. Durable when this
/// returns. Errors: kKeyReused (JIT-1012), the database's.
[[nodiscard]] Result<store::Operation> queueOperation(const directory::Context& context,
                                                      const directory::Principal& principal,
                                                      const OperationRequest& asked);

/// An operation that was begun, or was there.
struct BegunOperation {
  store::Operation operation;
  std::optional<store::Lease> lease;  ///< nothing: somebody asked for it before
};

/// Stores a request under its key, to be run at once by the caller; or gives the operation that has
/// the key already. Errors as queueOperation.
[[nodiscard]] Result<BegunOperation> beginOperation(const directory::Context& context,
                                                    const directory::Principal& principal,
                                                    const OperationRequest& asked,
                                                    const OperationSettings& settings);

/// What to do with an operation when the server itself has failed.
enum class OnOutage {
  kPostpone,  ///< queue it again for later, or give it up after the last attempt
  kForget,  ///< remove it: whoever waits for it will ask again (and may be told to ask the person)
};

/// Runs an operation that the caller has the lease of, and stores its end, in the transaction of
/// the login where there is one. A refusal is an end. What cannot be stored is logged: the lease
/// ends, and the operation is run again, which comes to the same user. Thread-safe.
ProvisionResult runOperation(const directory::Context& context, const IdentityProviders& providers,
                             const store::Operation& operation, const store::Lease& lease,
                             const OperationSettings& settings, OnOutage on_outage);

/// The operation of this id (32 hexadecimal digits), when the principal may see it: it is its own,
/// or it sees all domains. Error kNoOperation (JIT-1014).
[[nodiscard]] Result<store::Operation> findOperation(const directory::Context& context,
                                                     const directory::Principal& principal,
                                                     std::string_view id);

/// The id as people and URLs write it.
[[nodiscard]] std::string textOf(const store::OperationId& id);

/// What textOf wrote; nothing for anything else.
[[nodiscard]] std::optional<store::OperationId> parseOperationId(std::string_view text);

/// The state as answers spell it: `queued`, `running`, `dead`, `done`.
[[nodiscard]] std::string_view nameOf(store::OperationState state);

}  // namespace vestibule::jit
