#include "directory/recent_events.h"

#include <limits>

#include "base/crypto.h"

namespace vestibule::directory {
namespace {

constexpr std::chrono::minutes kRepetition{1};
constexpr std::size_t kRefusals = 10'000;

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

bool RecentEvents::repeats(const store::AuditEvent& refusal,
                           std::chrono::steady_clock::time_point now) {
  std::string text;
  for (const std::string& part :
       {refusal.actor_id, refusal.identity_provider, refusal.subject.value(), refusal.code}) {
    text += std::to_string(part.size()) + ':' + part;
  }
  const std::string key = sha256(text);
  const std::lock_guard lock(mutex_);
  const auto known = refused_.find(key);
  if (known != refused_.end() && now - known->second < kRepetition) return true;
  if (known == refused_.end() && refused_.size() >= kRefusals) {
    std::erase_if(refused_, [&](const auto& one) { return now - one.second >= kRepetition; });
    // Whoever is refused this often with ever other subjects has each of them stored.
    if (refused_.size() >= kRefusals) return false;
  }
  refused_[key] = now;
  return false;
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
