#pragma once
// What the transaction of a login takes along beside the user: the audit, the end of what it was
// run for, and the consents.

#include <string>
#include <vector>

#include "directory/provisioned_users.h"
#include "jit/consent_receipt.h"
#include "jit/decision_event.h"
#include "jit/plan.h"
#include "store/audit_event.h"

namespace vestibule::jit {

/// A login whose writes are settled.
struct SettledLogin {
  DecisionHead head;
  const ProvisionRequest& request;
  const IdentityProvider& provider;
  const Plan& plan;
  const std::vector<std::string>& new_groups;  ///< made for this login
  const Trace& trace;
  const ConsentTerms& terms;
};

/// The outcome of a login that changes this.
[[nodiscard]] Outcome outcomeOf(const directory::LoginChange& change);

/// Notes that the user was written.
void addWritten(Trace& trace, const ResourceId& user, Outcome outcome);

/// The record. A login that changes nothing and settles no consent has no audit event.
[[nodiscard]] store::LoginRecord loginRecord(const SettledLogin& login,
                                             const directory::LoginChange& change);

}  // namespace vestibule::jit
