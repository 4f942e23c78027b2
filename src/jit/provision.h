#pragma once
// Just-in-time provisioning: from what an identity provider says about a subject to a local user.

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "directory/context.h"
#include "directory/principal.h"
#include "jit/identity_provider.h"
#include "jit/identity_providers.h"
#include "jit/opened_prompt.h"
#include "jit/outcome.h"
#include "jit/plan.h"
#include "jit/trace.h"
#include "json/value.h"
#include "store/user_store.h"

namespace vestibule::jit {

/// What a provision came to, when nothing refused it.
struct Provisioned {
  Outcome outcome = Outcome::kSkipped;
  std::shared_ptr<const directory::Catalog> catalog;
  const directory::Domain* domain = nullptr;  ///< of `catalog`; null when skipped
  /// The user as stored; in an explanation, as it would be, or nothing when it would be new.
  std::optional<store::StoredUser> user;
  /// In the explanation of a creation: the attributes of the user that would be.
  std::optional<json::Object> new_attributes;
  GroupChanges groups;
  /// The end of the operation or the prompt it was made for has been stored with it.
  bool end_is_stored = false;
  /// Outcome kPrompt: the prompt that was opened; nothing in an explanation, and where the answers
  /// to one were not good enough.
  std::optional<OpenedPrompt> opened = {};
  std::optional<PromptForm> form = {};      ///< what has to be asked
  std::vector<FieldProblem> problems = {};  ///< of the answers that were given
};

/// The whole answer to a request.
struct ProvisionResult {
  /// Every error has a code of jit/codes.h.
  Result<Provisioned> decision;
  /// What the gateway should do about an error: the setting of the identity provider, `refuse` when
  /// that is not known.
  OnFailure on_failure = OnFailure::kRefuse;
  Trace trace;
  /// Whom it is about: the subject of the verified ID token, else the one that was sent.
  Subject subject = Subject();
  /// When the verified ID token expires; nothing without one.
  std::optional<Timestamp> valid_until = std::nullopt;
};

/// Provisions: finds the user that the subject is linked to and brings attributes and groups up to
/// date, or creates it, in one transaction. A known user with unchanged claims costs one query (two
/// beyond eight groups) and no write. The same request again, or many times at once, comes to the
/// same user: exactly one is created. The answer is durable when this returns. A decision that
/// changes a user, its link or its grants has an audit event in the same transaction, a refusal one
/// of its own where the identity provider is known; all others are left to the context's
/// RecentEvents. Thread-safe.
[[nodiscard]] ProvisionResult provision(const directory::Context& context,
                                        const IdentityProviders& providers,
                                        const directory::Principal& principal,
                                        const ProvisionRequest& request);

/// The same decision by the same code, without its writes.
[[nodiscard]] ProvisionResult explain(const directory::Context& context,
                                      const IdentityProviders& providers,
                                      const directory::Principal& principal,
                                      const ProvisionRequest& request);

}  // namespace vestibule::jit
