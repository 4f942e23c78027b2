#include "jit/federated_lookup.h"

#include <utility>

#include "jit/routing.h"

namespace vestibule::jit {
namespace {

/// The one answer for a domain that does not exist and for one that the token may not use: which of
/// both it is, nobody learns.
Result<void> requireSeen(const directory::Principal& principal, const directory::Domain* domain,
                         Trace& trace) {
  if (domain != nullptr && principal.sees(domain->tables().number)) return {};
  return refuseDomain(trace);
}

}  // namespace

Result<std::optional<Linked>> findLinked(const directory::Context& context,
                                         const directory::Catalog& catalog,
                                         const directory::Principal& principal,
                                         const IdentityProvider& provider, const Subject& subject,
                                         const directory::Domain& expected, Trace& trace) {
  constexpr std::string_view kStep = "lookup";
  constexpr std::string_view kRule = "federated identity";
  auto& database = *context.database;
  auto found = database.read([&](store::Session& session) {
    return store::findLinkedUser(session, database.controlSchema(), expected.tables(),
                                 provider.number, subject);
  });
  if (!found) return propagate(found);
  if (!*found) {
    trace.add(kStep, kRule, subject.value(), "new");
    return std::optional<Linked>();
  }
  Linked linked{std::move((*found)->identity), &expected, std::move((*found)->user),
                (*found)->group_names};
  if (!linked.user && linked.identity.user.domain() != expected.tables().number) {
    linked.domain = catalog.findDomain(linked.identity.user.domain());
    linked.group_names = 0;
    if (auto seen = requireSeen(principal, linked.domain, trace); !seen) return propagate(seen);
    auto user = database.read([&](store::Session& session) {
      return store::findUser(session, linked.domain->tables(), linked.identity.user, true);
    });
    if (!user) return propagate(user);
    linked.user = *std::move(user);
  }
  if (auto seen = requireSeen(principal, linked.domain, trace); !seen) return propagate(seen);
  trace.add(kStep, kRule, subject.value(),
            (linked.user ? "user " : "a user who is gone: ") + linked.identity.user.text());
  return std::optional<Linked>(std::move(linked));
}

}  // namespace vestibule::jit
