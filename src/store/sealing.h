#pragma once
// Which secrets of the control schema are sealed, and sealing them all anew: when keys are first
// given, changed or taken away.

#include <cstdint>
#include <set>
#include <string>

#include "base/result.h"
#include "base/secret_keys.h"
#include "store/audit_event.h"
#include "store/database.h"

namespace vestibule::store {

/// How many stored secrets stand how to the keys of the database. None is empty.
struct SealCounts {
  std::uint64_t current = 0;
  std::uint64_t former = 0;
  std::uint64_t clear = 0;
  std::uint64_t unknown = 0;
  [[nodiscard]] std::uint64_t total() const { return current + former + clear + unknown; }
};

/// Counts them all: keys shared by the servers, keys of events, secrets of event streams and of
/// outbound targets. One query; O(streams and targets).
[[nodiscard]] Result<SealCounts> countSecrets(Session& session, const std::string& control_schema);

/// Keys of servers and events that cannot be opened: what discardLostKeys would delete.
struct LostKeys {
  std::uint64_t count = 0;
  std::set<std::string> under;  ///< the keys that they are sealed under (SecretKeys::keyIdOf)
};

/// Finds them. Error kConflict when the database has no key at all and something is sealed: then
/// the key is not known to be lost, but nobody has given it. One query; O(streams and targets).
[[nodiscard]] Result<LostKeys> findLostKeys(Session& session, const std::string& control_schema);

/// Deletes those that are sealed under a key of `under`, whereupon servers make new ones. What only
/// people can give again stays: secrets of streams and targets. Raises `revision`. How many went;
/// error kConflict as findLostKeys, and nothing is changed then. Run by Database::write.
[[nodiscard]] Result<std::uint64_t> discardLostKeys(Session& session,
                                                    const std::string& control_schema,
                                                    const std::set<std::string>& under,
                                                    const AuditEvent& event);

/// Stores every secret anew, sealed by the first of `keys` or, where there is none, as it is; what
/// it was stored as is opened by the keys of the database. Raises `revision`, so that every process
/// reads them again. How many there are; error kConflict when one of them cannot be opened, and
/// none is changed then. Run by Database::write.
[[nodiscard]] Result<std::uint64_t> sealSecrets(Session& session, const std::string& control_schema,
                                                const SecretKeys& keys, const AuditEvent& event);

}  // namespace vestibule::store
