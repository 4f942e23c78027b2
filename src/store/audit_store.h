#pragma once
// The audit: rows that changes have written, and those that stand alone.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/audit_event.h"
#include "store/database.h"

namespace vestibule::store {

/// Stores an event that no change takes along, such as a refusal. One round trip. Error
/// kInvalidValue for what a column cannot hold.
[[nodiscard]] Result<void> insertAuditEvent(Session& session, const std::string& control_schema,
                                            const AuditEvent& event);

/// Where an event stands in the order of time.
struct AuditPosition {
  Timestamp occurred = 0;
  std::uint64_t seq = 0;
};

/// Which events are looked for: those that satisfy everything that is there.
struct AuditQuery {
  std::optional<std::string> correlation_id;
  std::optional<ResourceId> resource;
  std::string identity_provider;       ///< empty: any
  std::optional<Subject> subject;      ///< only with an identity provider
  std::string action;                  ///< empty: any
  Timestamp from = 0;                  ///< this moment is in
  std::optional<Timestamp> until;      ///< this one is not
  std::optional<AuditPosition> after;  ///< those that come behind it, that is, earlier ones
  std::uint64_t count = 100;           ///< at most so many
  bool traces = false;                 ///< read their traces as well
};

/// Events, newest first.
struct AuditPage {
  std::vector<AuditEvent> events;
  /// Where the next page begins; nothing when there is none. A page may have fewer events than were
  /// asked for, or none, and still be followed by another.
  std::optional<AuditPosition> next;
};

/// Rows that findAuditEvents looks at for one page.
inline constexpr std::uint64_t kAuditRowsOfPage = 10'000;

/// Reads a page. A correlation id, a resource, or provider and subject are found by an index (the
/// first of them that is there); else the walk goes back in time and looks at kAuditRowsOfPage
/// rows. Two queries, or two for each 1,000 rows that are looked at.
[[nodiscard]] Result<AuditPage> findAuditEvents(Session& session, const std::string& control_schema,
                                                const AuditQuery& query);

/// Removes traces of before `moment`, oldest first. Returns how many. Each call is a transaction of
/// its own that locks nothing but what it removes.
[[nodiscard]] Result<std::uint64_t> removeAuditTraces(Session& session,
                                                      const std::string& control_schema,
                                                      Timestamp moment);
/// The same with events.
[[nodiscard]] Result<std::uint64_t> removeAuditEvents(Session& session,
                                                      const std::string& control_schema,
                                                      Timestamp moment);

}  // namespace vestibule::store
