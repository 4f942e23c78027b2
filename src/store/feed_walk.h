#pragma once
// Resources that come into the feed of an event stream, or leave it, because the stream selects
// other domains now (RFC 9967 §2.3). A row of the outbox says which domains; it is worked off a
// page of resources at a time (feed_walk_rows.h), each in a transaction that leaves a row for what
// is left.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/event_stream_store.h"

namespace vestibule::store {

/// The tables of a domain that have resources.
inline constexpr std::uint64_t kFeedTables = 3;

/// Which resources are still to be told of: those of the domains, and of the first of them those
/// behind a row.
struct FeedWalk {
  EventStreamNumber stream = 0;
  std::int64_t begins = 0;  ///< not before this moment of the database's, in microseconds
  FeedChange domains;
  std::uint64_t table = 0;  ///< of the first domain: 0 users, 1 groups, 2 other resources
  std::uint64_t row = 0;    ///< the last of that table that was told of
};

/// As the column `attributes` has it.
[[nodiscard]] std::string walkText(const FeedWalk& walk);
/// Reads it; nothing for what is none.
[[nodiscard]] std::optional<FeedWalk> readWalk(std::string_view text);

}  // namespace vestibule::store
