#pragma once
// The last events that are not in the audit, in the memory of this process: an unchanged login must
// not cost a write, and a failure of the database cannot be stored there.

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "store/audit_event.h"

namespace vestibule::directory {

/// Keeps so many, and forgets the oldest for a new one. Thread-safe.
class RecentEvents {
 public:
  explicit RecentEvents(std::size_t most_events = 5'000,
                        std::size_t most_bytes = std::size_t{16} << 20U)
      : most_events_(most_events), most_bytes_(most_bytes) {}

  /// O(1): every login keeps one.
  void keep(store::AuditEvent event);
  /// True when the same caller was refused for the same subject by the same code less than a minute
  /// before `now`, as far as that is remembered (10,000 of them); else remembers this one. Each
  /// picture of a page may be asked for in the name of a refused user. O(log n).
  [[nodiscard]] bool repeats(const store::AuditEvent& refusal,
                             std::chrono::steady_clock::time_point now);
  /// The events of one request, newest first, at most `count`. O(n): operators ask seldom.
  [[nodiscard]] std::vector<store::AuditEvent> find(std::string_view correlation_id,
                                                    std::size_t count) const;

 private:
  void dropOldest(std::vector<store::AuditEvent>& dropped);

  const std::size_t most_events_;
  const std::size_t most_bytes_;
  mutable std::mutex mutex_;
  std::deque<store::AuditEvent> events_;
  std::size_t bytes_ = 0;
  /// When a refusal was last new, by a digest of whose it was and why.
  std::map<std::string, std::chrono::steady_clock::time_point> refused_;
};

}  // namespace vestibule::directory
