#include "jit/routing.h"

#include "base/log.h"
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
                                      const IdentityProvider& provider, const Prefixed& name,
                                      Trace& trace) {
  if (!provider.as_in_username) {
    const directory::Domain* domain = catalog.findDomain(provider.userstore);
    trace.add("domain", "userstore", provider.userstore,
              domain == nullptr ? "does not exist" : domain->name().value());
    if (name.has_prefix) trace.add("domain", "prefix of the user name", name.prefix, "dropped");
    return domain;
  }
  const directory::Domain* domain = name.prefix.empty() ? nullptr : catalog.findDomain(name.prefix);
  if (domain == nullptr) domain = &catalog.primary();
  trace.add("domain", "As in username", name.has_prefix ? name.prefix : "no prefix",
            domain->name().value());
  return domain;
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

Result<Route> route(const directory::Catalog& catalog, const directory::Principal& principal,
                    const IdentityProvider& provider, std::string_view asserted_name,
                    Trace& trace) {
  const Prefixed name = split(asserted_name);
  const directory::Domain* domain = chooseDomain(catalog, provider, name, trace);
  if (domain == nullptr || !principal.sees(domain->name())) {
    const std::string_view wanted =
        provider.as_in_username ? name.prefix : std::string_view(provider.userstore);
    trace.add("domain", "domains of the token", wanted, "not among them");
    return refusal(kNoDomain, "there is no user store domain '" + printable(wanted, 64) + "'");
  }
  if (name.name.empty()) {
    trace.add("userName", "name behind the prefix", asserted_name, "is empty");
    return refusal(kNoUserName, "no user name is left behind the domain prefix", "userName");
  }
  return Route{domain, std::string(name.name)};
}

}  // namespace vestibule::jit
