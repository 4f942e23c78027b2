#pragma once
// Issuers of access tokens as rows of the control schema. Every change raises `revision` in its own
// transaction. Run changes by Database::write.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/strong.h"
#include "store/audit_event.h"
#include "store/database.h"

namespace vestibule::store {

using TokenIssuerNumber = std::uint32_t;

/// What of an issuer can change.
struct TokenIssuerText {
  std::string issuer;    ///< `iss` of its tokens, which no other issuer may have
  std::string settings;  ///< JSON object as the admin API shows it
  /// The domains that its tokens are bound to, by their permanent numbers. Nothing: none, all of
  /// them may be used.
  std::optional<std::vector<DomainNumber>> domains;
};

/// An issuer as stored.
struct TokenIssuerRow {
  TokenIssuerNumber number = 0;
  std::string name;
  TokenIssuerText text;
  Version version;
  Timestamp created = 0;
  Timestamp modified = 0;
};

/// Stores a new issuer in version 1. Error kUniqueness: attribute `name` or `issuer`.
[[nodiscard]] Result<void> insertTokenIssuer(Session& session, const std::string& control_schema,
                                             const std::string& name, const TokenIssuerText& text,
                                             const AuditEvent& event);

/// Replaces what can change when `expected` is the stored version; the next version is one higher.
/// Errors kVersionMismatch, also when there is no such issuer, and kUniqueness (attribute
/// `issuer`).
[[nodiscard]] Result<void> updateTokenIssuer(Session& session, const std::string& control_schema,
                                             TokenIssuerNumber number, Version expected,
                                             const TokenIssuerText& text, const AuditEvent& event);

/// Deletes the issuer when `expected` is the stored version. Error kVersionMismatch, also when
/// there is no such issuer.
[[nodiscard]] Result<void> deleteTokenIssuer(Session& session, const std::string& control_schema,
                                             TokenIssuerNumber number, Version expected,
                                             const AuditEvent& event);

}  // namespace vestibule::store
