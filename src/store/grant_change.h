#pragma once
// What one identity provider grants a user, and how that changes. Private to store/.

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/audit_event.h"
#include "store/federated_identity_store.h"
#include "store/guard_rails.h"
#include "store/statement_batch.h"

namespace vestibule::store {

/// The groups to be granted, by row numbers.
struct WantedGrants {
  std::vector<std::uint64_t> groups;
  bool revoke_others = false;            ///< what the identity provider grants beside goes
  std::vector<std::uint64_t> keep = {};  ///< but for these
};

/// What changes in the grants of one identity provider; both ascending.
struct GrantChange {
  std::vector<std::uint64_t> grant;
  std::vector<std::uint64_t> revoke;
  std::vector<std::string> revoked_names;  ///< display names of the groups in `revoke`
};

/// The numbers ascending, each once.
[[nodiscard]] std::vector<std::uint64_t> ascending(std::vector<std::uint64_t> numbers);

/// What of it is not so already. The user is locked. Grants of a user change only while its row is
/// locked, but they can go with a membership that SCIM removes: what is read here is at worst too
/// much, and the statements that follow look again once the groups are locked. One query, none for
/// nothing.
[[nodiscard]] Result<GrantChange> readGrantChange(Session& session, const std::string& schema,
                                                  std::uint64_t user_seq,
                                                  IdentityProviderNumber identity_provider,
                                                  const WantedGrants& wanted);

/// Adds the statements of the change; none for no change. A membership disappears with its last
/// source, which `rails` count (null: nothing does), and versions of groups whose members change
/// are raised. Event streams are told of these groups where `event`, which is about the user and
/// must live until the batch runs, has it so; null: they are not.
void addGrantChange(StatementBatch& batch, const std::string& schema,
                    const std::string& control_schema, std::uint64_t user_seq,
                    IdentityProviderNumber identity_provider, const GrantChange& change,
                    Timestamp now, const GuardRails* rails, const AuditEvent* event);

}  // namespace vestibule::store
