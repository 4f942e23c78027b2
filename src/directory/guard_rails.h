#pragma once
// The guard-rails of a domain (docs/guard-rails.md): who is counted for what, and what becomes of a
// change that one of them stops.

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "directory/context.h"
#include "json/value.h"
#include "store/audit_event.h"
#include "store/guard_rails.h"

namespace vestibule::directory {

/// Adds the counter `vestibule_guard_rail_refusals_total`, with a value for each kind, to the
/// metrics: for Context::guard_rail_refusals.
Counter& addGuardRailCounter(Metrics& metrics);

/// One change of a domain under its guard-rails. The context and the domain outlive it. For one
/// thread.
class GuardedChange {
 public:
  /// Counted for the actor of this kind and id; `asked_by` says who asks, and in which request.
  /// Nothing is counted where the domain has no guard-rails, while they are lifted, and for an
  /// actor without an id, which is the operator at the command line.
  GuardedChange(const Context& context, const Domain& domain, store::RailActor::Kind kind,
                std::string_view id, const store::AuditEvent& asked_by);
  /// Counted for the token of the view.
  GuardedChange(const Context& context, const View& view, const Domain& domain);

  /// For the store; null: nothing is counted.
  [[nodiscard]] const store::GuardRails* rails() const { return rails_ ? &*rails_ : nullptr; }

  /// `result`, but for the error of a guard-rail: the caller is told which, and after how many
  /// seconds its window ends (kTooManyRequests with `retry_after`), and the operator by counter,
  /// log and, once a window, the event `guardrail.reached` in the audit, for which the database is
  /// asked once more.
  template <typename T>
  [[nodiscard]] Result<T> settle(Result<T> result) const {
    if (result || rails() == nullptr || result.error().kind != ErrorKind::kTooManyRequests) {
      return result;
    }
    return tl::make_unexpected(refused(std::move(result.error())));
  }

 private:
  [[nodiscard]] Error refused(Error error) const;
  [[nodiscard]] store::RailWindow noted(store::RailKind kind) const;
  void tell(const store::RailWindow& window) const;

  const Context& context_;
  const Domain& domain_;
  store::AuditEvent asked_by_;
  std::optional<store::GuardRails> rails_;
};

/// How the guard-rails of a domain stand:
/// `{"domain", "guardRails": the setting, "lifted": true or false, "windows": [{"actor": {"type":
/// "token" or "identityProvider", "id"?, "name"?}, "kind", "used", "cap", "ends", "refused"}]}`,
/// the open windows only, at most 1,000. Nothing is counted while there are no guard-rails. One
/// query.
[[nodiscard]] Result<json::Object> describeGuardRails(const Context& context,
                                                      const Catalog& catalog, const Domain& domain,
                                                      Timestamp time);

}  // namespace vestibule::directory
