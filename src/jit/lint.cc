#include "jit/lint.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "base/unicode.h"
#include "jit/user_name.h"

namespace vestibule::jit {
namespace {

constexpr std::string_view kAddress = "zoe.nunez@acme.example";
/// What claims and subjects look like.
constexpr std::array<std::string_view, 6> kSamples{"zoe",     kAddress,    "40817",
                                                   "ZN40817", "Zoe Nunez", "00u8z5t1q4XnKpWm25d7"};

bool holdsAddresses(const ClaimPath& claim) {
  const std::string name = lowerAscii(claim.text());
  return name.find("mail") != std::string::npos || name.find("upn") != std::string::npos;
}

/// Names that the settings make of sample claims; none where nothing is known about the claim.
std::set<std::string> sampleNames(const IdentityProvider& provider) {
  std::set<std::string> names;
  if (provider.user_id_claim && holdsAddresses(*provider.user_id_claim)) {
    names.emplace(kAddress);
  }
  if (provider.user_id_claim || !provider.user_names.pattern) return names;
  for (const std::string_view sample : kSamples) {
    json::Object claims;
    for (const ClaimPath* claim : provider.user_names.pattern->claims()) {
      claims.set(claim->text(), holdsAddresses(*claim) ? kAddress : sample);
    }
    if (auto name = provider.user_names.pattern->fill(claims, Subject(std::string(sample)))) {
      names.insert(*std::move(name));
    }
  }
  return names;
}

/// The domains that new users go to without naming one.
std::vector<std::pair<std::string, const directory::Domain*>> destinations(
    const IdentityProvider& provider, const directory::Catalog& catalog) {
  const RoutingSettings& routing = provider.routing;
  std::vector<std::pair<std::string, const directory::Domain*>> found;
  if (!routing.as_in_username) {
    found.emplace_back("/jit/userstore", catalog.findDomain(routing.userstore));
  } else if (routing.allows(catalog.primary().name())) {
    found.emplace_back("/jit/userstore", &catalog.primary());
  }
  for (std::size_t i = 0; i < routing.rules.size(); ++i) {
    found.emplace_back("/jit/routing/" + std::to_string(i) + "/userstore",
                       catalog.findDomain(routing.rules[i].domain));
  }
  return found;
}

/// What is left of the name where a prefix is taken for a domain.
std::string bareName(const std::string& name) {
  const std::size_t slash = name.find('/');
  return slash == std::string::npos ? name : name.substr(slash + 1);
}

bool someAllowed(const IdentityProvider& provider, const directory::Domain& domain,
                 const std::set<std::string>& names) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& full) {
    std::string name = bareName(full);
    if (provider.user_names.sanitize) name = sanitizedUserName(domain, name);
    return domain.policy.checkUserName(name) && prepareUserName(name) &&
           directory::requireBareName(domain, name, "userName");
  });
}

void adviseOnDomains(const IdentityProvider& provider, const directory::Catalog& catalog,
                     std::vector<Advice>& advice) {
  const auto names = sampleNames(provider);
  std::set<const directory::Domain*> seen;
  for (const auto& [setting, domain] : destinations(provider, catalog)) {
    if (domain == nullptr || !seen.insert(domain).second) continue;
    const policy::PolicySettings& settings = domain->policy.settings();
    if (settings.disabled || settings.read_only) {
      advice.push_back({setting, "JIT-2002",
                        "domain " + domain->name().value() + " is " +
                            (settings.disabled ? "disabled" : "read-only") +
                            ": no new user can be made there"});
    }
    if (!names.empty() && !someAllowed(provider, *domain, names)) {
      const std::string where =
          provider.user_id_claim ? "/claims/userIdClaim" : "/jit/userNameTemplate";
      advice.push_back({where, "JIT-2001",
                        "no name that was tried, such as '" + bareName(*names.rbegin()) +
                            "', is allowed by the user name policy of domain " +
                            domain->name().value()});
    }
  }
}

void adviseOnAddresses(const IdentityProvider& provider, std::vector<Advice>& advice) {
  const auto advise = [&](const std::string& list, std::size_t row, std::string_view does) {
    advice.push_back({list + "/" + std::to_string(row), "JIT-2003",
                      std::string(does) +
                          " by an e-mail address that nobody need have verified: right only for an "
                          "identity provider that verifies every address"});
  };
  const auto trusts = [](const Condition& condition) {
    return condition.kind == ConditionKind::kEmailDomain && !condition.verified_email;
  };
  const auto& rules = provider.linking.rules;
  for (std::size_t i = 0; provider.linking.look_up && i < rules.size(); ++i) {
    if (rules[i].on_email && !rules[i].verified_email) {
      advise("/jit/accountLookupAttributeMappings", i, "links");
    }
  }
  const auto& allow = provider.conditions.allow;
  for (std::size_t i = 0; i < allow.size(); ++i) {
    if (trusts(allow[i])) advise("/jit/conditions/allow", i, "lets in");
  }
  const auto& routing = provider.routing.rules;
  for (std::size_t i = 0; i < routing.size(); ++i) {
    if (trusts(routing[i].condition)) advise("/jit/routing", i, "places users");
  }
}

void adviseOnGroups(const IdentityProvider& provider, std::vector<Advice>& advice) {
  if (provider.max_revoked && provider.group_sync != GroupSync::kOverrideAll) {
    advice.push_back({"/roles/maxRevokedPerLogin", "JIT-2005",
                      "limits nothing: only with idpGroupSyncMethod OVERRIDE_ALL does a login take "
                      "groups away"});
  }
  if (provider.create_groups && provider.group_sync == GroupSync::kNone) {
    advice.push_back({"/roles/createGroups", "JIT-2006",
                      "makes no group: with idpGroupSyncMethod NONE no login grants one"});
  }
}

void adviseOnPrompts(const IdentityProvider& provider, std::vector<Advice>& advice) {
  if (!mayAsk(provider)) return;
  if (provider.prompt.return_origins.empty()) {
    advice.push_back(
        {"/jit/prompt/returnOrigins", "JIT-2007",
         "nobody who was asked can be sent back: a login with a returnUrl is refused"});
  }
  if (provider.forward_auth) {
    advice.push_back({"/forwardAuth", "JIT-2008",
                      "behind a proxy nobody can be asked: who has to be is refused there"});
  }
}

}  // namespace

std::vector<Advice> adviceOn(const IdentityProvider& provider, const directory::Catalog& catalog) {
  std::vector<Advice> advice;
  if (!provider.provisioning) return advice;
  adviseOnDomains(provider, catalog, advice);
  adviseOnAddresses(provider, advice);
  adviseOnGroups(provider, advice);
  adviseOnPrompts(provider, advice);
  if (!provider.switches.create && !(provider.linking.look_up && provider.linking.allowed)) {
    advice.push_back({"/jit/create", "JIT-2004",
                      "no subject can come in but those that an administrator links: neither "
                      "create nor associateLocalUser is on"});
  }
  return advice;
}

}  // namespace vestibule::jit
