#pragma once
// Consent as it stands, to be looked at and withdrawn.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/resource_id.h"
#include "base/result.h"
#include "directory/consent_withdrawal.h"
#include "directory/context.h"
#include "jit/consent_purposes.h"
#include "json/value.h"
#include "store/consent_store.h"

namespace vestibule::jit {

/// The receipt of this id. Error kNotFound, also for one of a user whom `principal` may not see;
/// null sees all.
[[nodiscard]] Result<store::StoredReceipt> getReceipt(const directory::Context& context,
                                                      const directory::Principal* principal,
                                                      std::string_view id);

/// Up to `count` receipts, oldest first, of a user or (nothing) of everybody, behind the one with
/// the id `after` (empty: from the first). Error kInvalidValue with attribute `after` when there is
/// none of that id any more.
[[nodiscard]] Result<std::vector<store::StoredReceipt>> listReceipts(
    const directory::Context& context, const std::optional<ResourceId>& user,
    std::string_view after, std::uint64_t count);

/// `{"id","user","identityProvider","state","created","revoked","receipt"}`; `state` is `active` or
/// `revoked`, `revoked` is left out of the former, `receipt` is the document as the person got it.
[[nodiscard]] json::Object describe(const store::StoredReceipt& receipt);

/// What the user decided, an object each: `{"purpose","version","attribute","consent","decided",
/// "receipt"}`. `consent` is `agreed`, `refused` or `withdrawn`; `purpose` is null when it has been
/// deleted; an empty `attribute` is the purpose as a whole. Error kNotFound for a user that does
/// not exist or whom `principal` may not see.
[[nodiscard]] Result<std::vector<json::Object>> consentsOf(const directory::Context& context,
                                                           const directory::Principal* principal,
                                                           std::string_view user);

/// Withdraws what the person agreed to by this receipt and has not decided anew since: of purposes
/// with `removeValues` the values of the attributes go, unless another purpose that was agreed to
/// covers them; with `disableUser` the user is disabled. A purpose that has been deleted counts as
/// `removeValues`, as a whole as `disableUser`. False when that has been done already. Errors as
/// getReceipt and directory::withdrawConsent, kBadSettings (JIT-1005) when a purpose cannot be
/// read.
[[nodiscard]] Result<bool> withdrawReceipt(const directory::Context& context,
                                           const ConsentPurposes& purposes, std::string_view id,
                                           const directory::WithdrawalAuthor& author);

}  // namespace vestibule::jit
