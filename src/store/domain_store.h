#pragma once
// User store domains as rows of the control schema. Every change raises `revision` in its own
// transaction, with an event of the audit where one is given. Run changes by Database::write.

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/strong.h"
#include "store/audit_event.h"
#include "store/database.h"
#include "store/domain_tables.h"

namespace vestibule::store {

/// A user store domain as stored.
struct DomainRow {
  DomainTables tables;
  DomainName name;
  /// `active`, `creating`, `deleting`; `restoring` (domain_restore.h; for PRIMARY
  /// primary_place.h), `moving` or `moved` (domain_move.h)
  std::string state;
  std::string description;
  std::string settings;  ///< JSON object of policy settings under the reference names
  Version version;
  Timestamp created = 0;
  Timestamp modified = 0;
};

/// Reserves a number for a new domain and stores it in state `creating`; `tables.schema` of the
/// answer is to be created and migrated, then activateDomain. The caller holds SchemaLock, so that
/// a domain found in state `creating` is one whose making was interrupted: it is taken up again.
/// Error kUniqueness when the name is taken (by a domain in any other state), kInvalidValue for a
/// name that cannot be part of a schema's, kConflict when all 65,534 numbers were given out or the
/// server has a schema of the new one's name already.
[[nodiscard]] Result<DomainRow> insertDomain(Session& session, const std::string& control_schema,
                                             const std::string& schema_prefix,
                                             const DomainName& name, const std::string& description,
                                             const std::string& settings);

/// Creates the domain's MySQL schema if it is not there.
[[nodiscard]] Result<void> createSchema(Session& session, const std::string& quoted_schema);

/// Makes the domain visible; nothing happens when it is active already. Error kNotFound, and
/// kConflict in any state but `creating`.
[[nodiscard]] Result<void> activateDomain(Session& session, const std::string& control_schema,
                                          const DomainName& name,
                                          const AuditEvent* event = nullptr);

/// Replaces settings and description when `expected` is the stored version. Error kVersionMismatch,
/// kNotFound (for a domain that is not active too).
[[nodiscard]] Result<DomainRow> updateDomain(Session& session, const std::string& control_schema,
                                             DomainNumber number, Version expected,
                                             const std::string& description,
                                             const std::string& settings,
                                             const AuditEvent* event = nullptr);

/// Drops the schema and forgets the domain, in whatever state it is, and its federated identities;
/// its number is never used again. The domain is in state `deleting` from the first step to the
/// last: when this stops in between, calling it again, or the next migrate(), goes on. Waits for
/// SchemaLock, since the domain may be in the making. Error kNotFound; kConflict for PRIMARY, for a
/// domain that is being moved and while settings of identity providers name the domain;
/// kVersionMismatch when it is not in the version `expected`, if given; kUnavailable. O(federated
/// identities).
[[nodiscard]] Result<void> deleteDomain(Session& session, const std::string& control_schema,
                                        const DomainName& name,
                                        std::optional<Version> expected = {},
                                        const AuditEvent* event = nullptr);

}  // namespace vestibule::store
