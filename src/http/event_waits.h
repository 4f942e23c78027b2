#pragma once
// Receivers that poll and wait for the next event of their stream, without a thread each.

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "directory/context.h"
#include "http/parked.h"
#include "store/delivery_store.h"

namespace vestibule::http {

/// One thread asks the database for all streams that somebody waits for: any server may fan out.
/// Thread-safe.
class EventWaits {
 public:
  using Clock = std::chrono::steady_clock;

  /// `context` must outlive it. Throws std::system_error when the system has no thread left.
  explicit EventWaits(const directory::Context& context,
                      std::chrono::milliseconds poll = std::chrono::milliseconds(250));
  /// Stops.
  ~EventWaits();
  EventWaits(const EventWaits&) = delete;
  EventWaits& operator=(const EventWaits&) = delete;

  /// Keeps the request until the stream has something waiting, or until `deadline`. Lets it go at
  /// once when stopped, or when too many wait.
  void add(store::EventStreamNumber stream, Clock::time_point deadline,
           std::unique_ptr<Parked> parked);

  /// Looks now: changes were fanned out here.
  void look();

  /// Lets everybody go, from now on at once. May be called twice.
  void stop();

 private:
  struct Waiting {
    store::EventStreamNumber stream = 0;
    Clock::time_point deadline;
    std::unique_ptr<Parked> parked;
  };

  void watch();
  [[nodiscard]] std::vector<Waiting> takeReady(const std::vector<store::EventStreamNumber>& ready);

  const directory::Context& context_;
  const std::chrono::milliseconds poll_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Waiting> waiting_;
  bool look_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vestibule::http
