#pragma once
// The write of a user that a withdrawal of consent asks for. Like every write of a user it passes
// here: validation, indexes and version, in one transaction with what is withdrawn.

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "directory/context.h"
#include "json/value.h"
#include "store/consent_store.h"

namespace vestibule::directory {

/// What the user agreed to by one receipt, and still agrees to by others.
struct WithdrawnConsent {
  std::vector<store::ConsentDecision> withdrawn;  ///< as they were; those to agree
  std::vector<store::ConsentDecision> remaining;  ///< all that the user has decided otherwise
};

/// From the stored attributes to those after the withdrawal; may run more than once, and may
/// refuse.
using WithdrawalEdit = std::function<Result<json::Object>(const json::Object& current,
                                                          const WithdrawnConsent& consent)>;

/// Who withdraws a receipt, for the audit.
struct WithdrawalAuthor {
  const Principal* principal = nullptr;  ///< null: the operator at the command line
  std::string correlation_id;            ///< of the request; at most 64 ASCII characters
};

/// Revokes the receipt and applies the edit to its user, under the user's row lock and in one
/// transaction with the audit event `consent.withdrawn`. The version of the user rises by one
/// whatever changes, and the next login of each of its identities decides anew: a login that was
/// planned before must notice. False when the receipt was revoked already: nothing happens then.
/// Errors kNotFound when the user is gone, kReadOnly when its domain takes no writes, kConflict
/// naming the attribute when the user cannot be without a value, and those of the edit.
[[nodiscard]] Result<bool> withdrawConsent(const Context& context,
                                           const store::StoredReceipt& receipt,
                                           const WithdrawalEdit& edit,
                                           const WithdrawalAuthor& author);

}  // namespace vestibule::directory
