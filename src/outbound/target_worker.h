#pragma once
// The thread of a server that brings one target up to date. Every server has one for each enabled
// target, so that a target which is slow or away holds up no other.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/metrics.h"
#include "directory/context.h"
#include "outbound/delivery.h"
#include "outbound/local_resource.h"
#include "outbound/scim_client.h"
#include "store/outbound_store.h"

namespace vestibule::outbound {

/// How the threads work.
struct WorkerOptions {
  /// How often the marks are looked at without a call of `wake`: for what other servers mark.
  std::chrono::milliseconds poll{500};
  /// Counts resources by what came of them (outcomeLabel); null: nothing does.
  Counter* outcomes = nullptr;
  /// Called when a resource was looked at, on a thread of its own; must not throw. May be null.
  std::function<void()> looked;
};

/// The label of WorkerOptions::outcomes: sent, unchanged, postponed, failed.
[[nodiscard]] Label outcomeLabel();

/// Brings one target up to date, from its beginning to its end. Thread-safe.
class TargetWorker {
 public:
  /// Starts the thread. `context` must outlive it. `transport` takes the place of HTTP; null: HTTP.
  /// Throws std::system_error when the system has no thread left.
  TargetWorker(const directory::Context& context, BoundTarget bound, const WorkerOptions& options,
               Transport transport = nullptr);
  /// Ends what runs within about a second, and gives the rest back.
  ~TargetWorker();
  TargetWorker(const TargetWorker&) = delete;
  TargetWorker& operator=(const TargetWorker&) = delete;

  /// Says that something was marked: it is begun at once, unless the target rests.
  void wake();
  /// Says that it is to end, and does not wait for it.
  void askToStop();

  [[nodiscard]] const BoundTarget& bound() const { return bound_; }

 private:
  using Clock = std::chrono::steady_clock;

  void work();
  [[nodiscard]] bool runSome(ScimClient& remote);
  void look(ScimClient& remote, const store::OutboundClaim& claim, const store::Lease& lease);
  [[nodiscard]] Delivery markEverything(const store::OutboundTurn& turn);
  [[nodiscard]] Result<bool> markInPieces(const store::GoOn& go_on);
  [[nodiscard]] Delivery lookAtUser(ScimClient& remote, const store::OutboundClaim& claim,
                                    std::vector<ResourceId>& mark);
  [[nodiscard]] Delivery lookAtGroup(ScimClient& remote, const store::OutboundClaim& claim);
  [[nodiscard]] Delivery tellMembers(ScimClient& remote, const directory::Domain& domain,
                                     const ResourceId& group, const std::string& remote_id);
  /// A catalog that knows the domain, if there is one.
  [[nodiscard]] Result<std::shared_ptr<const directory::Catalog>> catalogWith(DomainNumber domain);
  [[nodiscard]] Reserve reserveFor(const ResourceId& resource) const;
  void settle(const store::OutboundClaim& claim, const store::OutboundTurn& turn,
              const Delivery& delivery, std::vector<ResourceId> mark);
  void rest(const Delivery& delivery, std::chrono::milliseconds pause);
  void noteOutage(const Error* error);
  /// The transport by HTTP.
  [[nodiscard]] Transport connect() const;

  const directory::Context& context_;
  const BoundTarget bound_;
  const WorkerOptions options_;
  /// How long a resource belongs to the thread that claimed it: longer than all requests for it can
  /// take. A server that dies leaves its resources alone for as long.
  const std::chrono::seconds lease_;
  Transport transport_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  // Of the thread alone.
  Clock::time_point claimed_{};  ///< when the claim was made that is being worked on
  Clock::time_point rests_until_{};
  std::uint32_t failures_ = 0;  ///< of the target, in a row
  bool outage_ = false;         ///< of the database
  bool catalog_read_ = false;   ///< since the last claim
  std::thread thread_;
};

}  // namespace vestibule::outbound
