#include "jit/routing.h"

#include "jit/claims.h"
#include "jit/codes.h"

namespace vestibule::jit {
namespace {

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

/// The domain for a name by the settings; null when they name one that does not exist.
const directory::Domain* chooseDomain(const directory::Catalog& catalog,
                                      const IdentityProvider& provider, const Prefixed& name) {
  if (!provider.as_in_username) return catalog.findDomain(provider.userstore);
  const directory::Domain* domain = name.prefix.empty() ? nullptr : catalog.findDomain(name.prefix);
  return domain == nullptr ? &catalog.primary() : domain;
}

void traceDomain(const directory::Domain& domain, const IdentityProvider& provider,
                 const Prefixed& name, Trace& trace) {
  if (provider.as_in_username) {
    trace.add("domain", "As in username", name.has_prefix ? name.prefix : "no prefix",
              domain.name().value());
    return;
  }
  trace.add("domain", "userstore", provider.userstore, domain.name().value());
  if (name.has_prefix) trace.add("domain", "prefix of the user name", name.prefix, "dropped");
}

}  // namespace

Result<std::string> assertedName(const IdentityProvider& provider, const json::Object& claims,
                                 const Subject& subject, Trace& trace) {
  constexpr std::string_view kStep = "userName";
  if (provider.user_id_claim) {
    const std::string& claim = provider.user_id_claim->text();
    const ClaimValues found = provider.user_id_claim->find(claims);
    if (!found.values.empty()) {
      const auto text = found.values.size() == 1 ? claimText(*found.values.front()) : std::nullopt;
      if (!text) {
        trace.add(kStep, "userIdClaim", claim, "is not one text");
        return refusal(kNoUserName, "the claim '" + claim + "' is not one text", "userName");
      }
      trace.add(kStep, "userIdClaim", claim, *text);
      return std::string(trimmed(*text));
    }
    trace.add(kStep, "userIdClaim", claim, "absent or blank: the subject is taken");
  } else {
    trace.add(kStep, "no userIdClaim", subject.value(), "the subject is taken");
  }
  return std::string(trimmed(subject.value()));
}

tl::unexpected<Error> refuseDomain(Trace& trace) {
  trace.add("domain", "domains of the token", "", "the user's is not among them");
  return refusal(kNoDomain, "the user belongs to no user store domain that this token may use");
}

Result<Route> route(const directory::Catalog& catalog, const directory::Principal& principal,
                    const IdentityProvider& provider, std::string_view asserted_name,
                    Trace& trace) {
  const Prefixed name = split(asserted_name);
  const directory::Domain* domain = chooseDomain(catalog, provider, name);
  if (domain == nullptr || !principal.sees(domain->tables().number)) return refuseDomain(trace);
  traceDomain(*domain, provider, name, trace);
  if (name.name.empty()) {
    trace.add("userName", "name behind the prefix", asserted_name, "is empty");
    return refusal(kNoUserName, "no user name is left behind the domain prefix", "userName");
  }
  return Route{domain, std::string(name.name)};
}

}  // namespace vestibule::jit
