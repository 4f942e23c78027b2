#include "http/event_waits.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "base/log.h"

namespace vestibule::http {
namespace {

/// Requests that may wait at once.
constexpr std::size_t kMostWaiting = 1'000;

}  // namespace

EventWaits::EventWaits(const directory::Context& context, std::chrono::milliseconds poll)
    : context_(context), poll_(poll), thread_([this] { watch(); }) {}

EventWaits::~EventWaits() { stop(); }

void EventWaits::add(store::EventStreamNumber stream, Clock::time_point deadline,
                     std::unique_ptr<Parked> parked) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_.size() >= kMostWaiting) return;
    waiting_.push_back({stream, deadline, std::move(parked)});
  }
  changed_.notify_one();
}

void EventWaits::look() {
  {
    const std::lock_guard lock(mutex_);
    look_ = true;
  }
  changed_.notify_one();
}

void EventWaits::stop() {
  std::vector<Waiting> freed;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    freed.swap(waiting_);
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void EventWaits::watch() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (waiting_.empty()) {
      changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    } else {
      changed_.wait_for(lock, poll_, [this] { return stopping_ || look_; });
    }
    look_ = false;
    std::set<store::EventStreamNumber> asked;
    for (const auto& one : waiting_) asked.insert(one.stream);
    lock.unlock();
    auto& database = *context_.database;
    auto ready = database.read([&](store::Session& session) {
      return store::streamsWithWaiting(session, database.controlSchema(),
                                       {asked.begin(), asked.end()});
    });
    if (!ready) {
      logEvent(events::kEventWaitsUnread, {{"reason", ready.error().internal}});
      ready = std::vector<store::EventStreamNumber>();
    }
    lock.lock();
    auto freed = takeReady(*ready);
    lock.unlock();
    freed.clear();
    lock.lock();
  }
}

/// Those who wait no longer: to be let go without the mutex.
std::vector<EventWaits::Waiting> EventWaits::takeReady(
    const std::vector<store::EventStreamNumber>& ready) {
  const auto now = Clock::now();
  const auto waits_on = [&](const Waiting& one) {
    return now < one.deadline && std::find(ready.begin(), ready.end(), one.stream) == ready.end();
  };
  const auto first_free = std::stable_partition(waiting_.begin(), waiting_.end(), waits_on);
  std::vector<Waiting> freed(std::make_move_iterator(first_free),
                             std::make_move_iterator(waiting_.end()));
  waiting_.erase(first_free, waiting_.end());
  return freed;
}

}  // namespace vestibule::http
