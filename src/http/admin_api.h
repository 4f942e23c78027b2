#pragma once
// The admin endpoints, on the internal listener only.

#include <functional>

#include "directory/context.h"
#include "http/router.h"
#include "jit/consent_purposes.h"
#include "jit/identity_providers.h"
#include "store/migrations.h"

namespace vestibule::http {

/// Adds `/admin/v1/domains`. Both arguments must outlive the router.
void addDomainRoutes(Router& router, const directory::Context& context,
                     const store::MigrationSet& migrations);

/// Adds `/admin/v1/identity-providers`: GET, POST a document (201, or 409 when it is there), PUT
/// (creates or replaces), PATCH (RFC 7396), DELETE, with ETag and If-Match; below one of them
/// `/history` (GET, also of one version) and `/rollback` (POST). `?advice=true` puts advice beside
/// the document that is shown. `providers` must outlive the router.
void addIdentityProviderRoutes(Router& router, const directory::Context& context,
                               jit::IdentityProviders& providers);

/// Adds `/admin/v1/federated-identities`. A link is named in the query (`identityProvider`,
/// `subject`), because subjects may hold anything, slashes too.
void addFederatedIdentityRoutes(Router& router, const directory::Context& context);

/// Adds `/admin/v1/operations`: GET lists queued provisions of a state (dead, where none is said),
/// POST `{id}/retry` queues a dead one again, DELETE drops one. `queued` is called when something
/// was queued; may be null.
void addQueueRoutes(Router& router, const directory::Context& context,
                    const std::function<void()>& queued);

/// Adds `/admin/v1/audit`: GET, newest first, by the filters of directory::AuditFilter.
void addAuditRoutes(Router& router, const directory::Context& context);

/// Adds `/admin/v1/consent-purposes`: GET, POST a document (201, or 409 when it is there), PUT
/// (creates or replaces), PATCH (RFC 7396), DELETE, with ETag and If-Match; `/versions` (GET) below
/// one of them. `?editorial=true` says of a change that nobody is asked again for its texts.
/// `purposes` must outlive the router.
void addConsentPurposeRoutes(Router& router, const directory::Context& context,
                             jit::ConsentPurposes& purposes);

/// Adds `/admin/v1/consent-receipts` (GET; below it `/{id}` GET, and DELETE, which withdraws: 204,
/// also when that has been done) and `/admin/v1/users/{id}/consents` (GET). A token that is bound
/// to domains sees their users alone. `purposes` must outlive the router.
void addConsentRoutes(Router& router, const directory::Context& context,
                      const jit::ConsentPurposes& purposes);

/// Adds `/admin/v1/tokens`: GET, POST; PATCH (expiry and rate) and DELETE of one of them, and below
/// it `/rotate` (POST).
void addTokenRoutes(Router& router, const directory::Context& context);

/// Adds `/admin/v1/token-issuers`: GET, PUT (creates or replaces), PATCH (RFC 7396), DELETE, with
/// ETag and If-Match.
void addTokenIssuerRoutes(Router& router, const directory::Context& context);

/// Adds `/admin/v1/event-streams`: GET, PUT (creates or replaces), PATCH (RFC 7396), DELETE, with
/// ETag and If-Match; below one of them `/status` (GET), `/dead` (GET; below it `/{id}` DELETE and
/// `/{id}/redeliver` POST) and `/redeliver` (POST, all that are dead); and POST
/// `/admin/v1/event-keys/rotate`.
void addEventStreamRoutes(Router& router, const directory::Context& context);

}  // namespace vestibule::http
