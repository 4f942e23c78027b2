#pragma once
// The part of a plan that concerns groups: what a login wants, what there is, and what changes.

#include <vector>

#include "base/result.h"
#include "directory/context.h"
#include "jit/group_match.h"
#include "jit/identity_provider.h"
#include "jit/login_kind.h"
#include "jit/roles.h"
#include "jit/trace.h"
#include "json/value.h"
#include "scim/resource/render.h"
#include "store/group_store.h"

namespace vestibule::jit {

/// How a login changes the groups of a user, by their display names.
struct GroupChanges {
  std::vector<std::string> granted;  ///< the user was not in them
  std::vector<std::string> revoked;  ///< the user is not in them any more
  std::vector<std::string>
      ignored;  ///< wanted by the identity provider, but there are no such groups
  std::vector<std::string> created;  ///< of `granted`: there were no such groups before
};

/// The changes as answers show them: `{"granted","revoked","ignored","created"}`.
[[nodiscard]] json::Object describe(const GroupChanges& changes);

/// Reads and decides for one login. Everything passed in must outlive it.
class GroupPlanner {
 public:
  GroupPlanner(const directory::Context& context, const directory::Catalog& catalog,
               const IdentityProvider& provider, Trace& trace)
      : context_(context), catalog_(catalog), provider_(provider), trace_(trace) {}

  /// What the login says about groups of a user of `domain`: nothing where idpGroupSyncMethod
  /// leaves them alone. Errors as wantedGroups.
  [[nodiscard]] Result<WantedGroups> wanted(const directory::Domain& domain,
                                            const json::Object& claims, LoginKind kind);

  /// What of that is remembered of the login: nothing when no later login asks for groups.
  [[nodiscard]] bool areRemembered() const {
    return provider_.group_sync != GroupSync::kFirstLoginOnly;
  }

  /// The wanted groups that exist. One query per 500 names, none for nothing.
  [[nodiscard]] Result<store::NamedGroups> existing(const directory::Domain& domain,
                                                    const std::vector<WantedGroup>& wanted);

  /// Gives the wanted groups that do not exist and are to be made (roles.createGroups), and notes
  /// the others as ignored. Error kReadOnlyDomain (JIT-1102).
  [[nodiscard]] Result<std::vector<store::GroupWrite>> missing(
      const directory::Domain& domain, const std::vector<WantedGroup>& wanted,
      const GroupKeys& existing, GroupChanges& changes);

  /// Notes all wanted groups that do not exist as ignored.
  void ignoreMissing(const std::vector<WantedGroup>& wanted, const GroupKeys& existing,
                     GroupChanges& changes);

  /// What changes when the user gets `groups`. `kept` takes the protected groups of the domain:
  /// whatever their grants are, they stay. Error kTooManyRevoked (JIT-1303). One query more with
  /// OVERRIDE_ALL, and one for protected groups.
  [[nodiscard]] Result<void> compare(const directory::Domain& domain, const store::StoredUser& user,
                                     const std::vector<store::NamedGroup>& groups,
                                     std::vector<store::NamedGroup>& kept, GroupChanges& changes);

 private:
  [[nodiscard]] Result<std::vector<store::NamedGroup>> protectedGroups(
      const directory::Domain& domain) const;

  const directory::Context& context_;
  const directory::Catalog& catalog_;
  const IdentityProvider& provider_;
  Trace& trace_;
};

}  // namespace vestibule::jit
