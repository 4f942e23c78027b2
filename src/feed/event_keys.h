#pragma once
// The keys that events are signed with: made at the first use, the same for all servers on one
// database, and changed by an operator.

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "directory/author.h"
#include "directory/context.h"
#include "jose/signing_key.h"

namespace vestibule::feed {

/// The keys of one moment. Immutable.
struct KeyRing {
  struct Key {
    jose::SigningKey key;
    Timestamp created = 0;
  };
  std::vector<Key> keys;  ///< never empty; the last signs

  [[nodiscard]] const jose::SigningKey& signing() const { return keys.back().key; }
  /// The public keys as a JWK Set (RFC 7517 §5), the one that signs first.
  [[nodiscard]] json::Object keySet() const;
};

/// Keeps the keys in memory as long as the catalog stays the same. Thread-safe.
class EventKeys {
 public:
  /// `context` must outlive it.
  explicit EventKeys(const directory::Context& context) : context_(context) {}

  /// The keys; makes the first one. Error kUnavailable when the database cannot be reached.
  [[nodiscard]] Result<std::shared_ptr<const KeyRing>> current();

 private:
  const directory::Context& context_;
  std::mutex mutex_;
  std::uint64_t revision_ = 0;
  std::shared_ptr<const KeyRing> ring_;
};

/// Makes a new key, which signs from now on. The one that has signed until now stays in the set,
/// for events on their way; older ones go. Error kUnavailable.
[[nodiscard]] Result<void> rotateEventKey(const directory::Context& context,
                                          const directory::Author& author);

}  // namespace vestibule::feed
