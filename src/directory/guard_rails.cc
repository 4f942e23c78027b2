#include "directory/guard_rails.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "base/log.h"

namespace vestibule::directory {
namespace {

/// More windows than an operator reads.
constexpr std::uint64_t kMostWindows = 1'000;

using Kind = store::RailKind;
using ActorKind = store::RailActor::Kind;

std::optional<std::uint64_t> capOf(const policy::GuardRailSettings& settings, Kind kind) {
  switch (kind) {
    case Kind::kDeletes:
      return settings.deletes;
    case Kind::kDeactivations:
      return settings.deactivations;
    case Kind::kMembershipRemovals:
      return settings.membership_removals;
  }
  return std::nullopt;
}

std::optional<store::GuardRails> railsOf(const Domain& domain, ActorKind kind,
                                         std::string_view id) {
  const auto& settings = domain.policy.settings().guard_rails;
  if (!settings || id.empty() || settings->areLifted(now())) return std::nullopt;
  store::GuardRails rails;
  rails.actor = {kind, std::string(id)};
  rails.window = std::chrono::minutes(settings->window_minutes);
  std::transform(store::kRailKinds.begin(), store::kRailKinds.end(), rails.caps.begin(),
                 [&](Kind each) { return capOf(*settings, each); });
  return rails;
}

/// Who asks, of a view.
store::AuditEvent askedBy(const View& view) {
  store::AuditEvent event;
  event.correlation_id = view.correlationId();
  event.actor_id = view.principal().token_id;
  event.actor_name = view.principal().name;
  return event;
}

std::string_view typeOf(ActorKind kind) {
  return kind == ActorKind::kToken ? "token" : "identityProvider";
}

/// At least one: to come again at once is no use.
std::uint32_t secondsOf(std::chrono::microseconds time) {
  return static_cast<std::uint32_t>(
      std::max(std::chrono::ceil<std::chrono::seconds>(time), std::chrono::seconds(1)).count());
}

/// The actor of a window as people know it.
json::Object describeActor(const store::RailActor& actor, const Catalog& catalog) {
  json::Object shown{{"type", typeOf(actor.kind)}};
  if (actor.kind == ActorKind::kToken) {
    shown.set("id", actor.id);
    const auto& tokens = catalog.tokens();
    const auto token = std::find_if(tokens.begin(), tokens.end(),
                                    [&](const auto& each) { return each.id == actor.id; });
    if (token != tokens.end()) shown.set("name", token->name);
    return shown;
  }
  const auto& providers = catalog.identityProviders();
  const auto provider = std::find_if(providers.begin(), providers.end(), [&](const auto& each) {
    return std::to_string(each.number) == actor.id;
  });
  if (provider != providers.end()) shown.set("name", provider->name);
  return shown;
}

}  // namespace

Counter& addGuardRailCounter(Metrics& metrics) {
  std::vector<std::string> kinds;
  kinds.reserve(store::kRailKinds.size());
  for (const Kind kind : store::kRailKinds) kinds.emplace_back(store::nameOf(kind));
  return metrics.addCounter("vestibule_guard_rail_refusals_total",
                            "Changes that a guard-rail of a user store domain has refused.",
                            {{"kind", std::move(kinds)}});
}

GuardedChange::GuardedChange(const Context& context, const Domain& domain, ActorKind kind,
                             std::string_view id, const store::AuditEvent& asked_by)
    : context_(context), domain_(domain), rails_(railsOf(domain, kind, id)) {
  if (rails_) asked_by_ = asked_by;
}

GuardedChange::GuardedChange(const Context& context, const View& view, const Domain& domain)
    : context_(context),
      domain_(domain),
      rails_(railsOf(domain, ActorKind::kToken, view.principal().token_id)) {
  if (rails_) asked_by_ = askedBy(view);
}

store::RailWindow GuardedChange::noted(Kind kind) const {
  auto event = asked_by_;
  event.occurred = now();
  event.action = "guardrail.reached";
  event.domain = store::AuditDomain{domain_.tables().number, domain_.name()};
  event.attributes = {std::string(store::nameOf(kind))};
  auto& database = *context_.database;
  auto window = database.write([&](store::Session& session) {
    return store::noteRailRefusal(session, domain_.tables(), *rails_, kind,
                                  {database.controlSchema(), event});
  });
  if (window) return *std::move(window);
  logEvent(events::kGuardRailNotNoted, {{"domain", domain_.name().value()},
                                        {"kind", store::nameOf(kind)},
                                        {"reason", window.error().internal}});
  // As if the window had just begun: nobody is to come again before it can be over.
  store::RailWindow unknown;
  unknown.actor = rails_->actor;
  unknown.kind = kind;
  unknown.left = rails_->window;
  unknown.ends = now() + rails_->window.count();
  unknown.used = rails_->cap(kind).value_or(0);
  unknown.refused = 1;
  return unknown;
}

void GuardedChange::tell(const store::RailWindow& window) const {
  if (context_.guard_rail_refusals != nullptr) {
    context_.guard_rail_refusals->add(static_cast<std::size_t>(window.kind) - 1);
  }
  // The first of a window is for whoever is on call; a client that goes on must not fill the log.
  const bool first = window.refused == 1;
  logEvent(events::kGuardRailReached, first ? LogLevel::kWarn : LogLevel::kDebug,
           {{"domain", domain_.name().value()},
            {"kind", store::nameOf(window.kind)},
            {"actor", typeOf(window.actor.kind)},
            {"actor_id", window.actor.id},
            {"actor_name", window.actor.kind == ActorKind::kToken ? asked_by_.actor_name
                                                                  : asked_by_.identity_provider},
            {"cap", rails_->cap(window.kind).value_or(0)},
            {"used", window.used},
            {"window_ends", formatTimestamp(window.ends)}});
}

Error GuardedChange::refused(Error error) const {
  const auto kind = store::railKindOf(error.attribute);
  if (!kind) return error;
  const auto window = noted(*kind);
  tell(window);
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(rails_->window).count();
  error.detail = "guard-rail \"" + std::string(store::nameOf(*kind)) + "\" of user store domain " +
                 domain_.name().value() + ": at most " +
                 std::to_string(rails_->cap(*kind).value_or(0)) + " in " + std::to_string(minutes) +
                 " minutes; " + std::to_string(window.used) +
                 " are counted, and this would be too many: ask the operator to lift the "
                 "guard-rails, or try again after " +
                 formatTimestamp(window.ends);
  error.internal.clear();
  error.attribute.clear();
  error.retry_after = secondsOf(window.left);
  return error;
}

Result<json::Object> describeGuardRails(const Context& context, const Catalog& catalog,
                                        const Domain& domain, Timestamp time) {
  auto windows = context.database->read([&](store::Session& session) {
    return store::listRailWindows(session, domain.tables(), kMostWindows);
  });
  if (!windows) return propagate(windows);
  const auto& settings = domain.policy.settings().guard_rails;
  json::Array open;
  for (const auto& window : *windows) {
    const auto cap = settings ? capOf(*settings, window.kind) : std::nullopt;
    json::Object shown{{"actor", describeActor(window.actor, catalog)},
                       {"kind", store::nameOf(window.kind)},
                       {"used", window.used},
                       {"cap", cap ? json::Value(*cap) : json::Value(nullptr)},
                       {"ends", formatTimestamp(window.ends)},
                       {"refused", window.refused}};
    open.emplace_back(std::move(shown));
  }
  json::Object state{{"domain", domain.name().value()}};
  state.set("guardRails", settings ? json::Value(settings->toJson()) : json::Value(nullptr));
  state.set("lifted", settings && settings->areLifted(time));
  state.set("windows", std::move(open));
  return state;
}

}  // namespace vestibule::directory
