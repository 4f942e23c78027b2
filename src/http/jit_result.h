#pragma once
// What a provision came to, as answers show it.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/strong.h"
#include "directory/context.h"
#include "http/authentication.h"
#include "jit/provision.h"
#include "store/operation_store.h"

namespace vestibule::http {

/// A user as SCIM shows it below the base of its domain.
struct ShownUser {
  std::string body;  ///< empty: there is none
  std::string location;
};

/// The user of a decision that was just made. `origin` is that of the public listener.
[[nodiscard]] Result<ShownUser> showUser(const directory::Context& context, const Caller& caller,
                                         const jit::Provisioned& done, const std::string& origin);

/// The user that something came to before, as it is now; none when there is none or it is gone. One
/// query.
[[nodiscard]] Result<ShownUser> showUser(const directory::Context& context, const Caller& caller,
                                         const std::optional<DomainNumber>& domain,
                                         const std::optional<ResourceId>& user,
                                         const std::string& origin);

/// Whom a result is about.
struct ResultOf {
  std::string_view identity_provider;
  const Subject& subject;
};

/// The members that tell a result, without the braces: `"outcome":…` and what there is of domain,
/// user and groups.
[[nodiscard]] std::string resultMembers(const jit::Provisioned& done, const ShownUser& user,
                                        const ResultOf& of);
/// The same of what is known of it: `domain` may be null, `groups` (JSON) empty.
[[nodiscard]] std::string resultMembers(std::string_view outcome, const directory::Domain* domain,
                                        const ShownUser& user, const ResultOf& of,
                                        const std::string& groups);
/// The same of an operation that is done and not refused.
[[nodiscard]] std::string resultMembers(const directory::Catalog& catalog,
                                        const store::Operation& operation, const ShownUser& user);

/// The error that an operation has come to, or its last attempt.
[[nodiscard]] Error errorOf(const store::Operation& operation);

}  // namespace vestibule::http
