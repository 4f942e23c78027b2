#pragma once
// A request whose answer waits for something, and holds no thread meanwhile.

#include <memory>

#include "http/work_queue.h"

namespace vestibule::http {

/// Goes on to its handler, on a worker thread, when this object goes. Belongs to one thread at a
/// time.
class Parked {
 public:
  /// `job` runs the handler. `queue` must outlive this.
  Parked(std::unique_ptr<Job> job, WorkQueue& queue) : job_(std::move(job)), queue_(queue) {}
  ~Parked();
  Parked(const Parked&) = delete;
  Parked& operator=(const Parked&) = delete;

 private:
  std::unique_ptr<Job> job_;
  WorkQueue& queue_;
};

}  // namespace vestibule::http
