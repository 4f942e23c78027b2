#pragma once
// The keys of one issuer, kept: read when they are needed, again when they have aged, and again
// when a token names one that is not there.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/result.h"
#include "jose/key_fetch.h"
#include "jose/key_set.h"

namespace vestibule::jose {

/// How long things last and are waited for.
struct KeySourceLimits {
  /// Bounds of what the server of the keys asks for, and what counts when it says nothing.
  std::chrono::seconds min_lifetime{60};
  std::chrono::seconds default_lifetime{3'600};
  std::chrono::seconds max_lifetime{24 * 3'600};
  /// How long beyond their lifetime the last good keys serve while no new ones can be had.
  std::chrono::seconds last_good{24 * 3'600};
  /// The pause behind a reading that failed, and between two readings that tokens with unknown keys
  /// have asked for.
  std::chrono::seconds retry{10};
  std::chrono::seconds unknown_key{30};
  /// How long anybody waits for a reading, counted from its beginning.
  std::chrono::milliseconds wait{3'000};
};

/// Reads the set once; `stop` asks it to give up.
using KeyReader = std::function<Result<FetchedKeys>(const std::atomic<bool>& stop)>;
/// A clock that never goes back.
using SteadyClock = std::function<std::chrono::steady_clock::time_point()>;

/// The keys of one issuer. Nobody waits while keys are fresh: a reading then begins in a thread of
/// its own when four fifths of the lifetime are over. However many want keys at once, one reading
/// runs. Thread-safe. While keys are fresh `current` takes no lock.
class KeySource {
 public:
  /// `name` is how the log calls it.
  KeySource(std::string name, KeyReader read, const KeySourceLimits& limits = {},
            SteadyClock clock = &std::chrono::steady_clock::now);
  KeySource(const KeySource&) = delete;
  KeySource& operator=(const KeySource&) = delete;
  /// Waits for a reading that runs, which is asked to give up.
  ~KeySource();

  /// The keys that count now. When they have aged, those of a reading that this call waits for; the
  /// last good ones when that fails or takes longer than `wait`. Error kUnavailable when there are
  /// none, or none young enough; `internal` says why.
  [[nodiscard]] Result<std::shared_ptr<const KeySet>> current();

  /// For a token whose key is not in `seen`: newer keys, from a reading that somebody else has made
  /// meanwhile or that this call waits for. `seen` itself when there are none: the last reading is
  /// too short ago, fails or takes too long.
  [[nodiscard]] std::shared_ptr<const KeySet> newerThan(const std::shared_ptr<const KeySet>& seen);

  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  using Time = std::chrono::steady_clock::time_point;
  /// A set with its times.
  struct Kept {
    std::shared_ptr<const KeySet> set;
    Time renew;  ///< a new reading should begin
    Time stale;  ///< nobody should be served from it without a new reading
    Time dead;   ///< nobody may be served from it
  };

  [[nodiscard]] std::shared_ptr<const Kept> kept() const { return std::atomic_load(&kept_); }
  /// Begins a reading, unless one runs.
  void begin(Time now);
  /// Waits for the reading that runs, if there is one.
  void await(std::unique_lock<std::mutex>& lock);
  /// The thread: reads, keeps, tells those who wait.
  void renew();
  [[nodiscard]] Result<KeySet> readOnce(std::optional<std::chrono::seconds>& lifetime) const;
  void keep(KeySet set, std::optional<std::chrono::seconds> lifetime);

  const std::string name_;
  const KeyReader read_;
  const KeySourceLimits limits_;
  const SteadyClock clock_;
  std::atomic<bool> stop_{false};

  std::shared_ptr<const Kept> kept_;
  std::mutex mutex_;  ///< of what follows
  std::condition_variable finished_;
  std::thread thread_;
  bool reading_ = false;
  std::optional<Time> begun_;     ///< the last reading, by `clock_`
  Time wait_until_;               ///< nobody waits for it any longer, by the real clock
  std::optional<Time> retry_at_;  ///< set while the last reading has failed
  std::string why_;               ///< it has failed
};

}  // namespace vestibule::jose
