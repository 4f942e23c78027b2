#pragma once
// What is kept of a login that waits, for its turn or for a person's answer, beside the columns of
// its row.

#include <string>

#include "base/result.h"
#include "directory/principal.h"
#include "jit/plan.h"
#include "store/operation_store.h"
#include "store/prompt_store.h"

namespace vestibule::jit {

/// A request as whoever runs it needs it, and on whose behalf. The principal has what its token
/// allowed when it asked: a login that was accepted does not depend on what becomes of the token.
struct WaitingLogin {
  ProvisionRequest request;
  directory::Principal principal;
};

/// The text of an accepted request for the column `request`: claims, and the domains of the token.
[[nodiscard]] std::string writeWaitingLogin(const ProvisionRequest& request,
                                            const directory::Principal& principal);

/// What a row keeps. Error kInternal for one that another version wrote, and for one that has
/// ended.
[[nodiscard]] Result<WaitingLogin> readWaitingLogin(const store::Operation& operation);
[[nodiscard]] Result<WaitingLogin> readWaitingLogin(const store::Prompt& prompt);

}  // namespace vestibule::jit
