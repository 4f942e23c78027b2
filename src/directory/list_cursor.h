#pragma once
// Cursors of lists (RFC 9865): where a walk stands, sealed so that no client can read or change it.
// Nothing is kept on the server, and every process on the same database opens them.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/resource_id.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/strong.h"
#include "store/ordered_search.h"

namespace vestibule::directory {

/// Behind which resource a page begins.
struct ListPlace {
  ResourceKind kind = ResourceKind::kUser;
  DomainNumber domain;
  store::Position position;
};

struct ListCursor {
  ListPlace place;
  std::uint64_t count = 0;             ///< resources of a page, which stays the same in a walk
  std::optional<std::uint64_t> total;  ///< as counted for the first page
};

/// Seals and opens cursors. Thread-safe.
class CursorSeal {
 public:
  /// `key` has 32 bytes. Cursors are good for `lifetime`.
  CursorSeal(Secret key, std::chrono::seconds lifetime)
      : key_(std::move(key)), lifetime_(lifetime) {}

  [[nodiscard]] std::chrono::seconds lifetime() const { return lifetime_; }

  /// The cursor as unreserved characters of a URL. `query` stands for all that has to be the same
  /// when it is used: who asks, over what, by which filter, in which order.
  [[nodiscard]] std::string seal(const ListCursor& cursor, std::string_view query,
                                 Timestamp now) const;
  /// Errors kInvalidCursor for text that is no cursor of this service or one of another query,
  /// kExpiredCursor.
  [[nodiscard]] Result<ListCursor> open(std::string_view text, std::string_view query,
                                        Timestamp now) const;

 private:
  Secret key_;
  std::chrono::seconds lifetime_;
};

}  // namespace vestibule::directory
