#pragma once
// Resources that come into the feed of an event stream, or leave it, because the stream selects
// other domains now (RFC 9967 §2.3). A row of the outbox says which domains; it is worked off a
// page of resources at a time, each in a transaction that leaves a row for what is left.

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/domain_tables.h"
#include "store/event_stream_store.h"
#include "store/outbox_store.h"
#include "store/statement_batch.h"

namespace vestibule::store {

/// Resources in one transaction.
inline constexpr std::uint64_t kResourcesAtOnce = 500;

/// Which resources are still to be told of: those of the domains, and of the first of them those
/// behind a row.
struct FeedWalk {
  EventStreamNumber stream = 0;
  FeedChange domains;
  std::uint64_t table = 0;  ///< of the first domain: 0 users, 1 groups, 2 other resources
  std::uint64_t row = 0;    ///< the last of that table that was told of
};

/// As the column `attributes` has it.
[[nodiscard]] std::string walkText(const FeedWalk& walk);
/// Reads it; nothing for what is none.
[[nodiscard]] std::optional<FeedWalk> readWalk(std::string_view text);

/// One page of a walk.
struct WalkedPage {
  std::deque<OutboxEvent> events;   ///< each for the stream of the walk; kFeedAdd or kFeedRemove
  std::optional<std::string> rest;  ///< the text of what is left; nothing: that was all
};

/// Reads the next page; of a domain that is gone there is none, and of a stream that is gone
/// neither. Resources made behind the change are passed over: they came in as `create`. `row` is
/// that of the outbox. In the open transaction. One round trip.
[[nodiscard]] Result<WalkedPage> walkFeed(Session& session, const std::string& control_schema,
                                          FeedWalk walk, const OutboxEvent& row,
                                          const FindDomain& domains);

/// Adds the row that begins the walk of a new stream (behind the INSERT of a row that has its
/// number as LAST_INSERT_ID()), or of a stream that has changed (behind the audit's conditional
/// INSERT). Nothing for no domains. What is given must live until the batch runs.
class FeedWalkRow {
 public:
  FeedWalkRow(const FeedChange& change, EventStreamNumber stream, const AuditEvent& event);
  void addOfNewTo(StatementBatch& batch, const std::string& control_schema) const;
  void addIfChangedTo(StatementBatch& batch, const std::string& control_schema) const;

 private:
  const AuditEvent& event_;
  bool wanted_;
  std::string text_;
};

}  // namespace vestibule::store
