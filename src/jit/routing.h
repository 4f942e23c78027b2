#pragma once
// Which domain a new user goes to, and under which name.

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/strong.h"
#include "directory/catalog.h"
#include "directory/principal.h"
#include "jit/identity_provider.h"
#include "jit/trace.h"
#include "json/value.h"

namespace vestibule::jit {

/// The name an identity provider gives the user, with a domain prefix where it has one: the value
/// of userIdClaim, or when that claim is not configured, absent or blank, what userNameTemplate
/// makes, or without one the subject; without white space at its ends. Error kNoUserName (JIT-1201)
/// when the claim holds an object or several values, or there is nothing for the template.
[[nodiscard]] Result<std::string> assertedName(const IdentityProvider& provider,
                                               const json::Object& claims, const Subject& subject,
                                               Trace& trace);

/// Where a user belongs.
struct Route {
  const directory::Domain* domain = nullptr;  ///< lives as long as the catalog
  std::string user_name;                      ///< bare
};

/// The refusal kNoDomain (JIT-1101): for a domain that does not exist and one that the token may
/// not use alike, in the same words and with the same trace, so that neither tells which domains
/// there are.
[[nodiscard]] tl::unexpected<Error> refuseDomain(Trace& trace);

/// Finds the domain and takes the prefix off: what stands before the first `/`, whatever it is. The
/// first routing rule that holds wins, then a fixed `userstore`; with `As in username` the prefix
/// names the domain in any ASCII case, none or an empty one means PRIMARY, and so does, by
/// `unknownDomain`, one that does not exist or is not among allowedDomains. Errors: kNoDomain
/// (JIT-1101) when the domain does not exist or the caller may not see it, kDomainNotAllowed
/// (JIT-1104), kUndecided (JIT-1409) when it cannot be told whether a rule holds, kNoUserName when
/// no name is left behind the prefix.
[[nodiscard]] Result<Route> route(const directory::Catalog& catalog,
                                  const directory::Principal& principal,
                                  const IdentityProvider& provider, ConditionTest& test,
                                  std::string_view asserted_name, Trace& trace);

}  // namespace vestibule::jit
