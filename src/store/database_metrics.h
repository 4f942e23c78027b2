#pragma once
// What sessions and units of work cost, told to operators.

#include <chrono>

#include "base/metrics.h"
#include "store/database.h"

namespace vestibule::store {

/// Thread-safe.
class DatabaseMetrics {
 public:
  /// Adds `vestibule_database_session_wait_seconds`, `vestibule_database_connects_total` and
  /// `vestibule_database_reruns_total` to `metrics`, which must outlive this.
  explicit DatabaseMetrics(Metrics& metrics);

  /// A caller waited so long for a session, or for the news that there is none.
  void waited(std::chrono::nanoseconds time) const { session_wait_.observe(0, time); }
  /// A connection was opened, or could not be.
  void connected(bool well) const { connects_.add(well ? 0 : 1); }
  /// A read or a unit of work is run once more, after kRetry or kReconnect.
  void ranAgain(Recovery recovery) const { reruns_.add(recovery == Recovery::kRetry ? 0 : 1); }

 private:
  Histogram& session_wait_;
  Counter& connects_;
  Counter& reruns_;
};

/// Adds what can be looked up of a database: `vestibule_database_sessions`,
/// `vestibule_database_sessions_limit` and `vestibule_database_sessions_awaited`. It is asked as
/// long as anybody asks `metrics`.
void addSessionReadings(Metrics& metrics, const Database& database);

}  // namespace vestibule::store
