#pragma once
// Requests that wait for something in the database, without a thread each.

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "http/parked.h"

namespace vestibule::http {

/// One thread asks for all keys that somebody waits for: what is waited for may come about by any
/// server. Thread-safe.
template <typename Key>
class ParkedRequests {
 public:
  using Clock = std::chrono::steady_clock;
  /// Which of these have come. Called on the thread of the class; must not throw.
  using Ask = std::function<std::set<Key>(const std::set<Key>&)>;

  /// Throws std::system_error when the system has no thread left.
  explicit ParkedRequests(Ask ask, std::chrono::milliseconds poll = std::chrono::milliseconds(200))
      : ask_(std::move(ask)), poll_(poll), thread_([this] { watch(); }) {}
  /// Stops.
  ~ParkedRequests() { stop(); }
  ParkedRequests(const ParkedRequests&) = delete;
  ParkedRequests& operator=(const ParkedRequests&) = delete;

  /// Keeps the request until its key has come, or until `deadline`. Lets it go at once when
  /// stopped, or when too many wait.
  void add(const Key& key, Clock::time_point deadline, std::unique_ptr<Parked> parked) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_ || waiting_.size() >= kMost) return;
      waiting_.push_back({key, deadline, std::move(parked)});
    }
    changed_.notify_one();
  }

  /// Asks now: something has come about here.
  void look() {
    {
      const std::lock_guard lock(mutex_);
      look_ = true;
    }
    changed_.notify_one();
  }

  /// Lets everybody go, from now on at once. May be called twice.
  void stop() {
    std::vector<Waiting> freed;
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      freed.swap(waiting_);
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

 private:
  /// Requests that may wait at once: their keys fit one statement.
  static constexpr std::size_t kMost = 1'000;

  struct Waiting {
    Key key;
    Clock::time_point deadline;
    std::unique_ptr<Parked> parked;
  };

  void watch() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      if (waiting_.empty()) {
        changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      } else {
        changed_.wait_for(lock, poll_, [this] { return stopping_ || look_; });
      }
      look_ = false;
      std::set<Key> asked;
      for (const auto& one : waiting_) asked.insert(one.key);
      lock.unlock();
      const auto come = asked.empty() ? asked : ask_(asked);
      lock.lock();
      auto freed = takeFree(come);
      lock.unlock();
      freed.clear();
      lock.lock();
    }
  }

  /// Those who wait no longer: to be let go without the mutex.
  std::vector<Waiting> takeFree(const std::set<Key>& come) {
    const auto now = Clock::now();
    const auto waits_on = [&](const Waiting& one) {
      return now < one.deadline && !come.contains(one.key);
    };
    const auto first_free = std::stable_partition(waiting_.begin(), waiting_.end(), waits_on);
    std::vector<Waiting> freed(std::make_move_iterator(first_free),
                               std::make_move_iterator(waiting_.end()));
    waiting_.erase(first_free, waiting_.end());
    return freed;
  }

  const Ask ask_;
  const std::chrono::milliseconds poll_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Waiting> waiting_;
  bool look_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vestibule::http
