#include "http/operation_waits.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "base/log.h"

namespace vestibule::http {
namespace {

/// Requests that may wait at once: all fit one statement.
constexpr std::size_t kMostWaiting = 1'000;

}  // namespace

OperationWaits::OperationWaits(const directory::Context& context, std::chrono::milliseconds poll)
    : context_(context), poll_(poll), thread_([this] { watch(); }) {}

OperationWaits::~OperationWaits() { stop(); }

void OperationWaits::add(const store::OperationId& operation, Clock::time_point deadline,
                         std::unique_ptr<Parked> parked) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_.size() >= kMostWaiting) return;
    waiting_.push_back({operation, deadline, std::move(parked)});
  }
  changed_.notify_one();
}

void OperationWaits::look() {
  {
    const std::lock_guard lock(mutex_);
    look_ = true;
  }
  changed_.notify_one();
}

void OperationWaits::stop() {
  std::vector<Waiting> freed;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    freed.swap(waiting_);
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void OperationWaits::watch() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (waiting_.empty()) {
      changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    } else {
      changed_.wait_for(lock, poll_, [this] { return stopping_ || look_; });
    }
    look_ = false;
    std::vector<store::OperationId> asked;
    asked.reserve(waiting_.size());
    for (const auto& one : waiting_) asked.push_back(one.operation);
    lock.unlock();
    auto& database = *context_.database;
    auto ended = database.read([&](store::Session& session) {
      return store::endedAmong(session, database.controlSchema(), asked);
    });
    if (!ended) {
      logEvent(events::kWaitsUnread, {{"reason", ended.error().internal}});
      ended = std::vector<store::OperationId>();
    }
    lock.lock();
    auto freed = takeEnded(*ended);
    lock.unlock();
    freed.clear();
    lock.lock();
  }
}

/// Those who wait no longer: to be let go without the mutex.
std::vector<OperationWaits::Waiting> OperationWaits::takeEnded(
    const std::vector<store::OperationId>& ended) {
  const std::set<store::OperationId> over(ended.begin(), ended.end());
  const auto now = Clock::now();
  const auto waits_on = [&](const Waiting& one) {
    return now < one.deadline && !over.contains(one.operation);
  };
  const auto first_free = std::stable_partition(waiting_.begin(), waiting_.end(), waits_on);
  std::vector<Waiting> freed(std::make_move_iterator(first_free),
                             std::make_move_iterator(waiting_.end()));
  waiting_.erase(first_free, waiting_.end());
  return freed;
}

}  // namespace vestibule::http
