#pragma once
// The keys that events are signed with: made at the first use, the same for all servers on one
// database, and changed by an operator.

#include <chrono>
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

/// How long receivers may keep the set of keys.
inline constexpr std::chrono::seconds kKeySetAge{300};
/// How long a new key is in the set before it signs: a minute longer, for clocks that differ.
inline constexpr std::chrono::seconds kKeyLead = kKeySetAge + std::chrono::seconds(60);

/// The keys of one moment. Immutable.
struct KeyRing {
  struct Key {
    jose::SigningKey key;
    Timestamp created = 0;
  };
  std::vector<Key> keys;  ///< in the order in which they were made; never empty

  /// The key that signs at this moment: the newest that has been there for kKeyLead, so that
  /// whoever keeps the set has it; where none has, the oldest.
  [[nodiscard]] const jose::SigningKey& signing(Timestamp moment) const;
  /// The public keys as a JWK Set (RFC 7517 §5), the newest first.
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

/// How one key takes the place of another.
enum class KeyRotation : std::uint8_t {
  /// The new key signs as soon as it has been in the set for kKeyLead. The one that signs until
  /// then stays, for events on their way; older ones go.
  kOverlapping,
  /// The new key signs at once, and all others go: they may be in wrong hands.
  kAtOnce,
};

/// Makes a new key. Error kUnavailable.
[[nodiscard]] Result<void> rotateEventKey(const directory::Context& context, KeyRotation rotation,
                                          const directory::Author& author);

}  // namespace vestibule::feed
