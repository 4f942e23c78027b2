#include "http/work_queue.h"

#include <pthread.h>

#include <exception>
#include <typeinfo>

#include "base/log.h"

namespace vestibule::http {
namespace {

/// False when the function threw.
template <typename Function>
bool attempt(Function function) noexcept {
  try {
    function();
    return true;
  } catch (const std::exception& exception) {
    // Not what(): the text of some exceptions holds the values a statement was run with.
    logEvent(events::kJobThrew, {{"exception", typeid(exception).name()}});
  } catch (...) {
    logEvent(events::kJobThrew, {{"exception", "something that is no exception"}});
  }
  return false;
}

}  // namespace

WorkQueue::WorkQueue(const WorkQueueOptions& options) : options_(options) {
  workers_.reserve(options_.workers);
  try {
    for (std::size_t i = 0; i < options_.workers; ++i) {
      workers_.emplace_back([this] { work(); });
      pthread_setname_np(workers_.back().native_handle(), "http-worker");
    }
  } catch (...) {
    stop();  // no destructor runs, and a thread that is not joined ends the process
    throw;
  }
}

WorkQueue::~WorkQueue() { stop(); }

bool WorkQueue::offer(std::unique_ptr<Job>& job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_.size() >= options_.capacity) {
      ++counts_.refused;
      return false;
    }
    waiting_.push_back({std::move(job), Clock::now()});
    ++counts_.accepted;
  }
  ready_.notify_one();
  return true;
}

bool WorkQueue::resume(std::unique_ptr<Job>& job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    waiting_.push_front({std::move(job), Clock::time_point::max()});
  }
  ready_.notify_one();
  return true;
}

void WorkQueue::stop() {
  std::deque<Waiting> dropped;
  std::vector<std::thread> workers;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(waiting_);
    workers.swap(workers_);
  }
  ready_.notify_all();
  for (auto& entry : dropped) settle(*entry.job, true);
  for (auto& worker : workers) worker.join();
}

WorkQueueCounts WorkQueue::counts() const {
  const std::lock_guard lock(mutex_);
  auto counts = counts_;
  counts.capacity = options_.capacity;
  counts.workers = options_.workers;
  counts.waiting = waiting_.size();
  return counts;
}

void WorkQueue::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ready_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    Waiting entry = std::move(waiting_.front());
    waiting_.pop_front();
    const auto now = Clock::now();
    const bool expired = now > entry.since && now - entry.since > options_.max_age;
    if (expired) ++counts_.expired;
    ++counts_.running;
    lock.unlock();
    const bool well = settle(*entry.job, expired);
    entry.job.reset();
    lock.lock();
    --counts_.running;
    if (!well) ++counts_.failed;
  }
}

bool WorkQueue::settle(Job& job, bool expired) noexcept {
  if (!expired && attempt([&] { job.run(); })) return true;
  return attempt([&] { job.drop(); }) && expired;
}

}  // namespace vestibule::http
