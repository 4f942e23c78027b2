#pragma once
// The threads of a server that bring events to receivers. All servers on one database share the
// work.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "directory/context.h"
#include "feed/event_metrics.h"
#include "feed/event_source.h"
#include "feed/sender.h"
#include "store/delivery_store.h"

namespace vestibule::feed {

struct WorkerOptions {
  unsigned senders = 4;  ///< threads that send; each serves one stream at a time
  /// How old an event gets that no receiver takes.
  std::chrono::hours retention{24 * 7};
  std::chrono::milliseconds poll{250};  ///< how often the tables are looked at
  /// A stream is served by one sender for so long at most; what it sends must end within half.
  std::chrono::seconds lease{30};
  /// Behind the first failure in a row; each further one doubles it.
  std::chrono::milliseconds first_wait{1'000};
  std::chrono::milliseconds most_wait{300'000};
};

/// How long a stream waits behind its `failures`-th failure in a row (from 1), before chance takes
/// up to half of it away.
[[nodiscard]] std::chrono::milliseconds backOff(const WorkerOptions& options,
                                                std::uint32_t failures);

/// What waits for receivers, in all of the database.
struct WaitingEvents {
  std::uint64_t waiting = 0;
  std::uint64_t dead = 0;
};

/// Fans changes out, sends what is due, and removes what is too old. Thread-safe.
class EventWorkers {
 public:
  /// Starts the threads. The references must outlive it. `fanned` is called when deliveries were
  /// made, on a worker thread; must not throw. Throws std::system_error when the system has no
  /// thread left.
  EventWorkers(const directory::Context& context, EventSource& source, const EventMetrics& metrics,
               const WorkerOptions& options, std::function<void()> fanned = nullptr);
  /// Stops.
  ~EventWorkers();
  EventWorkers(const EventWorkers&) = delete;
  EventWorkers& operator=(const EventWorkers&) = delete;

  /// What waits, as of some seconds ago. Nothing while it cannot be counted.
  [[nodiscard]] std::optional<WaitingEvents> counts();

  /// Ends what is being sent, and returns. May be called twice.
  void stop();

 private:
  using Clock = std::chrono::steady_clock;

  /// A stream that is this thread's for some time.
  struct Turn {
    store::Claim claim;
    std::uint32_t failures = 0;  ///< attempts in a row that failed
  };
  /// What becomes of a turn behind an attempt.
  enum class Then : std::uint8_t {
    kNext,       ///< it goes on with the next event
    kGivenBack,  ///< it is over: the stream waits
    kLost,       ///< it is over, and the stream is another's, or will be when the lease ends
  };

  void dispatch();
  void tidy();
  void count();
  void send();
  bool serveOne(Sender& sender);
  bool release(const store::Claim& claim);
  Then deliver(Sender& sender, Turn& turn, const directory::EventStream& stream,
               const store::Delivery& delivery);
  Then settle(Turn& turn, const directory::EventStream& stream, const store::Delivery& delivery,
              const Attempt& attempt);
  Then postpone(const Turn& turn, const directory::EventStream& stream,
                const store::Delivery& delivery, const Attempt& attempt);
  Then ended(const Result<bool>& is_ours);
  /// False once it is to stop.
  bool pause(std::chrono::milliseconds time);
  void noteOutage(const Error* error);

  const directory::Context& context_;
  EventSource& source_;
  const EventMetrics& metrics_;
  const WorkerOptions options_;
  const std::function<void()> fanned_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t made_ = 0;  ///< grows with each fan-out, so that senders look at once
  std::optional<WaitingEvents> counts_;
  bool outage_ = false;
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> threads_;
};

}  // namespace vestibule::feed
