#include "store/delivery_store.h"

#include "store/event_statements.h"
#include "store/result_rows.h"
#include "store/rows_removed.h"
#include "store/session.h"
#include "store/statement_batch.h"

namespace vestibule::store {
namespace {

std::string listOf(const std::vector<EventStreamNumber>& streams) {
  return numberList({streams.begin(), streams.end()});
}

Delivery takeDelivery(ResultRow& row) {
  const auto textAt = [&](std::size_t column) {
    return row[column] ? takeText(row, column) : std::string();
  };
  Delivery delivery;
  delivery.seq = unsignedAt(row, 0);
  delivery.stream = static_cast<EventStreamNumber>(unsignedAt(row, 1));
  delivery.event_id = takeText(row, 2);
  delivery.event.txn = takeText(row, 3);
  delivery.state = static_cast<DeliveryState>(unsignedAt(row, 4));
  delivery.attempts = static_cast<std::uint32_t>(unsignedAt(row, 5));
  delivery.event.occurred = signedAt(row, 6);
  delivery.event.kinds = static_cast<ChangeKinds>(unsignedAt(row, 7));
  delivery.event.domain = DomainNumber(static_cast<std::uint16_t>(unsignedAt(row, 8)));
  delivery.event.resource = idAt(row, 9);
  if (row[10]) delivery.event.version = Version(unsignedAt(row, 10));
  delivery.event.external_id = std::move(row[11]);
  delivery.event.attributes = row[12] ? takeText(row, 12) : std::string("[]");
  delivery.event.correlation_id = takeText(row, 13);
  delivery.code = textAt(14);
  delivery.detail = textAt(15);
  return delivery;
}

Result<std::vector<Delivery>> readDeliveries(Session& session, const std::string& text,
                                             const std::vector<Parameter>& parameters) {
  StatementBatch batch;
  auto results = batch.add(text, parameters).run(session);
  if (!results) return propagate(results);
  std::vector<Delivery> deliveries;
  for (auto& row : results->front().rows) deliveries.push_back(takeDelivery(row));
  return deliveries;
}

Parameter micros(std::chrono::microseconds time) { return std::int64_t{time.count()}; }

}  // namespace

Result<std::optional<ClaimedStream>> claimStream(Session& session,
                                                 const std::string& control_schema,
                                                 const std::vector<EventStreamNumber>& streams,
                                                 const Lease& lease,
                                                 std::chrono::microseconds lease_time) {
  StatementBatch batch;
  batch.begin();
  batch.add(withList(eventText(sql::kClaimableStream, control_schema), listOf(streams)));
  auto found = batch.run(session);
  if (!found) return propagate(found);
  auto& rows = found->back().rows;
  if (rows.empty()) {
    rollback(session);
    return std::optional<ClaimedStream>();
  }
  const ClaimedStream claimed{static_cast<EventStreamNumber>(unsignedAt(rows.front(), 0)),
                              static_cast<std::uint32_t>(unsignedAt(rows.front(), 1))};
  batch.add(eventText(sql::kLeaseStream, control_schema),
            {Blob{lease.value()}, micros(lease_time), std::uint64_t{claimed.stream}});
  auto leased = batch.commit().run(session);
  if (!leased) return propagate(leased);
  return std::optional(claimed);
}

Result<std::vector<Delivery>> nextDeliveries(Session& session, const std::string& control_schema,
                                             EventStreamNumber stream, std::uint64_t limit) {
  return readDeliveries(session, eventText(sql::kNextDeliveries, control_schema),
                        {std::uint64_t{stream}, limit});
}

Result<bool> finishDelivery(Session& session, const std::string& control_schema, const Claim& claim,
                            std::uint64_t seq, Timestamp now) {
  StatementBatch batch;
  batch.begin();
  batch.add(eventText(sql::kDeleteDelivery, control_schema), {seq});
  batch.add(eventText(sql::kStreamDelivered, control_schema),
            {std::int64_t{now}, micros(claim.lease_time), std::uint64_t{claim.stream},
             Blob{claim.lease.value()}});
  auto done = batch.commit().run(session);
  if (!done) return propagate(done);
  return done->at(2).affected > 0;
}

Result<bool> buryDelivery(Session& session, const std::string& control_schema, const Claim& claim,
                          std::uint64_t seq, const DeliveryFailure& failure, Timestamp now) {
  StatementBatch batch;
  batch.begin();
  batch.add(eventText(sql::kBuryDelivery, control_schema),
            {std::string_view(failure.code), std::string_view(failure.detail), seq});
  batch.add(eventText(sql::kStreamRefused, control_schema),
            {std::int64_t{now}, std::string_view(failure.detail), micros(claim.lease_time),
             std::uint64_t{claim.stream}, Blob{claim.lease.value()}});
  auto done = batch.commit().run(session);
  if (!done) return propagate(done);
  return done->at(2).affected > 0;
}

Result<void> postponeStream(Session& session, const std::string& control_schema, const Claim& claim,
                            std::uint64_t seq, const DeliveryFailure& failure,
                            std::chrono::microseconds wait, Timestamp now) {
  StatementBatch batch;
  batch.begin();
  batch.add(eventText(sql::kFailDelivery, control_schema),
            {std::uint64_t{failure.answered ? 1U : 0U}, std::string_view(failure.code),
             std::string_view(failure.detail), seq});
  batch.add(eventText(sql::kStreamFailed, control_schema),
            {std::int64_t{now}, std::string_view(failure.detail), micros(wait),
             std::uint64_t{claim.stream}, Blob{claim.lease.value()}});
  auto done = batch.commit().run(session);
  if (!done) return propagate(done);
  return {};
}

Result<void> releaseStream(Session& session, const std::string& control_schema,
                           const Claim& claim) {
  StatementBatch batch;
  batch.add(eventText(sql::kReleaseStream, control_schema),
            {std::uint64_t{claim.stream}, Blob{claim.lease.value()}});
  auto released = batch.run(session);
  if (!released) return propagate(released);
  return {};
}

Result<Settled> settleDeliveries(Session& session, const std::string& control_schema,
                                 EventStreamNumber stream,
                                 const std::vector<std::string>& acknowledged,
                                 const std::vector<Complaint>& complaints, Timestamp now) {
  Settled settled;
  if (acknowledged.empty() && complaints.empty()) return settled;
  const std::uint64_t number = stream;
  StatementBatch batch;
  batch.begin();
  if (!acknowledged.empty()) {
    std::vector<Parameter> parameters{number};
    for (const auto& id : acknowledged) parameters.emplace_back(Blob{id});
    batch.add(
        withList(eventText(sql::kAcknowledge, control_schema), placeholders(acknowledged.size())),
        parameters);
    batch.add(eventText(sql::kStreamAcknowledged, control_schema), {std::int64_t{now}, number});
  }
  for (const auto& complaint : complaints) {
    batch.add(eventText(sql::kComplain, control_schema),
              {std::string_view(complaint.failure.code), std::string_view(complaint.failure.detail),
               number, Blob{complaint.event_id}});
  }
  if (!complaints.empty()) {
    batch.add(eventText(sql::kStreamComplained, control_schema),
              {std::int64_t{now}, std::string_view(complaints.back().failure.detail), number});
  }
  auto done = batch.commit().run(session);
  if (!done) return propagate(done);
  std::size_t at = 1;
  if (!acknowledged.empty()) {
    settled.acknowledged = done->at(at).affected;
    at += 2;
  }
  for (std::size_t i = 0; i < complaints.size(); ++i) settled.refused += done->at(at + i).affected;
  return settled;
}

Result<std::vector<EventStreamNumber>> streamsWithWaiting(
    Session& session, const std::string& control_schema,
    const std::vector<EventStreamNumber>& streams) {
  std::vector<EventStreamNumber> with;
  if (streams.empty()) return with;
  StatementBatch batch;
  batch.add(withList(eventText(sql::kStreamsWithWaiting, control_schema), listOf(streams)));
  auto found = batch.run(session);
  if (!found) return propagate(found);
  for (const auto number : numbersOf(found->front().rows)) {
    with.push_back(static_cast<EventStreamNumber>(number));
  }
  return with;
}

Result<std::map<EventStreamNumber, StreamProgress>> readProgress(
    Session& session, const std::string& control_schema,
    const std::vector<EventStreamNumber>& streams) {
  std::map<EventStreamNumber, StreamProgress> all;
  if (streams.empty()) return all;
  StatementBatch batch;
  batch.add(withList(eventText(sql::kStreamProgress, control_schema), listOf(streams)));
  batch.add(withList(eventText(sql::kCountDeliveries, control_schema), listOf(streams)));
  auto results = batch.run(session);
  if (!results) return propagate(results);
  for (auto& row : results->at(0).rows) {
    auto& progress = all[static_cast<EventStreamNumber>(unsignedAt(row, 0))];
    progress.failures = static_cast<std::uint32_t>(unsignedAt(row, 1));
    if (row[2]) progress.last_success = signedAt(row, 2);
    if (row[3]) progress.last_failure = signedAt(row, 3);
    if (row[4]) progress.last_error = takeText(row, 4);
    progress.dropped = unsignedAt(row, 5);
    progress.next_in = std::chrono::microseconds(signedAt(row, 6));
  }
  for (const auto& row : results->at(1).rows) {
    auto& progress = all[static_cast<EventStreamNumber>(unsignedAt(row, 0))];
    const bool dead = static_cast<DeliveryState>(unsignedAt(row, 1)) == DeliveryState::kDead;
    (dead ? progress.dead : progress.waiting) = unsignedAt(row, 2);
  }
  return all;
}

Result<std::vector<Delivery>> deadDeliveries(Session& session, const std::string& control_schema,
                                             EventStreamNumber stream, std::uint64_t after,
                                             std::uint64_t limit) {
  return readDeliveries(session, eventText(sql::kDeadDeliveries, control_schema),
                        {std::uint64_t{stream}, after, limit});
}

Result<std::uint64_t> redeliver(Session& session, const std::string& control_schema,
                                EventStreamNumber stream,
                                const std::optional<std::string>& event_id) {
  const std::uint64_t number = stream;
  StatementBatch batch;
  batch.begin();
  if (event_id) {
    batch.add(eventText(sql::kRedeliver, control_schema), {number, Blob{*event_id}});
  } else {
    batch.add(eventText(sql::kRedeliverAll, control_schema), {number, kRowsRemovedAtOnce});
  }
  batch.add(eventText(sql::kDueNow, control_schema), {number});
  auto done = batch.commit().run(session);
  if (!done) return propagate(done);
  return done->at(1).affected;
}

Result<bool> dropDelivery(Session& session, const std::string& control_schema,
                          EventStreamNumber stream, const std::string& event_id) {
  StatementBatch batch;
  batch.add(eventText(sql::kDropDelivery, control_schema), {std::uint64_t{stream}, Blob{event_id}});
  auto dropped = batch.run(session);
  if (!dropped) return propagate(dropped);
  return dropped->front().affected > 0;
}

Result<std::uint64_t> dropStream(Session& session, const std::string& control_schema,
                                 EventStreamNumber stream) {
  StatementBatch batch;
  batch.add(eventText(sql::kDropStream, control_schema),
            {std::uint64_t{stream}, kRowsRemovedAtOnce});
  auto dropped = batch.repeatable().run(session);
  if (!dropped) return propagate(dropped);
  return dropped->front().affected;
}

Result<std::map<EventStreamNumber, std::uint64_t>> removeOldDeliveries(
    Session& session, const std::string& control_schema, Timestamp moment) {
  StatementBatch batch;
  batch.begin();
  batch.add(eventText(sql::kOldDeliveries, control_schema),
            {std::int64_t{moment}, kRowsRemovedAtOnce});
  auto found = batch.run(session);
  if (!found) return propagate(found);
  std::map<EventStreamNumber, std::uint64_t> removed;
  const auto& rows = found->back().rows;
  if (rows.empty()) {
    rollback(session);
    return removed;
  }
  for (const auto& row : rows) ++removed[static_cast<EventStreamNumber>(unsignedAt(row, 1))];
  batch.add(
      withList(eventText(sql::kDeleteDeliveries, control_schema), numberList(numbersOf(rows))));
  for (const auto& [stream, number] : removed) {
    batch.add(eventText(sql::kCountDropped, control_schema), {number, std::uint64_t{stream}});
  }
  auto done = batch.commit().run(session);
  if (!done) return propagate(done);
  return removed;
}

}  // namespace vestibule::store
