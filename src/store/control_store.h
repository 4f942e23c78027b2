#pragma once
// What is not a user or a group: domains, identity providers and API tokens. Few rows, read as a whole into an immutable snapshot that every request
// uses; every change raises `revision` in its own transaction, and each process watches that number.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/strong.h"
#include "json/value.h"
#include "store/database.h"
#include "store/domain_tables.h"
#include "store/federated_identity_store.h"

namespace vestibule::store {

/// A user store domain as stored.
struct DomainRow {
  DomainTables tables;
  DomainName name;
  std::string state;  ///< `active`, `creating` or `deleting`
  std::string description;
  std::string settings;  ///< JSON object of policy settings under the reference names
  Version version;
  Timestamp created = 0;
  Timestamp modified = 0;
};

/// An identity provider as stored.
struct IdentityProviderRow {
  IdentityProviderNumber number = 0;
  std::string name;
  std::string settings;  ///< JSON object as the admin API shows it
  Version version;
  Timestamp created = 0;
  Timestamp modified = 0;
};

/// An API token as stored; the token itself is known to nobody.
struct TokenRow {
  std::string id;      ///< 32 hexadecimal digits
  std::string name;
  std::string sha256;  ///< 32 bytes
  std::string scopes;  ///< space-separated
  std::vector<std::string> domains;  ///< empty: all
  Timestamp created = 0;
  std::optional<Timestamp> expires;
};

/// Everything in one consistent read.
struct ControlRows {
  std::uint64_t revision = 0;
  std::vector<DomainRow> domains;
  std::vector<IdentityProviderRow> identity_providers;
  std::vector<TokenRow> tokens;
};

/// The current revision. One query.
[[nodiscard]] Result<std::uint64_t> readRevision(Session& session, const std::string& control_schema);

/// All rows, consistent with each other (one transaction with a consistent snapshot).
[[nodiscard]] Result<ControlRows> readControlRows(Session& session, const std::string& control_schema);

/// Reserves a number for a new domain and stores it in state `creating`; `tables.schema` of the answer is to be created and migrated, then
/// activateDomain. Error kUniqueness when the name is taken (by a domain in any state but `creating`: that one is taken up again).
[[nodiscard]] Result<DomainRow> insertDomain(Session& session, const std::string& control_schema, const std::string& schema_prefix,
                                             const DomainName& name, const std::string& description, const std::string& settings);
/// Creates the domain's MySQL schema if it is not there.
[[nodiscard]] Result<void> createSchema(Session& session, const std::string& quoted_schema);
[[nodiscard]] Result<void> activateDomain(Session& session, const std::string& control_schema, const DomainName& name);
/// Replaces settings and description when `expected` is the stored version. Error kVersionMismatch, kNotFound.
[[nodiscard]] Result<DomainRow> updateDomain(Session& session, const std::string& control_schema, const DomainName& name,
                                             Version expected, const std::string& description, const std::string& settings);
/// Drops the schema and forgets the domain and its federated identities; its number is never used again. Error kNotFound.
[[nodiscard]] Result<void> deleteDomain(Session& session, const std::string& control_schema, const DomainName& name);
/// True when the domain has at least one user.
[[nodiscard]] Result<bool> hasUsers(Session& session, const DomainTables& domain);

/// Stores a new identity provider. Error kUniqueness.
[[nodiscard]] Result<IdentityProviderRow> insertIdentityProvider(Session& session, const std::string& control_schema,
                                                                 const std::string& name, const std::string& settings);
/// Replaces the settings when `expected` is the stored version. Error kVersionMismatch, kNotFound.
[[nodiscard]] Result<IdentityProviderRow> updateIdentityProvider(Session& session, const std::string& control_schema,
                                                                 const std::string& name, Version expected,
                                                                 const std::string& settings);
/// Deletes it with its federated identities; users and their memberships stay. Error kNotFound.
[[nodiscard]] Result<void> deleteIdentityProvider(Session& session, const std::string& control_schema, const std::string& name);

/// Stores a token. Error kUniqueness when the name is taken.
[[nodiscard]] Result<void> insertToken(Session& session, const std::string& control_schema, const TokenRow& token);
/// Revokes a token by name. False when there is none.
[[nodiscard]] Result<bool> deleteToken(Session& session, const std::string& control_schema, const std::string& name);

}  // namespace vestibule::store
