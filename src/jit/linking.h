#pragma once
// A subject that is not known yet: whether it is a local user, by the link rules.

#include <optional>
#include <string>

#include "base/result.h"
#include "directory/context.h"
#include "jit/identity_provider.h"
#include "jit/trace.h"
#include "json/value.h"
#include "scim/filter/filter.h"
#include "store/user_store.h"

namespace vestibule::jit {

/// The one local user that a link rule found.
struct LinkMatch {
  store::StoredUser user;
  scim::BoundFilter filter;  ///< what the user satisfies
  /// Of a rule on the user name in a domain that tells names apart by case: the name, prepared;
  /// else empty.
  std::string name_by_case;
};

/// Tries the rules in order on the users of `domain`, and of no other: the first that finds one
/// user decides; one whose claim is absent, blank, not one text, or not verified where it must be,
/// is left out. One indexed query a rule. Errors kSeveralMatches (JIT-1402) when a rule finds
/// several, and those of requireLinkable.
[[nodiscard]] Result<std::optional<LinkMatch>> findLocalUser(const directory::Context& context,
                                                             const directory::Domain& domain,
                                                             const IdentityProvider& provider,
                                                             const json::Object& claims,
                                                             Trace& trace);

/// The holder of a name that is taken, as by a last rule on the user name (onUserNameTaken `link`);
/// nothing unless `email_verified` is true. Errors as findLocalUser.
[[nodiscard]] Result<std::optional<LinkMatch>> findNameHolder(const directory::Context& context,
                                                              const directory::Domain& domain,
                                                              const IdentityProvider& provider,
                                                              const json::Object& claims,
                                                              const std::string& user_name,
                                                              Trace& trace);

/// True when the attributes are still those of the user that the rule found. In memory.
[[nodiscard]] bool stillMatches(const LinkMatch& match, const directory::Context& context,
                                const directory::Domain& domain, const json::Object& attributes);

/// Whether this user of the domain may get a link by a login. Errors kLinkSwitchedOff (JIT-1405),
/// kProtectedUser (JIT-1404) for a user who is protected or in a protected group, kLinkToDisabled
/// (JIT-1403). In memory.
[[nodiscard]] Result<void> requireLinkable(const IdentityProvider& provider,
                                           const directory::Context& context,
                                           const directory::Domain& domain,
                                           const store::StoredUser& user,
                                           const json::Object& attributes);

}  // namespace vestibule::jit
