#pragma once
// The columns of the control schema whose values are sealed. Private to store/.

#include <string>
#include <string_view>

namespace vestibule::store {

/// What the values of each are bound to: one that is moved to another column cannot be opened.
inline constexpr std::string_view kStreamAuthorization = "event_streams.authorization_value";
inline constexpr std::string_view kStreamSecret = "event_streams.signing_secret";
inline constexpr std::string_view kTargetSecret = "outbound_targets.secret";
inline constexpr std::string_view kEventKey = "event_keys.secret";

/// The same for a shared secret, of which each name is for something else.
[[nodiscard]] inline std::string sharedSecretBound(std::string_view name) {
  return "secrets." + std::string(name);
}

}  // namespace vestibule::store
