#pragma once
// The keys that events are signed with, as rows of the control schema: all processes on one
// database sign with the same.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/audit_event.h"
#include "store/database.h"

namespace vestibule::store {

/// A key; the highest number is the newest.
struct EventKeyRow {
  std::uint32_t number = 0;
  std::string secret;  ///< 32 random bytes
  Timestamp created = 0;
};

/// All keys, by number. One query. Error kUnavailable when one is sealed under a key that the
/// database was not opened with.
[[nodiscard]] Result<std::vector<EventKeyRow>> readEventKeys(Session& session,
                                                             const std::string& control_schema);

/// Adds the first key unless there is one: of several that try at once one does.
[[nodiscard]] Result<void> addFirstEventKey(Session& session, const std::string& control_schema,
                                            const std::string& secret, Timestamp now);

/// Adds a key, and removes those before the newest that was made by `signs`; where none was, none,
/// and without a `signs` all. Raises `revision`.
[[nodiscard]] Result<void> rotateEventKey(Session& session, const std::string& control_schema,
                                          const std::string& secret, std::optional<Timestamp> signs,
                                          const AuditEvent& event);

}  // namespace vestibule::store
