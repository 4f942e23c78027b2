#pragma once
// Deliveries: events on their way to one event stream each. A stream is served by one sender at a
// time, in the order of the changes: it is claimed for as long as a lease lasts. A receiver that
// polls has no sender. An event leaves when the receiver has it; one that it refuses is dead, until
// an operator has it sent again or drops it.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/database.h"
#include "store/event_stream_store.h"
#include "store/operation_store.h"
#include "store/outbox_store.h"

namespace vestibule::store {

/// Values of the column `state`.
enum class DeliveryState : std::uint8_t { kWaiting = 1, kDead = 2 };

/// An event for one stream, as stored.
struct Delivery {
  std::uint64_t seq = 0;
  EventStreamNumber stream = 0;
  std::string event_id;  ///< 16 bytes, the same each time it is sent: `jti`
  DeliveryState state = DeliveryState::kWaiting;
  std::uint32_t attempts = 0;
  OutboxEvent event;
  std::string code;    ///< why the receiver does not have it; empty: it was not tried
  std::string detail;  ///< the same in words
};

/// A stream with the right to send to it.
struct ClaimedStream {
  EventStreamNumber stream = 0;
  std::uint32_t failures = 0;  ///< attempts in a row that failed
};

/// Claims the stream that has been due the longest, of those given, that has something waiting and
/// is not claimed. Nothing when there is none.
[[nodiscard]] Result<std::optional<ClaimedStream>> claimStream(
    Session& session, const std::string& control_schema,
    const std::vector<EventStreamNumber>& streams, const Lease& lease,
    std::chrono::microseconds lease_time);

/// The next events of a stream, in order. One query.
[[nodiscard]] Result<std::vector<Delivery>> nextDeliveries(Session& session,
                                                           const std::string& control_schema,
                                                           EventStreamNumber stream,
                                                           std::uint64_t limit);

/// Who has claimed a stream, and for how much longer.
struct Claim {
  EventStreamNumber stream = 0;
  Lease lease;
  std::chrono::microseconds lease_time{0};
};

/// Why a delivery failed.
struct DeliveryFailure {
  std::string code;       ///< for programs; at most 64 bytes
  std::string detail;     ///< for people; at most 1000 characters
  bool answered = false;  ///< the receiver was there, so that the attempt counts
};

/// The receiver has the event: it goes. False when the lease is lost.
[[nodiscard]] Result<bool> finishDelivery(Session& session, const std::string& control_schema,
                                          const Claim& claim, std::uint64_t seq, Timestamp now);

/// The receiver does not want the event: it is dead, the next one's turn comes. False when the
/// lease is lost.
[[nodiscard]] Result<bool> buryDelivery(Session& session, const std::string& control_schema,
                                        const Claim& claim, std::uint64_t seq,
                                        const DeliveryFailure& failure, Timestamp now);

/// The attempt failed: the stream is given back, and due again in `wait`.
[[nodiscard]] Result<void> postponeStream(Session& session, const std::string& control_schema,
                                          const Claim& claim, std::uint64_t seq,
                                          const DeliveryFailure& failure,
                                          std::chrono::microseconds wait, Timestamp now);

/// Gives the stream back. One query.
[[nodiscard]] Result<void> releaseStream(Session& session, const std::string& control_schema,
                                         const Claim& claim);

/// What a receiver that polls says of one event.
struct Complaint {
  std::string event_id;
  DeliveryFailure failure;
};

/// How many events left a stream so.
struct Settled {
  std::uint64_t acknowledged = 0;
  std::uint64_t refused = 0;
};

/// A receiver that polls has these, and cannot use those (RFC 8936 §2.4); ids that are not waiting
/// are passed over.
[[nodiscard]] Result<Settled> settleDeliveries(Session& session, const std::string& control_schema,
                                               EventStreamNumber stream,
                                               const std::vector<std::string>& acknowledged,
                                               const std::vector<Complaint>& complaints,
                                               Timestamp now);

/// Which of the streams have something waiting. One query.
[[nodiscard]] Result<std::vector<EventStreamNumber>> streamsWithWaiting(
    Session& session, const std::string& control_schema,
    const std::vector<EventStreamNumber>& streams);

/// How a stream gets on.
struct StreamProgress {
  std::uint64_t waiting = 0;
  std::uint64_t dead = 0;
  std::uint64_t dropped = 0;  ///< too old, ever since the stream was made
  std::uint32_t failures = 0;
  std::chrono::microseconds next_in{0};  ///< until the next attempt, while it waits for one
  std::optional<Timestamp> last_success;
  std::optional<Timestamp> last_failure;
  std::string last_error;
};

/// The progress of each. Costs a walk over the index of what they have waiting.
[[nodiscard]] Result<std::map<EventStreamNumber, StreamProgress>> readProgress(
    Session& session, const std::string& control_schema,
    const std::vector<EventStreamNumber>& streams);

/// Up to `limit` dead events of the stream behind `after`, in order. One query.
[[nodiscard]] Result<std::vector<Delivery>> deadDeliveries(Session& session,
                                                           const std::string& control_schema,
                                                           EventStreamNumber stream,
                                                           std::uint64_t after,
                                                           std::uint64_t limit);

/// Has a dead event sent again, or without an id all of them, some 1,000 at once; returns how many.
[[nodiscard]] Result<std::uint64_t> redeliver(Session& session, const std::string& control_schema,
                                              EventStreamNumber stream,
                                              const std::optional<std::string>& event_id);

/// Removes a dead event; false when there is none such. One query.
[[nodiscard]] Result<bool> dropDelivery(Session& session, const std::string& control_schema,
                                        EventStreamNumber stream, const std::string& event_id);

/// Removes up to kRowsRemovedAtOnce events of a stream that is gone; returns how many.
[[nodiscard]] Result<std::uint64_t> dropStream(Session& session, const std::string& control_schema,
                                               EventStreamNumber stream);

/// Removes up to kRowsRemovedAtOnce events that happened before `moment`, and counts them for their
/// streams; returns how many of each.
[[nodiscard]] Result<std::map<EventStreamNumber, std::uint64_t>> removeOldDeliveries(
    Session& session, const std::string& control_schema, Timestamp moment);

}  // namespace vestibule::store
