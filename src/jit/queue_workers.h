#pragma once
// The threads of a server that run queued operations. All servers on one database share the queue.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "directory/context.h"
#include "jit/identity_providers.h"
#include "jit/operations.h"

namespace vestibule::jit {

struct QueueOptions {
  unsigned workers = 2;
  OperationSettings operations;
  /// How often the queue is looked at without a call of `wake`: for what other servers queue, and
  /// what waits for its next attempt.
  std::chrono::milliseconds poll{500};
};

/// How many logins wait for something, in all of the database.
struct WaitingLogins {
  /// Operations that are not done; a state without any is left out.
  std::vector<store::OperationCount> operations;
  std::uint64_t prompts = 0;  ///< open
};

/// Runs what is queued. Thread-safe.
class QueueWorkers {
 public:
  /// Called when operations were run, whatever came of them; on a worker thread, must not throw.
  using Ran = std::function<void()>;

  /// Starts the threads. Both arguments must outlive it. Throws std::system_error when the system
  /// has no thread left.
  QueueWorkers(const directory::Context& context, const IdentityProviders& providers,
               const QueueOptions& options, Ran ran = nullptr);
  /// Stops.
  ~QueueWorkers();
  QueueWorkers(const QueueWorkers&) = delete;
  QueueWorkers& operator=(const QueueWorkers&) = delete;

  /// Says that something was queued: it is begun at once.
  void wake();

  /// How many logins wait, as of some seconds ago. Nothing while they cannot be counted.
  [[nodiscard]] std::optional<WaitingLogins> counts();

  /// Ends what runs, gives the rest back to the queue, and returns. May be called twice.
  void stop();

 private:
  using Clock = std::chrono::steady_clock;

  void work(bool tidies);
  bool runSome();
  void tidy();
  void count();
  [[nodiscard]] bool stopping();
  void noteOutage(const Error* error);

  const directory::Context& context_;
  const IdentityProviders& providers_;
  const QueueOptions options_;
  const Ran ran_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t calls_ = 0;  ///< of wake, that no worker has followed yet
  bool stopping_ = false;
  unsigned looks_ = 0;  ///< of the worker that tidies up
  std::optional<WaitingLogins> counts_;
  bool outage_ = false;  ///< the queue could not be read the last time
  std::vector<std::thread> threads_;
};

}  // namespace vestibule::jit
