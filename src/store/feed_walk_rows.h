#pragma once
// The rows and pages of a walk through what comes into the feed of a stream, or leaves it. Private
// to store/.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "base/result.h"
#include "store/audit_event.h"
#include "store/feed_walk.h"
#include "store/outbox_store.h"
#include "store/statement_batch.h"

namespace vestibule::store {

/// Resources in one transaction.
inline constexpr std::uint64_t kResourcesAtOnce = 500;

/// One page of a walk.
struct WalkedPage {
  std::deque<OutboxEvent> events;   ///< each for the stream of the walk; kFeedAdd or kFeedRemove
  std::optional<std::string> rest;  ///< the text of what is left; nothing: that was all
};

/// Reads the next page; of a domain that is gone there is none, and of a stream that is gone
/// neither. `row` is that of the outbox. In the open transaction. One round trip.
[[nodiscard]] Result<WalkedPage> walkFeed(Session& session, const std::string& control_schema,
                                          FeedWalk walk, const OutboxEvent& row,
                                          const FindDomain& domains);

/// Adds the row that begins, two seconds later, the walk of a new stream (behind the INSERT of a
/// row that has its number as LAST_INSERT_ID()), or of a stream that has changed (behind the
/// audit's conditional INSERT). Nothing for no domains. What is given must live until the batch
/// runs.
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
