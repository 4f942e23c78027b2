#include "directory/recent_events.h"

#include <limits>

namespace vestibule::directory {
namespace {

/// About what the event takes: the trace is by far the most of it.
std::size_t sizeOf(const store::AuditEvent& event) {
  return sizeof(event) + event.trace.size() + event.subject.value().size();
}

}  // namespace

void RecentEvents::keep(store::AuditEvent event) {
  // Freed outside the lock.
  std::vector<store::AuditEvent> dropped;
  const std::lock_guard lock(mutex_);
  bytes_ += sizeOf(event);
  events_.push_back(std::move(event));
  by_request_.emplace(events_.back().correlation_id, first_ + events_.size() - 1);
  while (events_.size() > most_events_ || bytes_ > most_bytes_) dropOldest(dropped);
}

void RecentEvents::dropOldest(std::vector<store::AuditEvent>& dropped) {
  auto& oldest = events_.front();
  by_request_.erase({oldest.correlation_id, first_});
  bytes_ -= sizeOf(oldest);
  dropped.push_back(std::move(oldest));
  events_.pop_front();
  ++first_;
}

std::vector<store::AuditEvent> RecentEvents::find(std::string_view correlation_id,
                                                  std::size_t count) const {
  std::vector<store::AuditEvent> found;
  const std::lock_guard lock(mutex_);
  auto at = by_request_.upper_bound({correlation_id, std::numeric_limits<std::uint64_t>::max()});
  while (at != by_request_.begin() && found.size() < count) {
    --at;
    if (at->first != correlation_id) break;
    found.push_back(events_[static_cast<std::size_t>(at->second - first_)]);
  }
  return found;
}

}  // namespace vestibule::directory
