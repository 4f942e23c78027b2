#pragma once
// The threads of a server that provision other systems: one for each enabled target, and one that
// follows the settings.

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "directory/context.h"
#include "outbound/target_worker.h"
#include "store/outbound_store.h"

namespace vestibule::outbound {

/// Provisions the enabled targets of the catalog. Thread-safe.
class Workers {
 public:
  /// Starts. `context` must outlive it. Throws std::system_error when the system has no thread
  /// left.
  Workers(const directory::Context& context, const WorkerOptions& options);
  /// Stops.
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Says that something was marked: every target looks at once.
  void wake();

  /// The marks of all targets by state, as of some seconds ago. Nothing while they cannot be
  /// counted.
  [[nodiscard]] std::optional<std::vector<store::OutboundCount>> counts();

  /// Ends what runs, gives the rest back, and returns. May be called twice.
  void stop();

 private:
  void follow();
  void adjust();
  void count();
  void forget();
  void start(const store::OutboundTargetRow& row);

  const directory::Context& context_;
  const WorkerOptions options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::map<store::OutboundTargetNumber, std::unique_ptr<TargetWorker>> workers_;
  std::optional<std::vector<store::OutboundCount>> counts_;
  /// Versions of targets that cannot be started, so that each is said once. Of the thread alone.
  std::map<store::OutboundTargetNumber, Version> unusable_;
  /// The same of those that no thread could be had for, which are tried again.
  std::map<store::OutboundTargetNumber, Version> threadless_;
  std::thread thread_;
};

}  // namespace vestibule::outbound
