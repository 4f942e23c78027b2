#include "jit/routing.h"

#include "base/blanks.h"
#include "jit/claims.h"
#include "jit/codes.h"

namespace vestibule::jit {
namespace {

constexpr std::string_view kStep = "domain";

/// A name taken apart at its first `/`.
struct Prefixed {
  bool has_prefix = false;
  std::string_view prefix;  ///< empty for `/name`
  std::string_view name;
};

Prefixed split(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return {false, {}, text};
  return {true, text.substr(0, slash), text.substr(slash + 1)};
}

/// The first routing rule that holds; null when none does. Error kUndecided.
Result<const RoutingRule*> chooseRule(const RoutingSettings& routing, ConditionTest& test,
                                      Trace& trace) {
  for (const RoutingRule& rule : routing.rules) {
    const Holds holds = test.holds(rule.condition);
    if (holds == Holds::kYes) return &rule;
    if (holds == Holds::kUnknown) {
      trace.add(kStep, "routing", rule.condition.name(), "cannot be told: refused");
      return refusal(kUndecided, "it cannot be told whether " + rule.condition.name());
    }
  }
  return nullptr;
}

/// The domain that a prefix means; null when it is to be refused.
const directory::Domain* domainOfPrefix(const directory::Catalog& catalog,
                                        const RoutingSettings& routing, std::string_view prefix) {
  if (prefix.empty()) return &catalog.primary();
  const directory::Domain* domain = catalog.findDomain(prefix);
  // Which domains there are is not to be told from which may be used.
  if (domain != nullptr && routing.allows(domain->name())) return domain;
  return routing.refuse_unknown ? nullptr : &catalog.primary();
}

/// The domain by the settings; null when they name one that does not exist.
const directory::Domain* chooseDomain(const directory::Catalog& catalog,
                                      const RoutingSettings& routing, const RoutingRule* rule,
                                      const Prefixed& name) {
  if (rule != nullptr) return catalog.findDomain(rule->domain);
  if (!routing.as_in_username) return catalog.findDomain(routing.userstore);
  return domainOfPrefix(catalog, routing, name.prefix);
}

void traceDomain(const directory::Domain& domain, const RoutingSettings& routing,
                 const RoutingRule* rule, const Prefixed& name, Trace& trace) {
  if (rule == nullptr && routing.as_in_username) {
    trace.add(kStep, "As in username", name.has_prefix ? name.prefix : "no prefix",
              domain.name().value());
    return;
  }
  if (rule != nullptr) {
    trace.add(kStep, "routing", rule->condition.name(), domain.name().value());
  } else {
    trace.add(kStep, "userstore", routing.userstore, domain.name().value());
  }
  if (name.has_prefix) trace.add(kStep, "prefix of the user name", name.prefix, "dropped");
}

}  // namespace

Result<std::string> assertedName(const IdentityProvider& provider, const json::Object& claims,
                                 const Subject& subject, Trace& trace) {
  if (provider.user_id_claim) {
    const std::string& claim = provider.user_id_claim->text();
    const ClaimValues found = provider.user_id_claim->find(claims);
    if (!found.values.empty()) {
      const auto text = found.values.size() == 1 ? claimText(*found.values.front()) : std::nullopt;
      if (!text) {
        trace.add("userName", "userIdClaim", claim, "is not one text");
        return refusal(kNoUserName, "the claim '" + claim + "' is not one text", "userName");
      }
      trace.add("userName", "userIdClaim", claim, *text);
      return std::string(trimmed(*text));
    }
    trace.add("userName", "userIdClaim", claim, "absent or blank");
  }
  if (const auto& pattern = provider.user_names.pattern) {
    auto name = pattern->fill(claims, subject);
    trace.add("userName", "userNameTemplate", pattern->text(), name ? *name : name.error().detail);
    return name;
  }
  trace.add("userName", "subject", subject.value(), "is taken");
  return std::string(trimmed(subject.value()));
}

tl::unexpected<Error> refuseDomain(Trace& trace) {
  trace.add(kStep, "domains of the token", "", "the user's is not among them");
  return refusal(kNoDomain, "the user belongs to no user store domain that this token may use");
}

Result<Route> route(const directory::Catalog& catalog, const directory::Principal& principal,
                    const IdentityProvider& provider, ConditionTest& test,
                    std::string_view asserted_name, Trace& trace) {
  const RoutingSettings& routing = provider.routing;
  const Prefixed name = split(asserted_name);
  const auto rule = chooseRule(routing, test, trace);
  if (!rule) return tl::make_unexpected(rule.error());
  const directory::Domain* domain = chooseDomain(catalog, routing, *rule, name);
  if (domain == nullptr || !principal.sees(domain->tables().number)) return refuseDomain(trace);
  traceDomain(*domain, routing, *rule, name, trace);
  if (!routing.allows(domain->name())) {
    trace.add(kStep, "allowedDomains", domain->name().value(), "refused");
    return refusal(kDomainNotAllowed,
                   "the identity provider may not put users into domain " + domain->name().value());
  }
  if (name.name.empty()) {
    trace.add("userName", "name behind the prefix", asserted_name, "is empty");
    return refusal(kNoUserName, "no user name is left behind the domain prefix", "userName");
  }
  return Route{domain, std::string(name.name)};
}

}  // namespace vestibule::jit
