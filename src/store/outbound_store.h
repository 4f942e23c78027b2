#pragma once
// What of the users and groups has been sent to outbound targets, and what has to be looked at
// again: rows that all servers on one database share. A resource is *marked* in the transaction
// that changes it (audit_rows.h), once however often it changes; a worker claims it for as long as
// a lease lasts, compares what there is now with what was sent, and clears the mark unless the
// resource has been marked again meanwhile. Run changes by Database::write.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/resource_id.h"
#include "base/result.h"
#include "store/audit_event.h"
#include "store/database.h"
#include "store/domain_tables.h"
#include "store/operation_store.h"

namespace vestibule::store {

/// Values of the column `state` of a mark.
enum class MarkState : std::uint8_t {
  kWaiting = 1,  ///< for its turn, or for the next attempt
  kLeased = 2,   ///< somebody is at it
  kFailed = 3,   ///< not tried again until it is marked again or an operator retries it
};

/// Values of the column `state` of a link.
enum class LinkState : std::uint8_t {
  kActive = 1,  ///< the target has it as it is to be
  kLeft = 2,    ///< it left the scope and stays there, deactivated or as it was
};

/// What is remembered of a resource that a target has.
struct OutboundLink {
  std::string remote_id;  ///< at most 255 characters
  LinkState state = LinkState::kActive;
  std::string digest;      ///< 32 bytes: of what was sent last
  std::string attributes;  ///< names of the attributes sent last, with spaces between them
};

/// A resource that is to be looked at, claimed.
struct OutboundClaim {
  /// Nothing: every resource of the target is to be marked.
  std::optional<ResourceId> resource;
  std::uint64_t generation = 0;
  std::uint32_t attempts = 0;  ///< this one included
  std::optional<OutboundLink> link;
};

/// Claims up to `limit` resources of the target that are due, or whose lease has ended, those that
/// have been due longest first. One
/// transaction, two round trips; one where nothing is due.
[[nodiscard]] Result<std::vector<OutboundClaim>> claimOutbound(
    Session& session, const std::string& control_schema, OutboundTargetNumber target,
    const Lease& lease, std::chrono::microseconds lease_time, std::uint64_t limit);

/// Remembers that the target's resource `remote_id`, found or just made, is this one, before
/// anything more is sent to it. What was told of memberships was told of another one and is
/// forgotten with it: it has to be told anew, also by who goes on behind a crash. Error kConflict
/// with attribute `remoteId`, and nothing stored, when another local resource has it: also one that
/// has been deleted, so that no account ever passes from one user to another.
[[nodiscard]] Result<void> reserveOutboundLink(Session& session, const std::string& control_schema,
                                               OutboundTargetNumber target,
                                               const ResourceId& resource,
                                               const std::string& remote_id, Timestamp now);

/// Which claim an end is of.
struct OutboundTurn {
  OutboundTargetNumber target = 0;
  std::string resource;  ///< 16 bytes
  std::uint64_t generation = 0;
  Lease lease;
};

/// Has the lease of a turn last for `lease_time` from now on. False when it was lost.
[[nodiscard]] Result<bool> extendOutbound(Session& session, const std::string& control_schema,
                                          const OutboundTurn& turn,
                                          std::chrono::microseconds lease_time);

/// What a look at a resource came to.
struct OutboundEnd {
  OutboundTurn turn;
  /// What is remembered from now on; nothing: as before.
  std::optional<OutboundLink> link;
  bool forget_link = false;  ///< the target has it no more: nothing is remembered, members neither
  std::vector<ResourceId> mark;  ///< groups that have to be looked at because of it
};

/// Stores the end of a claim and clears the mark, or makes it due at once where the resource was
/// marked again meanwhile. Where the lease was lost, somebody else may have sent something too, and
/// nobody knows what came last: the resource is marked again, and will be sent whatever it is. The
/// same holds for postponeOutbound and failOutbound. One transaction. Error kConflict with
/// attribute `remoteId`, and nothing stored, when another local resource has that remote one.
[[nodiscard]] Result<void> finishOutbound(Session& session, const std::string& control_schema,
                                          const OutboundEnd& end, Timestamp now);

/// Why a resource could not be sent, as it is shown.
struct OutboundFault {
  std::optional<std::uint16_t> status;  ///< of the target's answer; nothing: there was none
  std::string detail;                   ///< at most 1,000 characters, printable
};

/// Puts the resource back to be tried after `wait`; at once where it was marked again meanwhile.
[[nodiscard]] Result<void> postponeOutbound(Session& session, const std::string& control_schema,
                                            const OutboundTurn& turn, const OutboundFault& fault,
                                            std::chrono::microseconds wait);

/// Keeps the resource as failed; it is due at once where it was marked again meanwhile.
[[nodiscard]] Result<void> failOutbound(Session& session, const std::string& control_schema,
                                        const OutboundTurn& turn, const OutboundFault& fault);

/// Gives claimed resources back that were not tried; those that never were keep their place in
/// front of what was postponed. `resources`: 16 bytes each.
[[nodiscard]] Result<void> releaseOutbound(Session& session, const std::string& control_schema,
                                           OutboundTargetNumber target, const Lease& lease,
                                           const std::vector<std::string>& resources);

/// A user as a member of a group at the target.
struct SentMember {
  ResourceId user;
  std::string remote_id;
};

/// How the members of a group differ from those that the target was told; at most `limit` of each.
/// Users that the target has not got are not among them.
struct MemberDifference {
  std::vector<SentMember> add;
  std::vector<SentMember> remove;
};
/// One round trip; O(members of the group) in the database.
[[nodiscard]] Result<MemberDifference> diffMembers(Session& session,
                                                   const std::string& control_schema,
                                                   const DomainTables& domain,
                                                   OutboundTargetNumber target,
                                                   const ResourceId& group, std::uint64_t limit);

/// Notes what the target has been told. One transaction.
[[nodiscard]] Result<void> noteSentMembers(Session& session, const std::string& control_schema,
                                           OutboundTargetNumber target, const ResourceId& group,
                                           const MemberDifference& told);

/// The groups in which the target was told that the user is. One query.
[[nodiscard]] Result<std::vector<ResourceId>> sentGroupsOfUser(Session& session,
                                                               const std::string& control_schema,
                                                               OutboundTargetNumber target,
                                                               const ResourceId& user);

/// Marks the users for whom a change of `group` matters to a target that takes the members of the
/// groups of these folded names: where it has one of them, its members that the target has not got,
/// and whoever the target has got and is in none of those groups. O(members and users that the
/// target has).
[[nodiscard]] Result<void> markScopeOfGroup(Session& session, const std::string& control_schema,
                                            const DomainTables& domain, OutboundTargetNumber target,
                                            const ResourceId& group,
                                            const std::vector<std::string>& display_name_keys);

/// Asked in front of each piece of a long work whether it is to go on.
using GoOn = std::function<Result<bool>()>;
/// Marks every user and group of the domain, in pieces of `piece` rows, a transaction each. False
/// when `go_on` ended it; its errors are passed on.
[[nodiscard]] Result<bool> markDomain(Database& database, const DomainTables& domain,
                                      OutboundTargetNumber target, std::uint64_t piece,
                                      const GoOn& go_on);
/// Marks everything that the target has got, wherever it is from, in the same way.
[[nodiscard]] Result<bool> markLinked(Database& database, OutboundTargetNumber target,
                                      std::uint64_t piece, const GoOn& go_on);
/// Marks these resources for the target. One statement each.
[[nodiscard]] Result<void> markOutbound(Session& session, const std::string& control_schema,
                                        OutboundTargetNumber target,
                                        const std::vector<ResourceId>& resources);
/// Marks that everything has to be looked at, soon.
[[nodiscard]] Result<void> markResync(Session& session, const std::string& control_schema,
                                      OutboundTargetNumber target);

/// How a resource stands with a target.
struct OutboundStatus {
  /// Set while it is marked.
  struct Mark {
    MarkState state = MarkState::kWaiting;
    std::chrono::microseconds due_in{};  ///< by the database's clock; negative: is due
    std::uint32_t attempts = 0;
    OutboundFault last;  ///< of the last attempt, where it could not be sent
    Timestamp since = 0;
  };
  std::optional<Mark> mark;
  /// Set while the target has it.
  struct Link {
    std::string remote_id;
    LinkState state = LinkState::kActive;
    Timestamp sent = 0;
    std::string digest;  ///< as OutboundLink has it
  };
  std::optional<Link> link;
};
/// One round trip.
[[nodiscard]] Result<OutboundStatus> outboundStatus(Session& session,
                                                    const std::string& control_schema,
                                                    OutboundTargetNumber target,
                                                    const ResourceId& resource);

/// A resource that has failed.
struct FailedOutbound {
  ResourceId resource;
  std::uint32_t attempts = 0;
  OutboundFault fault;
  Timestamp since = 0;
};
/// Up to `limit` of them behind `after`, by id. One query.
[[nodiscard]] Result<std::vector<FailedOutbound>> listFailedOutbound(
    Session& session, const std::string& control_schema, OutboundTargetNumber target,
    const ResourceId& after, std::uint64_t limit);

/// Makes what waits or has failed due now; `resource` nothing: all that has failed. How many.
[[nodiscard]] Result<std::uint64_t> retryOutbound(Session& session,
                                                  const std::string& control_schema,
                                                  OutboundTargetNumber target,
                                                  const std::optional<ResourceId>& resource);

/// A target that is not done with a resource.
struct PendingTarget {
  OutboundTargetNumber target = 0;
  MarkState state = MarkState::kWaiting;
  OutboundFault last;
};
/// Which of the targets have a mark for the resource. One query.
[[nodiscard]] Result<std::vector<PendingTarget>> pendingTargets(
    Session& session, const std::string& control_schema, const ResourceId& resource,
    const std::vector<OutboundTargetNumber>& targets);

/// How many marks a target has in a state.
struct OutboundCount {
  OutboundTargetNumber target = 0;
  MarkState state = MarkState::kWaiting;
  std::uint64_t number = 0;
  std::chrono::microseconds oldest{0};  ///< for how long the oldest has been marked
};
/// Costs a walk over all marks.
[[nodiscard]] Result<std::vector<OutboundCount>> countOutbound(Session& session,
                                                               const std::string& control_schema);

/// How many resources of a kind a target has.
struct LinkCount {
  ResourceKind kind = ResourceKind::kUser;
  std::uint64_t active = 0;
  std::uint64_t left = 0;
};
/// Costs a walk over the target's links.
[[nodiscard]] Result<std::vector<LinkCount>> countLinks(Session& session,
                                                        const std::string& control_schema,
                                                        OutboundTargetNumber target);

}  // namespace vestibule::store
