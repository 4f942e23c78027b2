#include "jit/provision.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "directory/provisioned_groups.h"
#include "directory/provisioned_users.h"
#include "directory/self_service.h"
#include "jit/codes.h"
#include "jit/decision_event.h"
#include "jit/id_token.h"
#include "jit/kept_decisions.h"
#include "jit/login_checks.h"
#include "jit/login_record.h"
#include "jit/prompts.h"
#include "jit/return_url.h"
#include "json/write.h"
#include "store/federated_identity_store.h"

namespace vestibule::jit {
namespace {

/// How often a decision is made anew because others changed what it stood on.
constexpr int kAttempts = 5;

/// As often as there are suffixes: of racing first logins for one name one a round gets the next.
constexpr int kAttemptsWithSuffixes = 100;

/// An error of another room under the code that says it best.
Error coded(Error error) {
  if (findCode(error.code) != nullptr) return error;
  const auto under = [&](const CodeInfo& info) {
    error.kind = info.kind;
    error.code = std::string(info.code);
    return error;
  };
  switch (error.kind) {
    case ErrorKind::kUnavailable:
      return under(kDatabaseUnavailable);
    case ErrorKind::kReadOnly:
      return under(kReadOnlyDomain);
    case ErrorKind::kTooManyRequests:
      return under(kGuardRailReached);
    case ErrorKind::kInvalidValue:
    case ErrorKind::kMutability:
    case ErrorKind::kPayloadTooLarge:
      return under(kInvalidAttribute);
    default:
      break;
  }
  if (error.kind != ErrorKind::kInternal) {
    error.internal = "unexpected in a provision: " + error.detail + " " + error.internal;
    error.detail = "internal error";
  }
  return under(kUnexpected);
}

/// Names of the groups that `left` is a direct member of and `right` is not.
std::vector<std::string> difference(const std::vector<scim::GroupMembership>& left,
                                    const std::vector<scim::GroupMembership>& right) {
  std::vector<std::string> names;
  for (const auto& group : left) {
    if (!group.direct) continue;
    const bool in_both = std::any_of(right.begin(), right.end(), [&](const auto& other) {
      return other.direct && other.id == group.id;
    });
    if (!in_both) names.push_back(group.display);
  }
  return names;
}

/// True when what was planned on has changed: the subject or the user was linked meanwhile, the
/// rule does not find the user any more, or it has become protected.
bool isStale(const Error& error) {
  return error.kind == ErrorKind::kVersionMismatch ||
         (error.kind == ErrorKind::kUniqueness && error.attribute == "subject");
}

/// One request on its way.
class Provisioning {
 public:
  Provisioning(const directory::Context& context, const IdentityProviders& providers,
               const directory::Principal& principal, const ProvisionRequest& request)
      : context_(context), providers_(providers), principal_(principal), request_(request) {}

  ProvisionResult run(bool execute) && {
    auto decision = decide(execute);
    if (!decision) {
      decision.error() = coded(std::move(decision.error()));
      trace_.add("result", decision.error().code, "", decision.error().detail);
      if (execute) keepFailure(decision.error());
    } else {
      trace_.add("result", "", "", nameOf(decision->outcome));
      if (execute && !is_stored_) remember(context_, reachedEvent(nameOf(decision->outcome)));
    }
    if (execute) count(decision);
    return {std::move(decision), on_failure_, std::move(trace_), asked().subject, validUntil()};
  }

 private:
  void count(const Result<Provisioned>& decision) const {
    providers_.decisions().count(*catalog_, provider_ ? provider_->number : 0,
                                 decision ? decision->outcome : Outcome::kRefused,
                                 decision ? nullptr : &decision.error());
  }

  Result<Provisioned> decide(bool execute) {
    catalog_ = context_.catalog->current();
    if (auto found = findProvider(); !found) return propagate(found);
    auto verified = takeIdToken(*provider_, request_, now(), trace_);
    if (!verified) return propagate(verified);
    verified_ = *std::move(verified);
    auto purposes = providers_.purposesOf(*catalog_, *provider_);
    if (!purposes) return propagate(purposes);
    if (auto may_return = checkReturn(); !may_return) return propagate(may_return);
    const LoginRules rules{*catalog_, principal_, *provider_, *purposes};
    const int attempts =
        provider_->user_names.on_taken == NameTaken::kSuffix ? kAttemptsWithSuffixes : kAttempts;
    for (int attempt = 1; attempt <= attempts; ++attempt) {
      reached_ = {};
      is_stored_ = false;
      auto plan = makePlan(context_, rules, asked(), trace_, reached_);
      if (!plan) return propagate(plan);
      if (plan->outcome == Outcome::kPrompt) return toBeAsked(*std::move(plan), execute);
      if (!execute) return planned(*std::move(plan));
      plan->login.record = [&](const directory::LoginChange& change) {
        return recordOf(change, *plan);
      };
      plan->login.asked_by = askedBy(head());
      if (!plan->new_groups.empty()) {
        if (auto made = makeGroups(*plan); !made) return propagate(made);
        continue;
      }
      if (!plan->writes) return withNewGroups(planned(*std::move(plan)));
      auto done = plan->user ? update(*plan) : create(*plan);
      if (!done) return propagate(done);
      if (*done) return withNewGroups(**std::move(done));
      trace_.add("write", "what was read", "", "changed meanwhile: decided anew");
    }
    return refusal(kKeptChanging, "others kept changing the same user: try again");
  }

  /// What the transaction of a login takes along.
  store::LoginRecord recordOf(const directory::LoginChange& change, const Plan& plan) {
    auto record = loginRecord(
        {head(), request_, *provider_, plan, new_groups_, trace_, providers_.terms()}, change);
    is_stored_ = record.audit.has_value();
    return record;
  }

  /// An error of a transaction that would have ended the operation or the prompt as well.
  static Error namedLoss(Error error) {
    if (error.kind != ErrorKind::kConflict) return error;
    if (error.attribute == "prompt") return refusal(kPromptEnded, std::move(error)).value();
    if (error.attribute != "operation") return error;
    return refusal(kTakenOver, std::move(error)).value();
  }

  /// The event of a decision that writes nothing.
  store::AuditEvent reachedEvent(std::string_view outcome) const {
    auto event = decisionEvent(head(), outcome, trace_);
    if (reached_.domain != nullptr) {
      event.domain = store::AuditDomain{reached_.domain->tables().number, reached_.domain->name()};
    }
    event.resource = reached_.user;
    return event;
  }

  void keepFailure(const Error& error) const {
    const bool failed = isOutage(error);
    auto event = reachedEvent(failed ? "failed" : nameOf(Outcome::kRefused));
    event.code = error.code;
    if (!failed && provider_ != nullptr) {
      keepRefusal(context_, std::move(event));
    } else {
      remember(context_, std::move(event));
    }
  }

  DecisionHead head() const {
    return {request_.correlation_id, &principal_,
            provider_ ? provider_->name : printable(request_.identity_provider), asked().subject};
  }

  /// Somebody who is asked has to come back somewhere, and nobody is sent to where the settings do
  /// not say.
  Result<void> checkReturn() {
    if (!mayAsk(*provider_) || request_.return_url.empty()) return {};
    auto allowed = checkReturnUrl(request_.return_url, provider_->prompt.return_origins);
    if (!allowed) trace_.add("prompt", "returnOrigins", request_.return_url, "refused");
    return allowed;
  }

  /// The answer to a login that waits for its person. Where answers were given already, the prompt
  /// that they are for stays open.
  Result<Provisioned> toBeAsked(Plan plan, bool execute) {
    Provisioned result;
    result.outcome = Outcome::kPrompt;
    result.catalog = catalog_;
    result.domain = plan.domain;
    if (execute && !request_.can_ask) {
      return refusal(kPromptNeeded, "the person has to be asked first, and is not here to answer");
    }
    if (execute && request_.answers == nullptr) {
      auto opened = openPrompt(context_, principal_, *provider_, asked(), request_.return_url, [&] {
        trace_.add("result", "", "", nameOf(Outcome::kPrompt));
        return reachedEvent(nameOf(Outcome::kPrompt));
      });
      if (!opened) return propagate(opened);
      is_stored_ = true;
      result.opened = *std::move(opened);
    }
    result.form = std::move(plan.form);
    result.problems = std::move(plan.problems);
    return result;
  }

  /// What is asked, as far as it is verified.
  const ProvisionRequest& asked() const { return verified_ ? *verified_ : request_; }

  /// `exp` of the verified token, which has it.
  std::optional<Timestamp> validUntil() const {
    constexpr double kMicrosecondsPerSecond = 1e6;
    const json::Value* expires = verified_ ? verified_->claims.find("exp") : nullptr;
    if (expires == nullptr || expires->number() == nullptr) return std::nullopt;
    return static_cast<Timestamp>(expires->number()->asDouble().value_or(0) *
                                  kMicrosecondsPerSecond);
  }

  Result<void> findProvider() {
    constexpr std::string_view kStep = "identityProvider";
    auto found = providers_.find(*catalog_, request_.identity_provider);
    if (!found) {
      trace_.add(kStep, "name", request_.identity_provider, found.error().detail);
      return propagate(found);
    }
    provider_ = *std::move(found);
    on_failure_ = provider_->on_failure;
    if (auto enabled = requireEnabled(*provider_); !enabled) {
      trace_.add(kStep, "enabled", request_.identity_provider, "false: refused");
      return propagate(enabled);
    }
    trace_.add(kStep, "name", request_.identity_provider, "known and enabled");
    return {};
  }

  /// The answer when nothing is (to be) written.
  Provisioned planned(Plan plan) const {
    Provisioned result{plan.outcome, catalog_,     plan.domain,
                       std::nullopt, std::nullopt, std::move(plan.changes)};
    if (plan.user) {
      if (plan.outcome == Outcome::kUpdated || plan.outcome == Outcome::kLinked) {
        plan.user->resource.document = json::write(plan.attributes);
      }
      result.user = std::move(plan.user);
    } else if (plan.outcome == Outcome::kCreated) {
      directory::noteLogin(context_, plan.login, true, now(), plan.attributes);
      result.new_attributes = std::move(plan.attributes);
    }
    return result;
  }

  /// The groups come before the login's own transaction: racing logins make each once, and whoever
  /// finds it there grants it like any other.
  Result<void> makeGroups(const Plan& plan) {
    auto made = directory::createProvisionedGroups(context_, *plan.domain, plan.new_groups,
                                                   askedBy(head()));
    if (!made) return propagate(made);
    for (std::string& name : *made) {
      trace_.add("write", "group", name, "created");
      new_groups_.push_back(std::move(name));
    }
    trace_.add("write", "createGroups", "", "the groups are there: decided anew");
    return {};
  }

  Provisioned withNewGroups(Provisioned provisioned) {
    provisioned.groups.created = std::move(new_groups_);
    return provisioned;
  }

  Result<void> removeStaleLink(const Plan& plan) {
    if (!plan.stale_link) return {};
    auto& database = *context_.database;
    auto removed = database.write([&](store::Session& session) {
      return store::deleteIdentity(session, database.controlSchema(), provider_->number,
                                   asked().subject, plan.stale_link);
    });
    if (!removed) return propagate(removed);
    trace_.add("write", "federated identity of a user who is gone", plan.stale_link->text(),
               "removed");
    return {};
  }

  /// What the plan stands on holds under the user's lock as well. Error kVersionMismatch when it
  /// does not, so that the decision is made anew.
  Result<void> confirm(const Plan& plan, const store::StoredUser& user,
                       const json::Object& attributes) const {
    const bool holds =
        plan.link
            ? stillMatches(*plan.link, context_, *plan.domain, attributes) &&
                  requireLinkable(*provider_, context_, *plan.domain, user, attributes)
            : !isProtectedUser(provider_->protection, plan.domain->name(), *context_.user_type,
                               user, attributes, !directory::isActive(attributes));
    // A consent that is withdrawn raises the version: what was mapped may not be stored any more.
    const bool same =
        !plan.has_decided || user.resource.meta.version == plan.user->resource.meta.version;
    if (holds && same) return {};
    return failure(ErrorKind::kVersionMismatch, "the user has changed meanwhile");
  }

  /// True when what was waited for ends in the transaction of the login.
  bool endsWith() const { return request_.operation || request_.prompt; }

  /// Nothing when the name or the subject was taken meanwhile.
  Result<std::optional<Provisioned>> create(Plan& plan) {
    if (auto removed = removeStaleLink(plan); !removed) return propagate(removed);
    if (provider_->prompt.asksPassword() && password_hash_.empty()) {
      auto hash = hashPassword(context_, request_.answers);
      if (!hash) return propagate(hash);
      password_hash_ = *std::move(hash);
    }
    auto user = directory::createProvisionedUser(context_, *plan.domain, plan.attributes,
                                                 plan.login, plan.groups, password_hash_);
    if (!user) {
      if (user.error().kind == ErrorKind::kUniqueness) return std::optional<Provisioned>();
      return tl::make_unexpected(namedLoss(std::move(user.error())));
    }
    addWritten(trace_, user->resource.meta.id, Outcome::kCreated);
    return Provisioned{Outcome::kCreated, catalog_,     plan.domain,
                       *std::move(user),  std::nullopt, std::move(plan.changes),
                       endsWith()};
  }

  /// Nothing when the user was deleted meanwhile, or is not any more what the plan stands on.
  Result<std::optional<Provisioned>> update(Plan& plan) {
    if (auto removed = removeStaleLink(plan); !removed) return propagate(removed);
    directory::ProvisionedUserEdit edit;
    edit.new_link = plan.link.has_value();
    edit.condition = [&](const store::StoredUser& user, const json::Object& attributes) {
      return confirm(plan, user, attributes);
    };
    edit.attributes = [&](const json::Object& current) {
      return attributesAfterLogin(context_, *provider_, plan.mapped, current);
    };
    edit.sync_groups = plan.sync_groups;
    edit.grant = plan.groups;
    edit.keep = plan.kept_groups;
    edit.revoke_others = provider_->group_sync == GroupSync::kOverrideAll;
    edit.max_revoked = provider_->max_revoked;
    auto change = directory::updateProvisionedUser(context_, *plan.domain,
                                                   plan.user->resource.meta.id, plan.login, edit);
    if (!change && isStale(change.error())) return std::optional<Provisioned>();
    if (!change) return tl::make_unexpected(namedLoss(std::move(change.error())));
    if (!*change) return std::optional<Provisioned>();
    auto& [before, after] = **change;
    GroupChanges groups;
    groups.granted = difference(after.groups, before.groups);
    groups.revoked = difference(before.groups, after.groups);
    groups.ignored = std::move(plan.changes.ignored);
    const bool changed = before.resource.document != after.resource.document ||
                         !groups.granted.empty() || !groups.revoked.empty();
    Outcome outcome = changed ? Outcome::kUpdated : Outcome::kUnchanged;
    if (plan.link) outcome = Outcome::kLinked;
    addWritten(trace_, after.resource.meta.id, outcome);
    return Provisioned{outcome,      catalog_,          plan.domain, std::move(after),
                       std::nullopt, std::move(groups), endsWith()};
  }

  const directory::Context& context_;
  const IdentityProviders& providers_;
  const directory::Principal& principal_;
  const ProvisionRequest& request_;
  std::optional<ProvisionRequest> verified_;
  std::shared_ptr<const directory::Catalog> catalog_;
  std::shared_ptr<const IdentityProvider> provider_;
  OnFailure on_failure_ = OnFailure::kRefuse;
  Reached reached_;                      ///< by the last plan
  bool is_stored_ = false;               ///< the decision has a row in its own transaction
  std::string password_hash_;            ///< of a new user; empty: none, or not made yet
  std::vector<std::string> new_groups_;  ///< that this login has made
  Trace trace_;
};

}  // namespace

ProvisionResult provision(const directory::Context& context, const IdentityProviders& providers,
                          const directory::Principal& principal, const ProvisionRequest& request) {
  return Provisioning(context, providers, principal, request).run(true);
}

ProvisionResult explain(const directory::Context& context, const IdentityProviders& providers,
                        const directory::Principal& principal, const ProvisionRequest& request) {
  return Provisioning(context, providers, principal, request).run(false);
}

}  // namespace vestibule::jit
