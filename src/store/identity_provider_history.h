#pragma once
// What the settings of identity providers were: one row a version, kept by name, so that a deletion
// loses nothing. Rows are written by the change itself (identity_provider_store).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/strong.h"
#include "store/database.h"

namespace vestibule::store {

/// How many versions of one name are kept; the oldest go first.
inline constexpr std::uint64_t kKeptVersions = 50;

/// One version of the settings under a name. Versions of a name have no gaps and never come back:
/// an identity provider that is made anew under the name goes on counting.
struct IdentityProviderVersion {
  Version version;
  Timestamp changed = 0;
  std::string changed_by;  ///< as the change said it
  bool deletion = false;   ///< there are no settings: the identity provider was deleted
};

/// What is kept under the name, newest first; empty when nothing is. O(kKeptVersions).
[[nodiscard]] Result<std::vector<IdentityProviderVersion>> identityProviderHistory(
    Session& session, const std::string& control_schema, const std::string& name);

/// The settings of one version; nothing when it is not kept or is a deletion.
[[nodiscard]] Result<std::optional<std::string>> identityProviderSettingsOf(
    Session& session, const std::string& control_schema, const std::string& name, Version version);

}  // namespace vestibule::store
