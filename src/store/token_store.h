#pragma once
// API tokens as rows of the control schema. Every change raises `revision` in its own transaction.
// Run changes by Database::write.

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/resource_id.h"
#include "base/result.h"
#include "base/strong.h"
#include "store/database.h"

namespace vestibule::store {

/// An API token as stored; the token itself is known to nobody.
struct TokenRow {
  std::string id;  ///< 32 hexadecimal digits
  std::string name;
  std::string sha256;  ///< 32 bytes
  std::string scopes;  ///< space-separated
  /// The domains it is bound to, by their permanent numbers: a later domain of the same name is
  /// none of them. Nothing: all domains. An empty list: none.
  std::optional<std::vector<DomainNumber>> domains;
  Timestamp created = 0;
  std::optional<Timestamp> expires;
  std::optional<std::string> tolerances;  ///< as they were specified; nothing: none of its own
  /// The user it is bound to; may have been deleted since. Nothing: nobody.
  std::optional<ResourceId> user;
};

/// Stores a token. Error kUniqueness (attribute `name`) when the name is taken, kInvalidValue for
/// an id or digest of another length.
[[nodiscard]] Result<void> insertToken(Session& session, const std::string& control_schema,
                                       const TokenRow& token);

/// Revokes a token by name. False when there is none.
[[nodiscard]] Result<bool> deleteToken(Session& session, const std::string& control_schema,
                                       const std::string& name);

}  // namespace vestibule::store
