#pragma once
// User store domains as rows of the control schema. Every change raises `revision` in its own
// transaction. Run changes by Database::write.

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/strong.h"
#include "store/database.h"
#include "store/domain_tables.h"

namespace vestibule::store {

/// The number of PRIMARY, which migrate() makes before there can be any other domain.
inline constexpr std::uint16_t kPrimaryNumber = 1;

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

/// Reserves a number for a new domain and stores it in state `creating`; `tables.schema` of the
/// answer is to be created and migrated, then activateDomain. Error kUniqueness when the name is
/// taken (by a domain in any state but `creating`: that one is taken up again), kInvalidValue for a
/// name that cannot be a schema's, `CONTROL` among them, kConflict when all 65,534 numbers were
/// given out.
[[nodiscard]] Result<DomainRow> insertDomain(Session& session, const std::string& control_schema,
                                             const std::string& schema_prefix,
                                             const DomainName& name, const std::string& description,
                                             const std::string& settings);

/// Creates the domain's MySQL schema if it is not there.
[[nodiscard]] Result<void> createSchema(Session& session, const std::string& quoted_schema);

/// Makes the domain visible; nothing happens when it is active already. Error kNotFound, and
/// kConflict while it is being deleted.
[[nodiscard]] Result<void> activateDomain(Session& session, const std::string& control_schema,
                                          const DomainName& name);

/// Replaces settings and description when `expected` is the stored version. Error kVersionMismatch,
/// kNotFound (for a domain that is not active too).
[[nodiscard]] Result<DomainRow> updateDomain(Session& session, const std::string& control_schema,
                                             const DomainName& name, Version expected,
                                             const std::string& description,
                                             const std::string& settings);

/// Drops the schema and forgets the domain and its federated identities; its number is never used
/// again. The domain is in state `deleting` from the first step to the last: when this stops in
/// between, calling it again, or the next migrate(), goes on. Error kNotFound, kConflict for
/// PRIMARY. O(federated identities).
[[nodiscard]] Result<void> deleteDomain(Session& session, const std::string& control_schema,
                                        const DomainName& name);

/// True when the domain has at least one user. One query.
[[nodiscard]] Result<bool> hasUsers(Session& session, const DomainTables& domain);

}  // namespace vestibule::store
