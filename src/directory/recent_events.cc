#include "directory/recent_events.h"

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
  bytes_ -= sizeOf(oldest);
  dropped.push_back(std::move(oldest));
  events_.pop_front();
}

std::vector<store::AuditEvent> RecentEvents::find(std::string_view correlation_id,
                                                  std::size_t count) const {
  std::vector<store::AuditEvent> found;
  const std::lock_guard lock(mutex_);
  for (auto at = events_.rbegin(); at != events_.rend() && found.size() < count; ++at) {
    if (at->correlation_id == correlation_id) found.push_back(*at);
  }
  return found;
}

}  // namespace vestibule::directory
