#pragma once
// Requests that wait for the end of a queued provision, without a thread each.

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "directory/context.h"
#include "http/parked.h"
#include "store/operation_store.h"

namespace vestibule::http {

/// One thread asks the database for all operations that somebody waits for: they may be run by any
/// server. Thread-safe.
class OperationWaits {
 public:
  using Clock = std::chrono::steady_clock;

  /// `context` must outlive it. Throws std::system_error when the system has no thread left.
  explicit OperationWaits(const directory::Context& context,
                          std::chrono::milliseconds poll = std::chrono::milliseconds(200));
  /// Stops.
  ~OperationWaits();
  OperationWaits(const OperationWaits&) = delete;
  OperationWaits& operator=(const OperationWaits&) = delete;

  /// Keeps the request until the operation is done or dead, or until `deadline`. Lets it go at once
  /// when stopped, or when too many wait.
  void add(const store::OperationId& operation, Clock::time_point deadline,
           std::unique_ptr<Parked> parked);

  /// Looks now: operations have been run here.
  void look();

  /// Lets everybody go, from now on at once. May be called twice.
  void stop();

 private:
  struct Waiting {
    store::OperationId operation;
    Clock::time_point deadline;
    std::unique_ptr<Parked> parked;
  };

  void watch();
  [[nodiscard]] std::vector<Waiting> takeEnded(const std::vector<store::OperationId>& ended);

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
