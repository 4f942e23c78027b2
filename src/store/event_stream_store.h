#pragma once
// Event streams as rows of the control schema: who is told of changes, and how. Every change raises
// `revision` in its own transaction. Run changes by Database::write.

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

using EventStreamNumber = std::uint32_t;

/// What of a stream can change.
struct EventStreamText {
  std::string settings;  ///< JSON object as the admin API shows it: without secrets
  /// The domains whose events it has, by their permanent numbers. Nothing: all.
  std::optional<std::vector<DomainNumber>> domains;
  std::optional<std::string> authorization;   ///< value of the header that requests to it carry
  std::optional<std::string> signing_secret;  ///< what its webhooks are signed with
  bool operator==(const EventStreamText&) const = default;
};

/// A stream as stored.
struct EventStreamRow {
  EventStreamNumber number = 0;
  std::string name;
  EventStreamText text;
  std::string secret_fault;  ///< why its secrets cannot be opened; empty: they are in `text`
  Version version;
  Timestamp created = 0;
  Timestamp modified = 0;
};

/// Domains whose resources come into the feed of a stream or leave it, and that it is told of.
struct FeedChange {
  std::vector<DomainNumber> added;
  std::vector<DomainNumber> removed;
  [[nodiscard]] bool empty() const { return added.empty() && removed.empty(); }
};

/// Stores a new stream in version 1, and that it is to be told of the resources of `feed`. Error
/// kUniqueness: attribute `name`.
[[nodiscard]] Result<void> insertEventStream(Session& session, const std::string& control_schema,
                                             const std::string& name, const EventStreamText& text,
                                             const FeedChange& feed, const AuditEvent& event);

/// Replaces what can change when `expected` is the stored version; the next version is one higher.
/// The stream waits no longer for its next attempt, unless it is claimed.
/// `feed` as above. Error kVersionMismatch, also when there is no such stream.
[[nodiscard]] Result<void> updateEventStream(Session& session, const std::string& control_schema,
                                             EventStreamNumber number, Version expected,
                                             const EventStreamText& text, const FeedChange& feed,
                                             const AuditEvent& event);

/// Deletes the stream when `expected` is the stored version; what waits for it is left to
/// dropStream. Error kVersionMismatch, also when there is no such stream.
[[nodiscard]] Result<void> deleteEventStream(Session& session, const std::string& control_schema,
                                             EventStreamNumber number, Version expected,
                                             const AuditEvent& event);

}  // namespace vestibule::store
