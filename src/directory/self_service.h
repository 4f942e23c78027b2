#pragma once
// What users may do to themselves: the rules for requests that a token allows by `me:read` or
// `me:write` alone. Why these: docs/decisions/2026-11-24-me.md.

#include <string_view>

#include "base/result.h"
#include "directory/principal.h"
#include "json/value.h"

namespace vestibule::directory {

/// The scope that allows for one's own user what `scope` allows for all: kMeRead for kScimRead,
/// kMeWrite for kScimWrite. An assertion failure for another scope.
[[nodiscard]] Scope selfServiceScope(Scope scope);

/// True when `active` of the user's attributes is not false.
[[nodiscard]] bool isActive(const json::Object& attributes);

/// True when users may change this attribute of the core schema of themselves, so that it says
/// nothing about who they are. `name` in canonical spelling.
[[nodiscard]] bool isOwnAttribute(std::string_view name);

/// Before the user is shown to the principal. Error kForbidden when the user is deactivated and the
/// principal reads it by kMeRead alone.
[[nodiscard]] Result<void> checkSelfServiceRead(const Principal& principal,
                                                const json::Object& user);

/// Before a change of the user's attributes by the principal. Where that is allowed by kMeWrite
/// alone: error kForbidden when the user is deactivated, and for an attribute that differs and is
/// not one's own to change, which the error names. The password is not among the attributes, and
/// one's own.
[[nodiscard]] Result<void> checkSelfServiceWrite(const Principal& principal,
                                                 const json::Object& before,
                                                 const json::Object& after);

/// Before the user is deleted. Error kForbidden when the principal writes by kMeWrite alone.
[[nodiscard]] Result<void> checkSelfServiceDelete(const Principal& principal);

}  // namespace vestibule::directory
