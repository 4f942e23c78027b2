#pragma once
// The outbox: changes that event streams are told of, each stored in the transaction of the change,
// until a dispatcher makes deliveries of them.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/resource_id.h"
#include "base/result.h"
#include "base/strong.h"
#include "store/announcement.h"
#include "store/database.h"
#include "store/domain_tables.h"
#include "store/event_stream_store.h"

namespace vestibule::store {

/// A change as the outbox has it.
struct OutboxEvent {
  Timestamp occurred = 0;
  ChangeKinds kinds = 0;
  DomainNumber domain;
  ResourceId resource;
  std::optional<Version> version;  ///< behind the change; nothing for a deletion
  std::optional<std::string> external_id;
  std::string attributes;  ///< what changed, as change_text.h reads it
  std::string correlation_id;
  /// 16 bytes, of the change that this came of: the same in all events that it is told by. `txn`
  std::string txn;
};

/// An event for one stream.
struct NewDelivery {
  EventStreamNumber stream = 0;
  std::string event_id;  ///< 16 bytes, of this event for this stream: `jti`
  const OutboxEvent* event = nullptr;
  ChangeKinds kinds = 0;  ///< those that the stream wants
};

/// What came of one look at the outbox.
enum class FannedOut : std::uint8_t {
  kNothing,  ///< it has nothing whose time has come
  kBusy,     ///< another dispatcher is at it
  kStale,    ///< streams have changed since the revision that was given
  kSome,     ///< rows were taken
};

/// How many changes of groups there may be in one transaction, but for those of the last row.
inline constexpr std::size_t kChangesAtOnce = 1'000;

/// The tables of a domain; null: there is none of this number.
using FindDomain = std::function<const DomainTables*(DomainNumber)>;

/// Who gets each of the events: called in the transaction, may run more than once.
using FanOut = std::function<std::vector<NewDelivery>(const std::vector<OutboxEvent>&)>;

/// Takes up to `limit` rows, the oldest first, and stores the deliveries that `plan` makes of their
/// changes in one transaction: each change becomes deliveries exactly once, whoever else tries. A
/// row that names groups becomes one change of each of them; where that makes more than
/// kChangesAtOnce, fewer rows are taken, one at least. Of a row that says which resources come into
/// a stream's feed or leave it, a page is taken alone (feed_walk.h) as soon as it begins, and the
/// rest goes behind the changes that wait.
/// `revision` is that of the streams which `plan` knows. One query when there is nothing to do.
[[nodiscard]] Result<FannedOut> fanOut(Session& session, const std::string& control_schema,
                                       std::uint64_t revision, std::uint64_t limit,
                                       const FanOut& plan, const FindDomain& domains);

}  // namespace vestibule::store
