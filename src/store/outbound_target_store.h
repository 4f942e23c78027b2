#pragma once
// Outbound targets as rows of the control schema: other systems that users and groups are
// provisioned to. Every change raises `revision` in its own transaction. Run changes by
// Database::write.

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

/// What of a target can change.
struct OutboundTargetText {
  std::string settings;  ///< JSON object as the admin API shows it, without the secret
  std::string secret;    ///< what the target asks for; at most 4,096 bytes, may be empty
  /// The domains whose resources go there, by their permanent numbers. Nothing: all of them.
  std::optional<std::vector<DomainNumber>> domains;
  bool enabled = true;
};

/// A target as stored.
struct OutboundTargetRow {
  OutboundTargetNumber number = 0;
  std::string name;
  OutboundTargetText text;
  std::string secret_fault;  ///< why its secret cannot be opened; empty: it is in `text`
  Version version;
  Timestamp created = 0;
  Timestamp modified = 0;

  /// Whether changes of this domain concern it.
  [[nodiscard]] bool takes(DomainNumber domain) const;
};

/// Stores a new target in version 1, and marks that everything of its domains has to be looked at.
/// Error kUniqueness: attribute `name`.
[[nodiscard]] Result<void> insertOutboundTarget(Session& session, const std::string& control_schema,
                                                const std::string& name,
                                                const OutboundTargetText& text,
                                                const AuditEvent& event);

/// Replaces what can change when `expected` is the stored version; the next version is one higher.
/// Everything has to be looked at again. Error kVersionMismatch, also when there is no such target.
[[nodiscard]] Result<void> updateOutboundTarget(Session& session, const std::string& control_schema,
                                                OutboundTargetNumber number, Version expected,
                                                const OutboundTargetText& text,
                                                const AuditEvent& event);

/// Deletes the target when `expected` is the stored version. What is remembered of its resources
/// goes by forgetOutbound. Error kVersionMismatch, also when there is no such target.
[[nodiscard]] Result<void> deleteOutboundTarget(Session& session, const std::string& control_schema,
                                                OutboundTargetNumber number, Version expected,
                                                const AuditEvent& event);

/// Targets that are there no more and of whose resources something is remembered: a server died
/// behind deleteOutboundTarget, or another one went on for a moment. One query, whose cost grows
/// with the targets alone.
[[nodiscard]] Result<std::vector<OutboundTargetNumber>> forgottenTargets(
    Session& session, const std::string& control_schema);

/// Removes up to `limit` rows of each kind that belong to targets which are there no more; how many
/// went. For the time behind deleteOutboundTarget, again and again until nothing is left.
[[nodiscard]] Result<std::uint64_t> forgetOutbound(Session& session,
                                                   const std::string& control_schema,
                                                   OutboundTargetNumber number,
                                                   std::uint64_t limit);

}  // namespace vestibule::store
