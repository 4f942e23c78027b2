#include "jit/roles.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/blanks.h"
#include "base/unicode.h"
#include "jit/claims.h"
#include "jit/codes.h"

namespace vestibule::jit {
namespace {

constexpr std::string_view kStep = "roles";

using Names = std::set<std::string, std::less<>>;

void addRole(std::string_view text, Names& roles) {
  const std::string_view role = trimmed(text);
  if (!role.empty()) roles.emplace(role);
}

/// The groups that a role stands for.
std::vector<LocalRole> targetsOf(const IdentityProvider& provider,
                                 const directory::Catalog& catalog, const directory::Domain& domain,
                                 const std::string& role) {
  std::vector<LocalRole> targets;
  const auto [first, last] = provider.roles.equal_range(role);
  for (auto mapping = first; mapping != last; ++mapping) targets.push_back(mapping->second);
  if (!targets.empty() || provider.unmapped == UnmappedRoles::kDrop) return targets;
  const std::size_t slash = role.find('/');
  const directory::Domain* named =
      slash == std::string::npos ? nullptr : catalog.findDomain(role.substr(0, slash));
  if (named != nullptr) {
    targets.push_back({named->name().value(), role.substr(slash + 1)});
  } else {
    targets.push_back({domain.name().value(), role});
  }
  return targets;
}

void traceWhatIsNoText(const ClaimValues& claim, Trace& trace) {
  for (const json::Value* value : claim.values) {
    if (!claimText(*value)) {
      trace.add(kStep, "role claim", value->typeName(), "is no text: dropped");
    }
  }
}

/// The patterns of `roles.filter` on the roles of one login.
class RoleFilter {
 public:
  RoleFilter(const std::vector<policy::Pattern>& patterns, Trace& trace)
      : patterns_(patterns), trace_(trace) {}

  bool lets(const std::string& role) {
    if (patterns_.empty()) return true;
    if (uncheckable_ == kMaxUncheckable)
      return drop(role, "others were too much work: dropped unchecked");
    bool limited = false;
    for (const policy::Pattern& pattern : patterns_) {
      const policy::Match match = pattern.test(role);
      if (match == policy::Match::kYes) return true;
      if (match != policy::Match::kLimit) continue;
      limited = true;
      // A role that is merely too long cost nothing, and is too long for all of them.
      if (role.size() <= policy::Pattern::kMaxSubject) ++uncheckable_;
      break;
    }
    return drop(role, limited ? "is too much work: dropped" : "no pattern matches: dropped");
  }

 private:
  bool drop(const std::string& role, std::string_view outcome) {
    trace_.add(kStep, "filter", role, outcome);
    return false;
  }

  const std::vector<policy::Pattern>& patterns_;
  Trace& trace_;
  std::size_t uncheckable_ = 0;
};

}  // namespace

Names rolesIn(const ClaimValues& claim, std::string_view separator) {
  Names roles;
  for (const json::Value* value : claim.values) {
    const auto text = claimText(*value);
    if (!text) continue;
    std::string_view rest = *text;
    for (std::size_t at = std::string_view::npos;
         !separator.empty() && (at = rest.find(separator)) != std::string_view::npos;) {
      addRole(rest.substr(0, at), roles);
      rest.remove_prefix(at + separator.size());
    }
    addRole(rest, roles);
    if (roles.size() > kMaxRoles) break;
  }
  return roles;
}

Result<WantedGroups> wantedGroups(const IdentityProvider& provider,
                                  const directory::Catalog& catalog,
                                  const directory::Domain& domain, const json::Object& claims,
                                  Trace& trace) {
  WantedGroups wanted;
  if (!provider.role_claim) {
    trace.add(kStep, "roleClaim", "", "not configured: groups stay as they are");
    return wanted;
  }
  const std::string& claim_name = provider.role_claim->text();
  const ClaimValues claim = provider.role_claim->find(claims);
  if (claim.elsewhere) {
    trace.add(kStep, "roleClaim", claim_name,
              "is to be fetched elsewhere: groups stay as they are");
    return wanted;
  }
  wanted.stated = true;
  traceWhatIsNoText(claim, trace);
  const Names roles = rolesIn(claim, provider.role_separator);
  if (roles.size() > kMaxRoles) {
    trace.add(kStep, "roleClaim", claim_name, "too many roles");
    return refusal(kTooManyRoles, "the claim '" + claim_name + "' has more than " +
                                      std::to_string(kMaxRoles) + " roles");
  }
  if (roles.empty()) trace.add(kStep, "roleClaim", claim_name, "no roles");
  std::size_t uncheckable = 0;
  RoleFilter filter(provider.role_filter, trace);
  for (const std::string& role : roles) {
    if (!filter.lets(role)) continue;
    const auto targets = targetsOf(provider, catalog, domain, role);
    if (targets.empty()) trace.add(kStep, "unmapped: drop", role, "dropped");
    for (const LocalRole& target : targets) {
      if (target.domain != domain.name().value()) {
        // Not of which: the token may be bound to the user's.
        trace.add(kStep, "mapping", role, "is of another domain: dropped");
        continue;
      }
      std::string key = foldCase(target.group);
      if (provider.protection.groups.contain(domain.name(), key)) {
        trace.add(kStep, "protectedGroups", target.group, "is never granted: dropped");
        continue;
      }
      if (uncheckable == kMaxUncheckable) {
        trace.add(kStep, "role policy", target.group,
                  "others took the patterns too much work: dropped unchecked");
        continue;
      }
      if (auto allowed = domain.policy.checkRoleName(target.group); !allowed) {
        // A name that is merely too long cost nothing.
        const bool tried = target.group.size() <= policy::Pattern::kMaxSubject;
        if (tried && allowed.error().code == policy::kRoleNameLimitCode) ++uncheckable;
        trace.add(kStep, "role policy", target.group,
                  allowed.error().code + " " + allowed.error().detail + ": dropped");
        continue;
      }
      trace.add(kStep, "mapping", role, target.group);
      wanted.groups.push_back({target.group, std::move(key)});
    }
  }
  auto& groups = wanted.groups;
  std::sort(groups.begin(), groups.end(),
            [](const WantedGroup& a, const WantedGroup& b) { return a.key < b.key; });
  groups.erase(
      std::unique(groups.begin(), groups.end(),
                  [](const WantedGroup& a, const WantedGroup& b) { return a.key == b.key; }),
      groups.end());
  return wanted;
}

}  // namespace vestibule::jit
