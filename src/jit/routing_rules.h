#pragma once
// Settings: which domain the users of an identity provider go to.

#include <set>
#include <string>
#include <vector>

#include "base/strong.h"
#include "jit/condition.h"
#include "json/value.h"
#include "scim/schema/document_reader.h"

namespace vestibule::jit {

/// One row of jit.routing.
struct RoutingRule {
  Condition condition;
  std::string domain;  ///< upper-case
};

/// Where users go.
struct RoutingSettings {
  std::vector<RoutingRule> rules;  ///< the first that holds decides; none: `userstore`
  bool as_in_username = false;     ///< userstore `As in username`
  std::string userstore;           ///< upper-case; empty when `as_in_username`
  std::set<std::string> allowed;   ///< allowedDomains, upper-case; empty: all
  bool refuse_unknown = false;     ///< unknownDomain `refuse`: of the prefix of a name

  /// True when allowedDomains lets the identity provider use the domain.
  [[nodiscard]] bool allows(const DomainName& domain) const {
    return allowed.empty() || allowed.contains(domain.value());
  }
};

/// Rules that jit.routing may have, and domains that allowedDomains may have.
inline constexpr std::size_t kMaxRoutingRules = 100;

/// Reads userstore, routing, allowedDomains and unknownDomain of the section `jit` and adds them to
/// `canonical`. Refused: domains that allowedDomains leaves out, and `unknownDomain` without `As in
/// username`. Whether the domains exist is for `checkDomains`.
[[nodiscard]] RoutingSettings readRouting(scim::Fields& fields, const RoleClaim& roles,
                                          json::Object& canonical);

}  // namespace vestibule::jit
