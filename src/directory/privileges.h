#pragma once
// What a domain keeps to tokens with the scope scim:privileged, by its settings
// privilegedAttributes and privilegedGroups. Why these rules:
// docs/decisions/2026-11-24-privileged.md.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "directory/context.h"
#include "json/value.h"

namespace vestibule::directory {

/// Checks the paths of privilegedAttributes. Error kInvalidValue (POL-1022), with a JSON pointer
/// into the settings in its text, for one that is no attribute of users, that no client writes, or
/// whose changes cannot be told: the password, and a part of a multi-valued attribute.
[[nodiscard]] Result<void> checkPrivilegedAttributes(const Context& context,
                                                     const std::vector<std::string>& paths);

/// Before a change of a user's attributes by the principal; nothing is `before` a user that is
/// new. Error kForbidden, naming the attribute, when a privileged one differs that the principal
/// may not change. The order of values is no difference. A path whose attribute the schema files
/// have no more is passed over: nobody can write it.
[[nodiscard]] Result<void> checkPrivilegedWrite(const Context& context, const Principal& principal,
                                                const Domain& domain, const json::Object& before,
                                                const json::Object& after);

/// True when no group of the domain is closed to the principal.
[[nodiscard]] bool mayChangeEveryGroup(const Principal& principal, const Domain& domain);

/// Before a change that concerns the group of this bare display name, or gives it the name. Error
/// kForbidden, naming the group, when it is privileged and closed to the principal. `attribute` is
/// what the request would change.
[[nodiscard]] Result<void> checkPrivilegedGroup(const Principal& principal, const Domain& domain,
                                                std::string_view name, std::string_view attribute);

}  // namespace vestibule::directory
