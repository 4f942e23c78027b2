#pragma once
// GET /jit/v1/forward-auth, on the internal listener: what an identity-aware proxy asks about each
// request before it lets it through.

#include "directory/context.h"
#include "http/router.h"
#include "jit/identity_providers.h"

namespace vestibule::http {

/// Adds the route. The proxy names the identity provider (`?identityProvider=` or the header
/// X-Vestibule-Identity-Provider) and vouches for headers that its settings name (section
/// `forwardAuth`); who they say is signed in is provisioned. Answers:
///   - 200 with X-Vestibule-Outcome and, when there is a user, X-Vestibule-User-Id, -User-Name,
///     -Domain and -Groups, percent-encoded where a byte is no plain character;
///   - 401 when nobody is signed in, and only then; without WWW-Authenticate, since how to sign in
///     is the proxy's business;
///   - 403 for every refusal, of the proxy's own token too, with X-Vestibule-Code and a problem
///     document; 200 without a user where the settings say `onFailure` `allow`;
///   - 500 and 503 when the decision could not be made.
/// An answer about a user is kept as long as the settings say, never longer than its ID token holds
/// or anything in the catalog stays as it is, and then given on the I/O thread or, where that has
/// enough to do, by a worker. Needs the scope `jit`. The arguments must outlive the router.
void addForwardAuthRoute(Router& router, const directory::Context& context,
                         const jit::IdentityProviders& providers);

}  // namespace vestibule::http
