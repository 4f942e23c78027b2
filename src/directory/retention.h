#pragma once
// How long the audit and ended prompts are kept: a thread that removes what is older.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "store/database.h"

namespace vestibule::directory {

struct RetentionOptions {
  std::chrono::hours events{};  ///< how old an event gets
  std::chrono::hours traces{};  ///< and its trace; not more than `events`
  /// For how long a prompt that has expired can still be asked about.
  std::chrono::hours prompts{24};
};

/// What was removed.
struct Removed {
  std::uint64_t events = 0;
  std::uint64_t traces = 0;
  std::uint64_t prompts = 0;
};

/// Removes what is too old, some 1,000 rows at a time, each time in a transaction of its own, so
/// that no login waits. `go_on` is asked after each; false ends it early.
[[nodiscard]] Result<Removed> expire(store::Database& database, const RetentionOptions& options,
                                     Timestamp now, const std::function<bool()>& go_on);

/// Counts what was removed. Thread-safe.
class RetentionMetrics {
 public:
  /// Adds `vestibule_retention_runs_total` and `vestibule_retention_removed_total` to `metrics`,
  /// which must outlive this.
  explicit RetentionMetrics(Metrics& metrics);

  /// A round has ended so.
  void ran(const Result<Removed>& removed) const;

 private:
  Counter& runs_;
  Counter& removed_;
};

/// Does so every ten minutes. Any number of processes may on one database; what one has removed the
/// others do not find.
class Retention {
 public:
  /// Both references must outlive it.
  Retention(store::Database& database, RetentionOptions options, const RetentionMetrics& metrics);
  ~Retention();
  Retention(const Retention&) = delete;
  Retention& operator=(const Retention&) = delete;

 private:
  void run();
  /// False once it is to stop.
  bool pause(std::chrono::milliseconds time);

  store::Database& database_;
  RetentionOptions options_;
  const RetentionMetrics& metrics_;
  std::mutex mutex_;
  std::condition_variable stop_signal_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vestibule::directory
