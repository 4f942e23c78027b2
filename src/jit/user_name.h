#pragma once
// What a new user is called in its domain: the asserted name made to fit, checked, and free.

#include <string>

#include "base/result.h"
#include "directory/context.h"
#include "jit/identity_provider.h"
#include "jit/trace.h"

namespace vestibule::jit {

/// Suffixes that are tried when a name is taken: `-2` to `-100`.
inline constexpr int kLastSuffix = 100;

/// The name without the characters that the domain does not allow, by its policy and RFC 8265, and
/// cut to the longest beginning that is allowed; the name itself when it is allowed or nothing
/// helps. Characters are tried amid equal letters or digits: a policy that asks for a certain text,
/// or that meets its limit of work, is not helped. At most some 1,500 tries, and none beyond 255
/// characters.
[[nodiscard]] std::string sanitizedUserName(const directory::Domain& domain,
                                            const std::string& name);

/// The asserted name, sanitized where the settings say so.
[[nodiscard]] std::string fittedUserName(const directory::Domain& domain,
                                         const IdentityProvider& provider, const std::string& name,
                                         Trace& trace);

/// Whether a new user of the domain may be called so. Errors kUserNameRefused (JIT-1202),
/// kUserNameUnchecked (JIT-1204), kProtectedUser (JIT-1404). In memory.
[[nodiscard]] Result<void> checkNewUserName(const directory::Domain& domain,
                                            const IdentityProvider& provider,
                                            const std::string& name, Trace& trace);

/// True when a user of the domain has the name, by the domain's rule on case. (Of two first logins
/// at once the database's unique index lets one pass.) One query.
[[nodiscard]] Result<bool> isUserNameTaken(const directory::Context& context,
                                           const directory::Domain& domain, const std::string& name,
                                           Trace& trace);

/// The first of `name-2`, `name-3`, … that the domain allows and nobody has; what stands before the
/// suffix is cut where the policy asks for a shorter name. One query for each that is taken. Errors
/// kNoFreeUserName (JIT-1205), and those of checkNewUserName when no suffix is allowed.
[[nodiscard]] Result<std::string> freeUserName(const directory::Context& context,
                                               const directory::Domain& domain,
                                               const IdentityProvider& provider,
                                               const std::string& name, Trace& trace);

/// An error of the domain's policy or of the preparation of names under its code.
[[nodiscard]] tl::unexpected<Error> userNameRefused(Error error);

}  // namespace vestibule::jit
