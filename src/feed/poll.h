#pragma once
// Events for receivers that fetch them (RFC 8936).

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "directory/context.h"
#include "directory/event_stream.h"
#include "directory/principal.h"
#include "feed/event_metrics.h"
#include "feed/event_source.h"
#include "json/value.h"
#include "store/delivery_store.h"

namespace vestibule::feed {

/// The most tokens in one answer, and the number where the receiver names none.
inline constexpr std::uint64_t kMostEventsAtOnce = 100;
/// The most ids that one request may acknowledge or complain of.
inline constexpr std::size_t kMostSettledAtOnce = 1'000;

/// What a receiver asks (RFC 8936 §2.2).
struct PollRequest {
  std::uint64_t max_events = kMostEventsAtOnce;  ///< 0: it only acknowledges
  bool return_immediately = false;
  std::vector<std::string> acknowledged;  ///< bytes of `jti`
  std::vector<store::Complaint> complaints;
};

/// Reads the body. An id that is none of ours is passed over. Error kInvalidValue for a member of
/// the wrong type, and for more ids than kMostSettledAtOnce; members that are not known are
/// ignored.
[[nodiscard]] Result<PollRequest> readPollRequest(const json::Value& body);

/// The stream of this name that the principal may fetch from: the stream names its token, and each
/// domain of the stream is one that it sees. Error kNotFound.
[[nodiscard]] Result<std::shared_ptr<const directory::EventStream>> pollableStream(
    const directory::Context& context, const directory::Principal& principal,
    std::string_view name);

/// Takes note of what the receiver has and of what it cannot use. Harmless to repeat. Error
/// kUnavailable.
[[nodiscard]] Result<void> settle(const directory::Context& context, const EventMetrics& metrics,
                                  const directory::EventStream& stream, const PollRequest& request);

/// The events that wait, as `sets` and `moreAvailable` (RFC 8936 §2.3): the oldest first, and again
/// with each poll until they are acknowledged. Nothing of a stream that is paused. Error
/// kUnavailable.
[[nodiscard]] Result<json::Object> waitingEvents(const directory::Context& context,
                                                 EventSource& source,
                                                 const directory::EventStream& stream,
                                                 std::uint64_t max_events);

}  // namespace vestibule::feed
