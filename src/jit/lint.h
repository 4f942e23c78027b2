#pragma once
// Advice on settings that can be used but may not do what their author thinks.

#include <string>
#include <vector>

#include "directory/catalog.h"
#include "jit/identity_provider.h"

namespace vestibule::jit {

/// One piece of advice, all of them warnings.
struct Advice {
  std::string setting;  ///< JSON pointer into the settings document
  std::string code;     ///< stable: JIT-2001 …
  std::string text;     ///< one sentence, with an example where one was found
};

/// Looks at the settings of an identity provider that passes `checkDomains`, and tries the names
/// they make on samples. The same settings always give the same advice. Nothing found does not mean
/// that nothing is wrong: the samples are samples. Codes:
///   JIT-2001  none of the sample names is allowed by a domain that users go to
///   JIT-2002  a domain that users go to is disabled or read-only
///   JIT-2003  a rule links, lets in or places by an e-mail address that nobody has verified
///   JIT-2004  nobody can come in: neither creating nor linking is on
///   JIT-2005  maxRevokedPerLogin is set, and idpGroupSyncMethod never takes a group away
///   JIT-2006  createGroups is on, and idpGroupSyncMethod never grants a group
///   JIT-2007  people may be asked, and returnOrigins names no place to send them back to
///   JIT-2008  people may be asked, and a proxy, which cannot ask them, is set up
/// None for an identity provider that provisions nobody. In memory.
[[nodiscard]] std::vector<Advice> adviceOn(const IdentityProvider& provider,
                                           const directory::Catalog& catalog);

}  // namespace vestibule::jit
