#pragma once
// The end of a withdrawal of consent: what it leaves on the user, and that it happened.

#include <string>

#include "base/result.h"
#include "store/audit_event.h"
#include "store/consent_store.h"
#include "store/domain_tables.h"
#include "store/user_store.h"

namespace vestibule::store {

/// The user as the withdrawal leaves it.
struct WithdrawalWrite {
  scim::ResourceMeta meta;  ///< with the new version
  UserWrite user;
  UserKeys before;  ///< keys of the stored user
  AuditEvent event;
};

/// Writes the user, forgets what its last logins brought, so that the next one of each identity
/// decides anew, stores the event, and commits. Behind revokeReceipt in the transaction that
/// lockUser began. One round trip. Errors as updateLockedUser.
[[nodiscard]] Result<void> finishWithdrawal(Session& session, const std::string& control_schema,
                                            const DomainTables& domain, const LockedUser& locked,
                                            const WithdrawalWrite& write);

}  // namespace vestibule::store
