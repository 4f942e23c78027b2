#pragma once
// The place of a domain that is restored: its row in state `restoring`, and an empty schema.
// Private to store/.

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "store/domain_store.h"
#include "store/session.h"

namespace vestibule::store {

struct PlaceOptions {
  bool replace = false;  ///< a domain of that name goes
  bool same_installation =
      false;  ///< the backup is of this installation, or of one it is a copy of
};

/// What tells installations apart: when their PRIMARY was made.
[[nodiscard]] std::string installationOf(Timestamp primary_created);

/// Makes the place, and clears what an interrupted restoring left or the domain that is replaced
/// holds. Returns the domain as it is then. The caller holds SchemaLock. Errors as
/// DomainRestore::take.
[[nodiscard]] Result<DomainRow> makePlace(Session& session, const std::string& control_schema,
                                          const std::string& schema_prefix, DomainRow wanted,
                                          const PlaceOptions& options);

/// Error as makePlace when the domain cannot be restored here. Changes nothing.
[[nodiscard]] Result<void> checkPlace(Session& session, const std::string& control_schema,
                                      const DomainRow& wanted, const PlaceOptions& options);

}  // namespace vestibule::store
