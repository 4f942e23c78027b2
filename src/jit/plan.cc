#include "jit/plan.h"

#include <algorithm>

#include "directory/self_service.h"
#include "directory/stored_document.h"
#include "directory/users.h"
#include "jit/codes.h"
#include "jit/federated_lookup.h"
#include "jit/group_match.h"
#include "jit/login_checks.h"
#include "jit/roles.h"
#include "jit/routing.h"
#include "jit/user_name.h"

namespace vestibule::jit {
namespace {

class Planner {
 public:
  Planner(const directory::Context& context, const LoginRules& rules,
          const ProvisionRequest& request, Trace& trace, Reached& reached)
      : context_(context),
        catalog_(rules.catalog),
        principal_(rules.principal),
        provider_(rules.provider),
        purposes_(rules.purposes),
        request_(request),
        conditions_(request.claims, {provider_.role_claim, provider_.role_separator}),
        groups_(context, catalog_, provider_, trace),
        prompts_(context, provider_, purposes_, request.answers, trace),
        trace_(trace),
        reached_(reached) {}

  Result<Plan> make() {
    if (auto usable = checkSubject(request_.subject); !usable) return propagate(usable);
    if (!provider_.provisioning) {
      trace_.add("identityProvider", "jit.isEnabled", "false", "nothing is provisioned");
      return Plan();
    }
    if (auto eligible = requireEligible(provider_.conditions, conditions_, trace_); !eligible) {
      return propagate(eligible);
    }
    plan_.login.identity_provider = provider_.number;
    plan_.login.identity_provider_name = provider_.name;
    plan_.login.subject = request_.subject;

    // Only a new user needs a route, but its domain is where a known one most likely is: asking
    // there first takes one query.
    auto routed = routeByName();
    auto linked = lookUp(routed ? *routed->domain : catalog_.primary());
    if (!linked) return propagate(linked);
    if (*linked && (*linked)->user) return planKnown(**std::move(linked));
    if (*linked) plan_.stale_link = (*linked)->identity.user;
    if (!routed) return propagate(routed);
    return planUnknown(*routed);
  }

 private:
  Result<Route> routeByName() {
    auto name = assertedName(provider_, request_.claims, request_.subject, trace_);
    if (!name) return propagate(name);
    return route(catalog_, principal_, provider_, conditions_, *name, trace_);
  }

  Result<std::optional<Linked>> lookUp(const directory::Domain& expected) {
    return findLinked(context_, catalog_, principal_, provider_, request_.subject, expected,
                      trace_);
  }

  /// What holds for users known and new: the domain, which the caller sees, is in use.
  Result<void> checkDomain(const directory::Domain& domain) {
    reached_.domain = &domain;
    if (domain.policy.settings().disabled) {
      trace_.add("domain", "Disabled", domain.name().value(), "refused");
      return refusal(kDisabledDomain,
                     "user store domain " + domain.name().value() + " is disabled");
    }
    plan_.domain = &domain;
    return {};
  }

  /// True when the domain that was found takes no writes.
  bool isReadOnly() const {
    return plan_.domain->unsettled || plan_.domain->policy.settings().read_only;
  }

  Result<void> requireWritable(const directory::Domain& domain) {
    if (auto settled = directory::requireSettled(domain); !settled) {
      trace_.add("domain", domain.row.state, domain.name().value(), "refused");
      return settled;
    }
    if (!domain.policy.settings().read_only) return {};
    trace_.add("domain", "ReadOnly", domain.name().value(), "refused");
    return refusal(kReadOnlyDomain, "user store domain " + domain.name().value() + " is read-only");
  }

  /// A link that no login has written yet was made by an administrator.
  LoginKind kindOf(const Linked& linked) const {
    const bool first = plan_.link || linked.identity.user_version == Version(0);
    return first ? LoginKind::kFirst : LoginKind::kLater;
  }

  /// What is remembered of the login; for the first one, what a later one will compare with.
  std::string digestOf(const WantedGroups& wanted, const std::vector<std::string>& ids,
                       std::uint64_t group_names) const {
    const auto terms = termsOf(*context_.user_type, provider_, purposes_);
    if (!groups_.areRemembered()) return claimsDigest(provider_, plan_.mapped, {}, {}, 0, terms);
    return claimsDigest(provider_, plan_.mapped, wanted, ids, group_names, terms);
  }

  Result<void> readAttributes() {
    auto current = directory::parseStored(plan_.user->resource.document);
    if (!current) return propagate(current);
    plan_.attributes = *std::move(current);
    return {};
  }

  /// Whether logins may change the user. The plan when they may let him in and no more.
  Result<std::optional<Plan>> lookAtUser() {
    if (auto read = readAttributes(); !read) return propagate(read);
    const bool is_active = directory::isActive(plan_.attributes);
    // Nobody is enabled into a protected group either.
    const bool is_protected =
        isProtectedUser(provider_.protection, plan_.domain->name(), *context_.user_type,
                        *plan_.user, plan_.attributes, !is_active);
    if (is_protected && !is_active) {
      trace_.add("user", "protectedUsers", "active false", "refused");
      return refusal(kUserDisabled, "the user is disabled, and no login enables a protected one");
    }
    if (auto active = requireActive(provider_, plan_.attributes); !active) {
      trace_.add("user", "active", "false", "refused");
      return propagate(active);
    }
    if (!is_active) trace_.add("user", "reactivate", "active false", "to be enabled");
    if (is_protected) return leftAlone("user", "protectedUsers", "the user is protected");
    if (!provider_.switches.update && is_active && !plan_.link) {
      return leftAlone("attributes", "update", "false");
    }
    return std::optional<Plan>();
  }

  Result<Plan> planKnown(Linked linked) {
    reached_.user = linked.user->resource.meta.id;
    if (auto usable = checkDomain(*linked.domain); !usable) return propagate(usable);
    plan_.user = std::move(linked.user);
    plan_.kind = kindOf(linked);
    if (plan_.kind == LoginKind::kLater) plan_.login.known_since = linked.identity.created;
    const bool is_usual = isUsual(provider_, plan_.user->resource.document);
    if (!is_usual) {
      auto left = lookAtUser();
      if (!left) return propagate(left);
      if (*left) return **std::move(left);
    }
    auto mapped = mapClaims(provider_, rulesOf(provider_), plan_.kind, request_.claims, trace_);
    if (!mapped) return propagate(mapped);
    plan_.mapped = *std::move(mapped);
    Result<WantedGroups> wanted;
    if (provider_.switches.update) {
      wanted = groups_.wanted(*plan_.domain, request_.claims, plan_.kind);
    }
    if (!wanted) return propagate(wanted);
    plan_.sync_groups = wanted->stated;

    const GroupMatch match = matchGroups(wanted->groups, plan_.user->groups);
    const bool same_user = !plan_.link && request_.answers == nullptr &&
                           (is_usual || directory::isActive(plan_.attributes)) &&
                           linked.identity.user_version == plan_.user->resource.meta.version;
    const auto digest = [&](const std::vector<std::string>& ids, std::uint64_t group_names) {
      return digestOf(*wanted, ids, group_names);
    };
    // No group has got a name since the last login: those that were missing then still are.
    if (same_user && linked.identity.claims_digest == digest(match.ids, linked.group_names)) {
      groups_.ignoreMissing(wanted->groups, match.keys, plan_.changes);
      return unchanged();
    }
    if (is_usual) {
      if (auto read = readAttributes(); !read) return propagate(read);
    }

    auto found = groups_.existing(*plan_.domain, wanted->groups);
    if (!found) return propagate(found);
    auto missing =
        groups_.missing(*plan_.domain, wanted->groups, keysOf(found->groups), plan_.changes);
    if (!missing) return propagate(missing);
    plan_.new_groups = *std::move(missing);
    plan_.groups = std::move(found->groups);
    const auto ids = idsOf(plan_.groups);
    plan_.login.claims_digest = digest(ids, found->revision);
    if (same_user && ids == match.ids && plan_.new_groups.empty() &&
        linked.identity.claims_digest == plan_.login.claims_digest) {
      return unchanged();
    }
    auto questioned = prompts_.forUser(*plan_.domain, plan_.user->resource.meta.id,
                                       plan_.attributes, plan_.mapped);
    if (!questioned) return propagate(questioned);
    if (questioned->form) return toBeAsked(*std::move(questioned));
    keepConsent(*questioned);
    return planUpdate();
  }

  /// Nothing is done before the person has answered.
  Result<Plan> toBeAsked(Questioned questioned) {
    plan_.outcome = Outcome::kPrompt;
    plan_.form = std::move(questioned.form);
    plan_.problems = std::move(questioned.problems);
    plan_.new_groups.clear();
    return std::move(plan_);
  }

  void keepConsent(Questioned& questioned) {
    plan_.has_decided = questioned.has_decided;
    plan_.asked = std::move(questioned.asked);
    plan_.decisions = std::move(questioned.decisions);
  }

  Result<Plan> unchanged() {
    return leftAlone("attributes", "what the last login brought",
                     "claims, roles and settings are the same");
  }

  /// A known user of whom nothing is changed.
  Result<Plan> leftAlone(std::string_view step, std::string_view rule, std::string_view input) {
    trace_.add(step, rule, input, "nothing to do");
    plan_.outcome = Outcome::kUnchanged;
    return std::move(plan_);
  }

  /// A known user of whom something may have to change.
  Result<Plan> planUpdate() {
    auto attributes = attributesAfterLogin(context_, provider_, plan_.mapped, plan_.attributes);
    if (!attributes) return propagate(attributes);
    const bool differs = *attributes != plan_.attributes;
    trace_.add("attributes", "attributeSyncMethod",
               provider_.document.find("jit")->stringAt("attributeSyncMethod").value_or(""),
               differs ? "changed" : "unchanged");
    plan_.attributes = *std::move(attributes);
    if (plan_.sync_groups) {
      auto compared = groups_.compare(*plan_.domain, *plan_.user, plan_.groups, plan_.kept_groups,
                                      plan_.changes);
      if (!compared) return propagate(compared);
    }
    const bool changed = differs || plan_.link || !plan_.asked.empty() ||
                         !plan_.changes.granted.empty() || !plan_.changes.revoked.empty();
    if (changed) {
      if (auto writable = requireWritable(*plan_.domain); !writable) return propagate(writable);
    }
    // A read-only domain gets nothing at all, not even the note that nothing changed.
    const bool noted =
        !isReadOnly() &&
        directory::noteLogin(context_, plan_.login, differs || plan_.link, now(), plan_.attributes);
    plan_.outcome = changed || noted ? Outcome::kUpdated : Outcome::kUnchanged;
    if (plan_.link) plan_.outcome = Outcome::kLinked;
    plan_.writes = changed || !isReadOnly();
    return std::move(plan_);
  }

  /// A subject that is linked to nobody: a local user by the link rules, or a new one.
  Result<Plan> planUnknown(const Route& place) {
    if (auto usable = checkDomain(*place.domain); !usable) return propagate(usable);
    if (auto writable = requireWritable(*place.domain); !writable) return propagate(writable);
    if (provider_.linking.look_up) {
      auto match = findLocalUser(context_, *place.domain, provider_, request_.claims, trace_);
      if (!match && match.error().code == kLinkedToAnother.code) {
        auto known = planFinishedMeanwhile(*place.domain);
        if (!known) return propagate(known);
        if (*known) return **std::move(known);
      }
      if (!match) return propagate(match);
      if (*match) return planLink(*place.domain, **std::move(match));
      if (provider_.linking.skip_without_match) {
        trace_.add("link", "skipJITForLookupFailure", "true", "nothing is provisioned");
        return Plan();
      }
    }
    if (!provider_.switches.create) {
      trace_.add("user", "create", "false", "refused");
      return refusal(kCreateSwitchedOff,
                     "the subject has no local user, and the identity provider may not make one");
    }
    return planNew(place);
  }

  Result<Plan> planLink(const directory::Domain& domain, LinkMatch match) {
    Linked linked;
    linked.domain = &domain;
    linked.user = match.user;
    plan_.link = std::move(match);
    return planKnown(std::move(linked));
  }

  Result<Plan> planNew(const Route& place) {
    const directory::Domain& domain = *place.domain;
    std::string name = fittedUserName(domain, provider_, place.user_name, trace_);
    bool asks_name = provider_.prompt.asksUserName();
    if (!asks_name) {
      auto allowed = checkNewUserName(domain, provider_, name, trace_);
      if (!allowed) return propagate(allowed);
    }
    plan_.kind = LoginKind::kCreates;
    auto mapped = mapClaims(provider_, rulesOf(provider_), plan_.kind, request_.claims, trace_);
    if (!mapped) return propagate(mapped);
    plan_.mapped = *std::move(mapped);
    if (!asks_name) {
      // Where people are asked, what is missing now may be there when they have answered.
      if (provider_.prompt.scheme == Scheme::kSilently) {
        if (auto made = makeUser(domain, name, plan_.mapped); !made) return propagate(made);
      }
      auto taken = isUserNameTaken(context_, domain, name, trace_);
      if (!taken) return propagate(taken);
      if (*taken) {
        auto known = planTaken(domain, name);
        if (!known) return propagate(known);
        if (*known) return **std::move(known);
        asks_name = provider_.user_names.on_taken == NameTaken::kPrompt;
        if (!asks_name) {
          auto free = freeUserName(context_, domain, provider_, name, trace_);
          if (!free) return propagate(free);
          name = *std::move(free);
        }
      }
    }
    // What later logins are compared with is what the identity provider sent.
    MappedClaims settled = plan_.mapped;
    auto questioned = prompts_.forNewUser(domain, name, asks_name, settled);
    if (!questioned) return propagate(questioned);
    if (questioned->form) return toBeAsked(*std::move(questioned));
    if (auto made = makeUser(domain, questioned->user_name, settled); !made) {
      return propagate(made);
    }
    keepConsent(*questioned);
    return planCreation();
  }

  /// The attributes of the new user, as far as they can be stored.
  Result<void> makeUser(const directory::Domain& domain, const std::string& name,
                        const MappedClaims& mapped) {
    auto attributes = newUserAttributes(*context_.registry, *context_.user_type, name, mapped);
    if (!attributes) return propagate(attributes);
    auto write = directory::checkProvisionedUser(context_, domain, *attributes);
    if (!write) {
      trace_.add("userName", "preparation", name, write.error().detail);
      if (write.error().attribute == context_.user_type->naming_attribute->name) {
        return userNameRefused(std::move(write.error()));
      }
      return refusal(kInvalidAttribute, std::move(write.error()));
    }
    plan_.attributes = *std::move(attributes);
    return {};
  }

  Result<Plan> planCreation() {
    auto wanted = groups_.wanted(*plan_.domain, request_.claims, plan_.kind);
    if (!wanted) return propagate(wanted);
    auto found = groups_.existing(*plan_.domain, wanted->groups);
    if (!found) return propagate(found);
    auto missing =
        groups_.missing(*plan_.domain, wanted->groups, keysOf(found->groups), plan_.changes);
    if (!missing) return propagate(missing);
    plan_.new_groups = *std::move(missing);
    plan_.groups = std::move(found->groups);
    for (const auto& group : plan_.groups) plan_.changes.granted.push_back(group.display_name);
    plan_.login.claims_digest = digestOf(*wanted, idsOf(plan_.groups), found->revision);
    plan_.outcome = Outcome::kCreated;
    plan_.writes = true;
    return std::move(plan_);
  }

  /// The plan for a name that is taken; nothing when the user is to have another one.
  Result<std::optional<Plan>> planTaken(const directory::Domain& domain, const std::string& name) {
    const NameTaken policy = provider_.user_names.on_taken;
    auto known = planFinishedMeanwhile(domain);
    if (!known || *known || policy == NameTaken::kSuffix || policy == NameTaken::kPrompt) {
      return known;
    }
    if (policy == NameTaken::kLink) {
      auto match = findNameHolder(context_, domain, provider_, request_.claims, name, trace_);
      if (!match) return propagate(match);
      if (*match) return planLink(domain, **std::move(match));
    }
    return refusal(kUserNameTaken,
                   "another user of domain " + domain.name().value() + " has this name",
                   "userName");
  }

  /// The name or the local user may be taken by this very subject, whose first login was finished
  /// by another request since we looked it up. Nothing when it was not.
  Result<std::optional<Plan>> planFinishedMeanwhile(const directory::Domain& domain) {
    auto linked = lookUp(domain);
    if (!linked) return propagate(linked);
    if (!*linked || !(*linked)->user) return std::optional<Plan>();
    plan_.stale_link.reset();
    return planKnown(**std::move(linked));
  }

  const directory::Context& context_;
  const directory::Catalog& catalog_;
  const directory::Principal& principal_;
  const IdentityProvider& provider_;
  const PromptPlanner::Purposes& purposes_;
  const ProvisionRequest& request_;
  ConditionTest conditions_;
  GroupPlanner groups_;
  PromptPlanner prompts_;
  Trace& trace_;
  Reached& reached_;
  Plan plan_;
};

}  // namespace

Result<Plan> makePlan(const directory::Context& context, const LoginRules& rules,
                      const ProvisionRequest& request, Trace& trace, Reached& reached) {
  return Planner(context, rules, request, trace, reached).make();
}

}  // namespace vestibule::jit
