#pragma once
// The gateway's endpoints, on the internal listener: POST /jit/v1/provision, POST /jit/v1/explain
// and GET /jit/v1/operations/{id}.

#include <functional>

#include "directory/context.h"
#include "http/jit_request.h"
#include "http/operation_waits.h"
#include "http/router.h"
#include "jit/identity_providers.h"
#include "jit/operations.h"

namespace vestibule::outbound {
class Waits;
}

namespace vestibule::http {

/// What the endpoints need beside the use cases.
struct JitApiOptions {
  PublicOrigin origin;
  jit::OperationSettings operations = {};
  /// Called when something was queued; may be null.
  std::function<void()> queued = nullptr;
  /// Where requests wait for the end of an operation; outlives the router.
  OperationWaits* waits = nullptr;
  /// Told of users that a login has changed, for other systems that get them; outlives the router,
  /// may be null.
  outbound::Waits* outbound = nullptr;
};

/// The most bytes of a request.
inline constexpr std::size_t kMaxJitBody = std::size_t{256} * 1024;

/// Adds POST /jit/v1/provision and POST /jit/v1/explain. Both need the scope `jit`; a token bound
/// to domains provisions into these only. With an `Idempotency-Key` a request is answered once: a
/// second one of this token with the same key and body gets the answer of the first, with another
/// body 422, and 409 while the first is running. `X-Correlation-Id` is taken over into answer and
/// log, or one is made. `context` and `providers` must outlive the router.
void addJitRoutes(Router& router, const directory::Context& context,
                  const jit::IdentityProviders& providers, const JitApiOptions& options);

/// Adds GET /jit/v1/operations/{id}: what has become of a queued provision. `?wait=SECONDS` (0 to
/// 60) waits that long for its end, and holds no thread meanwhile. Arguments as above.
void addOperationRoutes(Router& router, const directory::Context& context,
                        const jit::IdentityProviders& providers, const JitApiOptions& options);

}  // namespace vestibule::http
