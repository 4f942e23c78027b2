#pragma once
// The use cases on users. Every write of a user, whoever asks for it, passes here.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "directory/context.h"
#include "json/value.h"
#include "scim/resource/project.h"
#include "store/user_store.h"

namespace vestibule::directory {

/// Creates a user (RFC 7644 §3.3) in the domain that `userName` names. Errors: those of validation,
/// kInvalidValue with a POL- code from the domain's policies, kUniqueness, kReadOnly, kUnavailable,
/// kForbidden for privileged attributes (privileges.h).
[[nodiscard]] Result<Rendered> createUser(const Context& context, const View& view,
                                          const json::Value& body,
                                          const scim::Projection& projection);

/// Reads a user (§3.4.1). One query. `not_modified` only where the projection leaves `groups` out:
/// they change without a new version. Error kNotFound.
[[nodiscard]] Result<Rendered> getUser(const Context& context, const View& view,
                                       std::string_view id, const scim::Projection& projection,
                                       const Preconditions& preconditions);

/// Replaces a user (§3.5.1). Attributes that are left out are cleared, but for the password. An
/// unchanged user keeps version and date. Errors as create, kNotFound, kVersionMismatch,
/// kMutability.
[[nodiscard]] Result<Rendered> replaceUser(const Context& context, const View& view,
                                           std::string_view id, const json::Value& body,
                                           const scim::Projection& projection,
                                           const Preconditions& preconditions);

/// Changes a user (§3.5.2), all or nothing. The password can be removed: then the user has none.
/// Errors as replace, and those of PATCH.
[[nodiscard]] Result<Rendered> patchUser(const Context& context, const View& view,
                                         std::string_view id, const json::Value& body,
                                         const scim::Projection& projection,
                                         const Preconditions& preconditions);

/// Deletes a user (§3.6) with its memberships and federated identities. Errors kNotFound,
/// kVersionMismatch, kReadOnly, kForbidden when a privileged group has it (privileges.h).
[[nodiscard]] Result<void> deleteUser(const Context& context, const View& view, std::string_view id,
                                      const Preconditions& preconditions);

/// A user about to be written: canonical JSON without the password, its keys, and the hash of a new
/// password (empty: none). Policies of the domain have been checked. Shared by SCIM and JIT, so
/// that every write obeys the same rules. `attributes` holds the bare user name. Hashing waits for
/// the hasher: call it outside transactions.
struct PreparedUser {
  store::UserWrite write;
  std::optional<std::string> password_hash;
};
[[nodiscard]] Result<PreparedUser> prepareUser(const Context& context, const Domain& domain,
                                               json::Object attributes);

/// The same without a password: pure, and cheap enough to run inside a transaction. A password in
/// `attributes` is an assertion failure.
[[nodiscard]] Result<store::UserWrite> prepareUserWrite(const Context& context,
                                                        const Domain& domain,
                                                        const json::Object& attributes,
                                                        bool check_user_name);

/// Checks a new password against the domain's policy and hashes it. The text is wiped. Waits for
/// the hasher. Errors kInvalidValue (a POL- code from the policy), kUnavailable.
[[nodiscard]] Result<std::string> hashPassword(const Context& context, const Domain& domain,
                                               json::Value value);

/// The keys of a stored user, as prepareUserWrite made them when it was stored.
[[nodiscard]] Result<store::UserKeys> userKeys(const Context& context, const Domain& domain,
                                               const json::Object& attributes);

/// A stored user as a response in this view. Error kInternal when the database holds something
/// else than a user, which only a projection has to notice.
[[nodiscard]] Result<Rendered> renderUser(const Context& context, const View& view,
                                          const Domain& domain, const store::StoredUser& user,
                                          const scim::Projection& projection);

}  // namespace vestibule::directory
