#pragma once
// Identity providers as rows of the control schema. Every change raises `revision` in its own
// transaction, and notes there what the settings are now and by whom (identity_provider_history).
// Run changes by Database::write.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/strong.h"
#include "store/audit_event.h"
#include "store/database.h"
#include "store/federated_identity_store.h"

namespace vestibule::store {

/// An identity provider as stored.
struct IdentityProviderRow {
  IdentityProviderNumber number = 0;
  std::string name;
  std::string settings;  ///< JSON object as the admin API shows it
  Version version;
  Timestamp created = 0;
  Timestamp modified = 0;
};

/// What the settings of an identity provider name, each once; as long as they do, it cannot be
/// deleted.
struct NamedBySettings {
  std::vector<DomainName> domains = {};
  std::vector<std::string> purposes = {};  ///< names of consent purposes
};

/// Stores a new identity provider. Its version is 1, or follows the last one that the name has had.
/// Error kUniqueness (attribute `name`), kInvalidValue when one of the domains is not active or one
/// of the purposes is not there.
[[nodiscard]] Result<IdentityProviderRow> insertIdentityProvider(
    Session& session, const std::string& control_schema, const std::string& name,
    const std::string& settings, const NamedBySettings& named, const ChangedBy& changed_by);

/// Replaces the settings when `expected` is the stored version. Error kVersionMismatch, kNotFound;
/// kInvalidValue as above.
[[nodiscard]] Result<IdentityProviderRow> updateIdentityProvider(
    Session& session, const std::string& control_schema, const std::string& name, Version expected,
    const std::string& settings, const NamedBySettings& named, const ChangedBy& changed_by);

/// Deletes it with its federated identities, in one transaction; users and their memberships stay.
/// Error kNotFound; kVersionMismatch when it is not in the version `expected`, if given.
/// O(federated identities).
[[nodiscard]] Result<void> deleteIdentityProvider(Session& session,
                                                  const std::string& control_schema,
                                                  const std::string& name,
                                                  std::optional<Version> expected,
                                                  const ChangedBy& changed_by);

}  // namespace vestibule::store
