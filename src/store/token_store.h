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
#include "store/audit_event.h"
#include "store/database.h"

namespace vestibule::store {

/// The text that a token had before its last rotation.
struct FormerText {
  std::string sha256;     ///< 32 bytes
  Timestamp expires = 0;  ///< it serves until then
};

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
  std::optional<FormerText> former;
  std::optional<Timestamp> rotated;    ///< when it got the text that it has
  std::optional<Timestamp> last_used;  ///< as far as it has been noted
  std::optional<std::uint32_t> requests_per_minute;
};

/// Stores a token, and with it `event` where there is one. Error kUniqueness (attribute `name`)
/// when the name is taken, kInvalidValue for an id or digest of another length.
[[nodiscard]] Result<void> insertToken(Session& session, const std::string& control_schema,
                                       const TokenRow& token, const AuditEvent* event = nullptr);

/// What of a token changes without making it another.
struct TokenTerms {
  std::optional<Timestamp> expires;
  std::optional<std::uint32_t> requests_per_minute;
};

/// Replaces the terms of the token of this name. False when there is none.
[[nodiscard]] Result<bool> updateToken(Session& session, const std::string& control_schema,
                                       const std::string& name, const TokenTerms& terms,
                                       const AuditEvent& event);

/// Gives the token a new text and other terms; the text of now serves until `former_expires`, or
/// not at all, and the one before it no more. False when there is none of this name.
[[nodiscard]] Result<bool> rotateToken(Session& session, const std::string& control_schema,
                                       const std::string& name, const std::string& sha256,
                                       Timestamp rotated, std::optional<Timestamp> former_expires,
                                       const TokenTerms& terms, const AuditEvent& event);

/// Revokes a token by name. False when there is none.
[[nodiscard]] Result<bool> deleteToken(Session& session, const std::string& control_schema,
                                       const std::string& name, const AuditEvent& event);

/// When a token was used.
struct TokenUse {
  std::string id;
  Timestamp used = 0;
};

/// Notes uses, unless later ones have been noted; tokens that are gone are passed over. Raises no
/// `revision`: nothing that a request sees depends on it.
[[nodiscard]] Result<void> noteTokenUses(Session& session, const std::string& control_schema,
                                         const std::vector<TokenUse>& uses);

/// The last uses that were noted, of all tokens that have any.
[[nodiscard]] Result<std::vector<TokenUse>> readTokenUses(Session& session,
                                                          const std::string& control_schema);

}  // namespace vestibule::store
