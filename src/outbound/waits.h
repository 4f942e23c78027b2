#pragma once
// Requests that wait until what they changed is with the targets that block.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/resource_id.h"
#include "directory/context.h"
#include "outbound/target.h"

namespace vestibule::outbound {

/// How a change stands with one target when its request is answered.
struct Settled {
  enum class State { kDone, kWaiting, kFailed };
  std::string target;
  State state = State::kDone;
  std::string detail;     ///< of the last attempt that failed, printable; empty otherwise
  bool is_error = false;  ///< it is not done, and the target's settings make that an error
};

/// The word for it: `done`, `waiting`, `failed`.
[[nodiscard]] std::string_view nameOf(Settled::State state);

/// Thread-safe. A request that waits holds a worker: so many at most do at once, others are
/// answered with what is known at once.
class Waits {
 public:
  /// `context` must outlive it.
  explicit Waits(const directory::Context& context, std::size_t most = 8)
      : context_(context), most_(most) {}
  Waits(const Waits&) = delete;
  Waits& operator=(const Waits&) = delete;

  /// What begins the sending; set before anything is settled.
  void wakeBy(std::function<void()> wake) { wake_ = std::move(wake); }

  /// Behind the commit of a change of the resource: begins the sending, and waits for the targets
  /// of its domain that block until each is done or has failed, or its limit has passed. They are
  /// in the answer, by age; none where no target blocks, which costs no query. What is not done is
  /// in the audit, as `outbound.not_sent` with the correlation id. Where the database does not
  /// answer, a target counts as waiting.
  [[nodiscard]] std::vector<Settled> settle(const ResourceId& resource,
                                            const std::string& correlation_id);

  /// Says that a resource was looked at.
  void look();
  /// Lets everybody go, from now on at once.
  void stop();

 private:
  using Clock = std::chrono::steady_clock;
  struct Blocker {
    store::OutboundTargetNumber number = 0;
    Clock::time_point deadline;
    Settled settled;
    bool failure_is_error = false;
  };
  struct Known {
    Version version;
    Blocking blocking;
  };

  [[nodiscard]] std::vector<Blocker> blockersOf(const directory::Catalog& catalog,
                                                const directory::Domain& domain);
  void update(std::vector<Blocker>& blockers, const ResourceId& resource) const;
  void record(const std::vector<Settled>& all, const directory::Domain& domain,
              const ResourceId& resource, const std::string& correlation_id) const;

  const directory::Context& context_;
  const std::size_t most_;
  std::function<void()> wake_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t looks_ = 0;
  std::size_t waiting_ = 0;
  bool stopping_ = false;
  std::map<store::OutboundTargetNumber, Known> known_;
};

}  // namespace vestibule::outbound
