#include "store/outbound_store.h"

#include <algorithm>

#include "store/outbound_statements.h"
#include "store/result_rows.h"
#include "store/session.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

constexpr std::size_t kDigestBytes = 32;

std::optional<ResourceId> resourceOf(std::string_view bytes) {
  if (bytes == kEverything) return std::nullopt;
  return ResourceId::fromBytes(bytes);
}

OutboundFault takeFault(ResultRow& row, std::size_t column) {
  OutboundFault fault;
  if (row[column]) fault.status = static_cast<std::uint16_t>(unsignedAt(row, column));
  if (row[column + 1]) fault.detail = takeText(row, column + 1);
  return fault;
}

Parameter statusOrNull(const OutboundFault& fault) {
  return fault.status ? Parameter(std::uint64_t{*fault.status}) : Parameter(nullptr);
}

/// Runs one statement; how many rows it met.
Result<std::uint64_t> change(Session& session, const std::string& text,
                             const std::vector<Parameter>& parameters) {
  StatementBatch batch;
  batch.add(text, parameters);
  auto results = batch.run(session);
  if (!results) return propagate(results);
  return results->front().affected;
}

OutboundClaim takeClaim(ResultRow& row) {
  OutboundClaim claim;
  claim.resource = resourceOf(*row[0]);
  claim.generation = unsignedAt(row, 1);
  claim.attempts = static_cast<std::uint32_t>(unsignedAt(row, 2));
  if (row[3]) {
    claim.link = OutboundLink{takeText(row, 3), static_cast<LinkState>(unsignedAt(row, 4)),
                              takeText(row, 5), takeText(row, 6)};
  }
  return claim;
}

std::vector<SentMember> takeMembers(std::vector<ResultRow>& rows) {
  std::vector<SentMember> members;
  members.reserve(rows.size());
  for (auto& row : rows) members.push_back({idAt(row, 0), takeText(row, 1)});
  return members;
}

/// Adds the link in the place of the one that the resource has. The arguments must live until the
/// batch runs.
void addLink(StatementBatch& batch, const std::string& control_schema, OutboundTargetNumber target,
             std::string_view resource, const OutboundLink& link, Timestamp now) {
  const auto id = ResourceId::fromBytes(resource);
  batch.add(outboundText(sql::kDeleteLink, control_schema),
            {std::uint64_t{target}, Blob{resource}});
  batch.add(outboundText(sql::kInsertLink, control_schema),
            {std::uint64_t{target}, Blob{resource},
             std::uint64_t{id ? static_cast<unsigned>(id->kind()) : 0U},
             std::string_view(link.remote_id), std::uint64_t{static_cast<unsigned>(link.state)},
             Blob{link.digest}, std::string_view(link.attributes), std::int64_t{now}});
}

/// What a batch with a link came to.
Result<void> linked(const Session& session, Result<std::vector<StatementResult>> results) {
  if (results) return {};
  if (session.failure() == Failure::kDuplicate &&
      session.duplicateKey() == "outbound_link_remote") {
    return failure(ErrorKind::kConflict, "another local resource has this remote one", "remoteId");
  }
  return propagate(results);
}

void addMarks(StatementBatch& batch, const std::string& control_schema, OutboundTargetNumber target,
              const std::vector<ResourceId>& resources) {
  const auto mark = outboundText(sql::kMarkOutbound, control_schema);
  for (const auto& resource : resources) {
    batch.add(mark, {std::uint64_t{target}, Blob{resource.bytes()}});
  }
}

/// Adds what follows the statement that ends a turn, for the case that the turn is over already.
void addLost(StatementBatch& batch, const std::string& control_schema, const OutboundTurn& turn) {
  // Whoever took it over from us marks everything from the start: nothing of it is missed.
  if (turn.resource == kEverything) return;
  const std::uint64_t target = turn.target;
  const Blob resource{turn.resource};
  batch.add(outboundText(sql::kMarkLost, control_schema), {resource, target});
  batch.add(outboundText(sql::kSendAnew, control_schema), {target, resource});
}

/// Runs the statement that puts a resource back.
Result<void> putBack(Session& session, const std::string& control_schema, const OutboundTurn& turn,
                     std::string_view sql, const std::vector<Parameter>& parameters) {
  StatementBatch batch;
  batch.begin().add(outboundText(sql, control_schema), parameters);
  addLost(batch, control_schema, turn);
  auto put = batch.commit().run(session);
  if (!put) return propagate(put);
  return {};
}

}  // namespace

Result<std::vector<OutboundClaim>> claimOutbound(Session& session,
                                                 const std::string& control_schema,
                                                 OutboundTargetNumber target, const Lease& lease,
                                                 std::chrono::microseconds lease_time,
                                                 std::uint64_t limit) {
  const std::uint64_t number = target;
  StatementBatch batch;
  auto found = batch.begin()
                   .add(outboundText(sql::kClaimableOutbound, control_schema), {number, limit})
                   .run(session);
  if (!found) return propagate(found);
  auto& rows = found->back().rows;
  std::vector<OutboundClaim> claims;
  if (rows.empty()) {
    rollback(session);
    return claims;
  }
  const std::string marks = placeholders(rows.size());
  std::vector<Parameter> claiming{std::int64_t{lease_time.count()}, Blob{lease.value()}, number};
  std::vector<Parameter> reading{number};
  for (const auto& row : rows) {
    claiming.emplace_back(Blob{*row[0]});
    reading.emplace_back(Blob{*row[0]});
  }
  batch.add(withList(outboundText(sql::kClaimOutbound, control_schema), marks), claiming);
  batch.add(withList(outboundText(sql::kClaimedOutbound, control_schema), marks), reading);
  auto claimed = batch.commit().run(session);
  if (!claimed) return propagate(claimed);
  auto& read = (*claimed)[1].rows;
  for (const auto& row : rows) {
    const auto one = std::find_if(read.begin(), read.end(),
                                  [&](const ResultRow& other) { return other[0] == row[0]; });
    if (one != read.end()) claims.push_back(takeClaim(*one));
  }
  return claims;
}

Result<void> reserveOutboundLink(Session& session, const std::string& control_schema,
                                 OutboundTargetNumber target, const ResourceId& resource,
                                 const std::string& remote_id, Timestamp now) {
  const OutboundLink link{remote_id, LinkState::kActive, std::string(kDigestBytes, '\0'), {}};
  StatementBatch batch;
  batch.begin();
  addLink(batch, control_schema, target, resource.bytes(), link, now);
  for (const auto sql : {sql::kDeleteMembersOfUser, sql::kDeleteMembersOfGroup}) {
    batch.add(outboundText(sql, control_schema), {std::uint64_t{target}, Blob{resource.bytes()}});
  }
  return linked(session, batch.commit().run(session));
}

Result<void> finishOutbound(Session& session, const std::string& control_schema,
                            const OutboundEnd& end, Timestamp now) {
  const std::uint64_t target = end.turn.target;
  const Blob resource{end.turn.resource};
  const auto text = [&](std::string_view sql) { return outboundText(sql, control_schema); };
  StatementBatch batch;
  batch.begin();
  if (end.forget_link) {
    batch.add(text(sql::kDeleteLink), {target, resource});
    batch.add(text(sql::kDeleteMembersOfUser), {target, resource});
    batch.add(text(sql::kDeleteMembersOfGroup), {target, resource});
  }
  if (end.link) {
    addLink(batch, control_schema, end.turn.target, end.turn.resource, *end.link, now);
  }
  addMarks(batch, control_schema, end.turn.target, end.mark);
  const std::uint64_t generation = end.turn.generation;
  const Blob lease{end.turn.lease.value()};
  batch.add(text(sql::kLookAgain),
            {generation, generation, generation, generation, target, resource, lease});
  addLost(batch, control_schema, end.turn);
  batch.add(text(sql::kFinishOutbound), {target, resource, lease, generation});
  return linked(session, batch.commit().run(session));
}

Result<void> postponeOutbound(Session& session, const std::string& control_schema,
                              const OutboundTurn& turn, const OutboundFault& fault,
                              std::chrono::microseconds wait) {
  return putBack(session, control_schema, turn, sql::kPostponeOutbound,
                 {turn.generation, std::int64_t{wait.count()}, statusOrNull(fault),
                  std::string_view(fault.detail), std::uint64_t{turn.target}, Blob{turn.resource},
                  Blob{turn.lease.value()}});
}

Result<void> failOutbound(Session& session, const std::string& control_schema,
                          const OutboundTurn& turn, const OutboundFault& fault) {
  return putBack(session, control_schema, turn, sql::kFailOutbound,
                 {turn.generation, statusOrNull(fault), std::string_view(fault.detail),
                  std::uint64_t{turn.target}, Blob{turn.resource}, Blob{turn.lease.value()}});
}

Result<bool> extendOutbound(Session& session, const std::string& control_schema,
                            const OutboundTurn& turn, std::chrono::microseconds lease_time) {
  auto extended = change(session, outboundText(sql::kExtendOutbound, control_schema),
                         {std::int64_t{lease_time.count()}, std::uint64_t{turn.target},
                          Blob{turn.resource}, Blob{turn.lease.value()}});
  if (!extended) return propagate(extended);
  return *extended > 0;
}

Result<void> releaseOutbound(Session& session, const std::string& control_schema,
                             OutboundTargetNumber target, const Lease& lease,
                             const std::vector<std::string>& resources) {
  if (resources.empty()) return {};
  std::vector<Parameter> parameters{std::uint64_t{target}, Blob{lease.value()}};
  for (const auto& resource : resources) parameters.emplace_back(Blob{resource});
  auto released = change(
      session,
      withList(outboundText(sql::kReleaseOutbound, control_schema), placeholders(resources.size())),
      parameters);
  if (!released) return propagate(released);
  return {};
}

Result<MemberDifference> diffMembers(Session& session, const std::string& control_schema,
                                     const DomainTables& domain, OutboundTargetNumber target,
                                     const ResourceId& group, std::uint64_t limit) {
  const std::uint64_t number = target;
  StatementBatch batch;
  for (const auto sql : {sql::kMembersToAdd, sql::kMembersToRemove}) {
    batch.add(outboundText(sql, control_schema, domain.schema),
              {number, Blob{group.bytes()}, limit});
  }
  auto results = batch.run(session);
  if (!results) return propagate(results);
  return MemberDifference{takeMembers((*results)[0].rows), takeMembers((*results)[1].rows)};
}

Result<void> noteSentMembers(Session& session, const std::string& control_schema,
                             OutboundTargetNumber target, const ResourceId& group,
                             const MemberDifference& told) {
  const std::uint64_t number = target;
  StatementBatch batch;
  batch.begin();
  if (!told.remove.empty()) {
    std::vector<Parameter> parameters{number, Blob{group.bytes()}};
    for (const auto& member : told.remove) parameters.emplace_back(Blob{member.user.bytes()});
    batch.add(withList(outboundText(sql::kDeleteSentMembers, control_schema),
                       placeholders(told.remove.size())),
              parameters);
  }
  if (!told.add.empty()) {
    std::string rows;
    std::vector<Parameter> parameters;
    for (const auto& member : told.add) {
      rows += rows.empty() ? "(?, ?, ?, ?)" : ", (?, ?, ?, ?)";
      parameters.insert(parameters.end(), {number, Blob{group.bytes()}, Blob{member.user.bytes()},
                                           std::string_view(member.remote_id)});
    }
    batch.add(outboundText(sql::kInsertSentMembers, control_schema) + rows, parameters);
  }
  auto noted = batch.commit().run(session);
  if (!noted) return propagate(noted);
  return {};
}

Result<std::vector<ResourceId>> sentGroupsOfUser(Session& session,
                                                 const std::string& control_schema,
                                                 OutboundTargetNumber target,
                                                 const ResourceId& user) {
  StatementBatch batch;
  batch.add(outboundText(sql::kOutboundGroupsOfUser, control_schema),
            {std::uint64_t{target}, Blob{user.bytes()}});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::vector<ResourceId> groups;
  for (const auto& row : results->front().rows) groups.push_back(idAt(row, 0));
  return groups;
}

Result<OutboundStatus> outboundStatus(Session& session, const std::string& control_schema,
                                      OutboundTargetNumber target, const ResourceId& resource) {
  StatementBatch batch;
  for (const auto sql : {sql::kOutboundStatus, sql::kOutboundLink}) {
    batch.add(outboundText(sql, control_schema), {std::uint64_t{target}, Blob{resource.bytes()}});
  }
  auto results = batch.run(session);
  if (!results) return propagate(results);
  OutboundStatus status;
  for (auto& row : (*results)[0].rows) {
    OutboundStatus::Mark mark;
    mark.state = static_cast<MarkState>(unsignedAt(row, 0));
    mark.due_in = std::chrono::microseconds(signedAt(row, 1));
    mark.attempts = static_cast<std::uint32_t>(unsignedAt(row, 2));
    mark.last = takeFault(row, 3);
    mark.since = signedAt(row, 5);
    status.mark = std::move(mark);
  }
  for (auto& row : (*results)[1].rows) {
    status.link = OutboundStatus::Link{takeText(row, 0), static_cast<LinkState>(unsignedAt(row, 1)),
                                       signedAt(row, 2), takeText(row, 3)};
  }
  return status;
}

Result<std::vector<FailedOutbound>> listFailedOutbound(Session& session,
                                                       const std::string& control_schema,
                                                       OutboundTargetNumber target,
                                                       const ResourceId& after,
                                                       std::uint64_t limit) {
  StatementBatch batch;
  batch.add(outboundText(sql::kFailedOutbound, control_schema),
            {std::uint64_t{target}, Blob{after.bytes()}, limit});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::vector<FailedOutbound> failed;
  for (auto& row : results->front().rows) {
    failed.push_back({idAt(row, 0), static_cast<std::uint32_t>(unsignedAt(row, 1)),
                      takeFault(row, 2), signedAt(row, 4)});
  }
  return failed;
}

Result<std::uint64_t> retryOutbound(Session& session, const std::string& control_schema,
                                    OutboundTargetNumber target,
                                    const std::optional<ResourceId>& resource) {
  const std::uint64_t number = target;
  if (!resource) {
    return change(session, outboundText(sql::kRetryAllOutbound, control_schema), {number});
  }
  return change(session, outboundText(sql::kRetryOutbound, control_schema),
                {number, Blob{resource->bytes()}});
}

Result<std::vector<PendingTarget>> pendingTargets(
    Session& session, const std::string& control_schema, const ResourceId& resource,
    const std::vector<OutboundTargetNumber>& targets) {
  std::vector<PendingTarget> pending;
  if (targets.empty()) return pending;
  std::vector<std::uint64_t> numbers(targets.begin(), targets.end());
  StatementBatch batch;
  batch.add(withList(outboundText(sql::kPendingOfResource, control_schema), numberList(numbers)),
            {Blob{resource.bytes()}});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  for (auto& row : results->front().rows) {
    pending.push_back({static_cast<OutboundTargetNumber>(unsignedAt(row, 0)),
                       static_cast<MarkState>(unsignedAt(row, 1)), takeFault(row, 2)});
  }
  return pending;
}

Result<std::vector<OutboundCount>> countOutbound(Session& session,
                                                 const std::string& control_schema) {
  StatementBatch batch;
  batch.add(outboundText(sql::kCountOutbound, control_schema));
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::vector<OutboundCount> counts;
  for (const auto& row : results->front().rows) {
    counts.push_back({static_cast<OutboundTargetNumber>(unsignedAt(row, 0)),
                      static_cast<MarkState>(unsignedAt(row, 1)), unsignedAt(row, 2),
                      std::chrono::microseconds(signedAt(row, 3))});
  }
  return counts;
}

Result<std::vector<LinkCount>> countLinks(Session& session, const std::string& control_schema,
                                          OutboundTargetNumber target) {
  StatementBatch batch;
  batch.add(outboundText(sql::kCountLinks, control_schema), {std::uint64_t{target}});
  auto results = batch.run(session);
  if (!results) return propagate(results);
  std::vector<LinkCount> counts;
  for (const auto& row : results->front().rows) {
    counts.push_back(
        {static_cast<ResourceKind>(unsignedAt(row, 0)), unsignedAt(row, 1), unsignedAt(row, 2)});
  }
  return counts;
}

}  // namespace vestibule::store
