#pragma once
// Settings: what a new user is called.

#include <cstdint>
#include <optional>

#include "jit/link_rules.h"
#include "jit/user_name_template.h"
#include "json/value.h"
#include "scim/schema/document_reader.h"

namespace vestibule::jit {

/// What is done when the name of a new user is taken (onUserNameTaken).
enum class NameTaken : std::uint8_t {
  kRefuse,
  kSuffix,  ///< the first free one of `name-2`, `name-3`, …
  kLink,    ///< the holder is linked, as by a last link rule on the user name
  kPrompt,  ///< the person is asked for another one
};

/// How names are made.
struct UserNameSettings {
  /// For subjects without userIdClaim.
  std::optional<UserNameTemplate> pattern;
  bool sanitize = false;  ///< characters that the domain does not allow are left out
  NameTaken on_taken = NameTaken::kRefuse;
};

/// Reads userNameTemplate, sanitizeUserName and onUserNameTaken of the section `jit` and adds them
/// to `canonical`. Refused: `link` without linking, and with names that are made up or cut.
[[nodiscard]] UserNameSettings readUserNameSettings(scim::Fields& fields,
                                                    const LinkSettings& linking,
                                                    json::Object& canonical);

}  // namespace vestibule::jit
