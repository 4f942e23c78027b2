#pragma once
// A bounded queue and the worker threads that empty it. Too much work is refused at once instead of
// made to wait.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace vestibule::http {

/// One piece of work. `run` or `drop` is called once, on a worker thread (`drop` also on the thread
/// that stops the queue).
class Job {
 public:
  virtual ~Job() = default;
  virtual void run() = 0;
  /// Called instead of `run` when the job has waited too long or the queue is being stopped, and
  /// after `run` when that threw.
  virtual void drop() = 0;
};

struct WorkQueueOptions {
  std::size_t workers = 16;
  std::size_t capacity = 1024;  ///< jobs waiting, not counting those that run
  std::chrono::milliseconds max_age{
      5000};  ///< a job that has waited longer is dropped: its client has given up
};

/// What happened so far, for the metrics.
struct WorkQueueCounts {
  std::size_t capacity = 0;    ///< jobs that may wait
  std::size_t workers = 0;     ///< threads
  std::size_t waiting = 0;     ///< now
  std::size_t running = 0;     ///< now
  std::uint64_t accepted = 0;  ///< since the start
  std::uint64_t refused = 0;   ///< since the start: the queue was full
  std::uint64_t expired = 0;   ///< since the start: dropped for their age
  std::uint64_t failed = 0;    ///< since the start: the job threw
};

/// First in, first out. Thread-safe.
class WorkQueue {
 public:
  /// Starts the workers. Throws std::system_error when the system has no thread left.
  explicit WorkQueue(const WorkQueueOptions& options = {});
  /// Stops.
  ~WorkQueue();
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  /// Takes the job over and returns true, or leaves it and returns false when the queue is full or
  /// stopped.
  [[nodiscard]] bool offer(std::unique_ptr<Job>& job);

  /// Takes over a job that goes on with one that was accepted before: ahead of all others, whatever
  /// waits, and never too old. False when the queue is stopped.
  [[nodiscard]] bool resume(std::unique_ptr<Job>& job);

  /// Accepts no more jobs, drops the waiting ones and returns when the running ones have ended. May
  /// be called twice.
  void stop();

  [[nodiscard]] WorkQueueCounts counts() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Waiting {
    std::unique_ptr<Job> job;
    Clock::time_point since;
  };

  void work();
  /// Runs or drops the job; what it throws ends here.
  bool settle(Job& job, bool expired) noexcept;

  const WorkQueueOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Waiting> waiting_;
  WorkQueueCounts counts_;
  bool stopping_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace vestibule::http
