#include "jit/provision.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "directory/provisioned_groups.h"
#include "directory/provisioned_users.h"
#include "directory/recent_events.h"
#include "directory/self_service.h"
#include "jit/codes.h"
#include "jit/decision_event.h"
#include "jit/id_token.h"
#include "json/write.h"
#include "store/audit_store.h"
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
      if (execute && !is_stored_) remember(reachedEvent(nameOf(decision->outcome)));
    }
    return {std::move(decision), on_failure_, std::move(trace_), asked().subject, validUntil()};
  }

 private:
  Result<Provisioned> decide(bool execute) {
    catalog_ = context_.catalog->current();
    if (auto found = findProvider(); !found) return propagate(found);
    auto verified = takeIdToken(*provider_, request_, now(), trace_);
    if (!verified) return propagate(verified);
    verified_ = *std::move(verified);
    const int attempts =
        provider_->user_names.on_taken == NameTaken::kSuffix ? kAttemptsWithSuffixes : kAttempts;
    for (int attempt = 1; attempt <= attempts; ++attempt) {
      reached_ = {};
      is_stored_ = false;
      auto plan = makePlan(context_, *catalog_, principal_, *provider_, asked(), trace_, reached_);
      if (!plan) return propagate(plan);
      if (!execute) return planned(*std::move(plan));
      plan->login.record = [&](const directory::LoginChange& change) {
        return recordOf(change, *plan);
      };
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

  /// The row of a login that changes something, which its transaction takes along.
  store::LoginRecord recordOf(const directory::LoginChange& change, const Plan& plan) {
    store::LoginRecord record;
    const Outcome outcome = outcomeOf(change);
    if (request_.operation) record.operation = endOf(change, outcome, plan);
    is_stored_ = !change.empty();
    if (!is_stored_) return record;
    Trace trace = trace_;
    addWritten(trace, change.user, outcome);
    trace.add("result", "", "", nameOf(outcome));
    record.audit = decisionEvent(head(), nameOf(outcome), trace);
    record.audit->domain = store::AuditDomain{plan.domain->tables().number, plan.domain->name()};
    record.audit->resource = change.user;
    record.audit->version_before = change.before;
    record.audit->version_after = change.after;
    record.audit->attributes = change.attributes;
    record.audit->granted = change.granted;
    record.audit->revoked = change.revoked;
    return record;
  }

  static Outcome outcomeOf(const directory::LoginChange& change) {
    if (!change.before) return Outcome::kCreated;
    if (change.new_link) return Outcome::kLinked;
    return change.empty() ? Outcome::kUnchanged : Outcome::kUpdated;
  }

  store::OperationEnd endOf(const directory::LoginChange& change, Outcome outcome,
                            const Plan& plan) const {
    store::OperationEnd end = *request_.operation;
    end.outcome = nameOf(outcome);
    end.domain = plan.domain->tables().number;
    end.user = change.user;
    GroupChanges groups = plan.changes;
    groups.created = new_groups_;
    end.groups = json::write(describe(groups));
    return end;
  }

  /// An error of a transaction that would have ended the operation as well.
  static Error namedLoss(Error error) {
    if (error.kind != ErrorKind::kConflict || error.attribute != "operation") return error;
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

  /// A refusal stands whether or not its row can be stored. Where the server itself has failed,
  /// there is nobody to store one; and for an unknown identity provider anybody could have many.
  void keepFailure(const Error& error) {
    const bool failed = error.kind == ErrorKind::kUnavailable || error.kind == ErrorKind::kInternal;
    auto event = reachedEvent(failed ? "failed" : nameOf(Outcome::kRefused));
    event.code = error.code;
    const bool stored =
        !failed && provider_ != nullptr && !isRepeated(event) && storeRefusal(event);
    if (!stored) remember(std::move(event));
  }

  bool isRepeated(const store::AuditEvent& refusal) const {
    return context_.recent_events != nullptr &&
           context_.recent_events->repeats(refusal, std::chrono::steady_clock::now());
  }

  void remember(store::AuditEvent event) const {
    if (context_.recent_events != nullptr) context_.recent_events->keep(std::move(event));
  }

  bool storeRefusal(const store::AuditEvent& event) const {
    auto& database = *context_.database;
    auto stored = database.write([&](store::Session& session) {
      return store::insertAuditEvent(session, database.controlSchema(), event);
    });
    if (!stored) {
      spdlog::error("jit {}: the row of a refusal was not stored: {}", request_.correlation_id,
                    printable(stored.error().internal, 1'000));
    }
    return stored.has_value();
  }

  DecisionHead head() const {
    return {request_.correlation_id, &principal_,
            provider_ ? provider_->name : printable(request_.identity_provider), asked().subject};
  }

  static void addWritten(Trace& trace, const ResourceId& user, Outcome outcome) {
    trace.add("write", "user", user.text(), nameOf(outcome));
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
      result.new_attributes = std::move(plan.attributes);
    }
    return result;
  }

  /// The groups come before the login's own transaction: racing logins make each once, and whoever
  /// finds it there grants it like any other.
  Result<void> makeGroups(const Plan& plan) {
    auto made = directory::createProvisionedGroups(context_, *plan.domain, plan.new_groups);
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
    if (holds) return {};
    return failure(ErrorKind::kVersionMismatch, "the user has changed meanwhile");
  }

  /// Nothing when the name or the subject was taken meanwhile.
  Result<std::optional<Provisioned>> create(Plan& plan) {
    if (auto removed = removeStaleLink(plan); !removed) return propagate(removed);
    auto user = directory::createProvisionedUser(context_, *plan.domain, plan.attributes,
                                                 plan.login, plan.groups);
    if (!user) {
      if (user.error().kind == ErrorKind::kUniqueness) return std::optional<Provisioned>();
      return tl::make_unexpected(namedLoss(std::move(user.error())));
    }
    addWritten(trace_, user->resource.meta.id, Outcome::kCreated);
    return Provisioned{Outcome::kCreated,
                       catalog_,
                       plan.domain,
                       *std::move(user),
                       std::nullopt,
                       std::move(plan.changes),
                       request_.operation.has_value()};
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
    return Provisioned{outcome,
                       catalog_,
                       plan.domain,
                       std::move(after),
                       std::nullopt,
                       std::move(groups),
                       request_.operation.has_value()};
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
