#pragma once
// Is the process up, can it work, and how is it doing.

#include <functional>
#include <optional>
#include <vector>

#include "base/metrics.h"
#include "directory/context.h"
#include "http/router.h"
#include "http/server.h"
#include "http/work_queue.h"
#include "store/migration_files.h"
#include "store/operation_store.h"

namespace vestibule::http {

/// Adds `/healthz` (200 while the process answers) and `/readyz` (200 when the database answers and
/// all migrations are applied, else 503 and Retry-After; half a second late at most, see
/// Readiness). No token is needed; neither tells anything but that. Both arguments must outlive the
/// router.
void addHealthRoutes(Router& router, const directory::Context& context,
                     const store::MigrationSet& migrations);

/// Where the numbers of `/metrics` come from. Called on worker threads.
struct MetricSources {
  std::function<ServerCounts()> public_server;
  std::function<ServerCounts()> internal_server;
  std::function<WorkQueueCounts()> public_queue;
  std::function<WorkQueueCounts()> internal_queue;
  /// The queue of provisions of the whole database; nothing: it cannot be told.
  std::function<std::optional<std::vector<store::OperationCount>>()> operations;
  const Metrics* counters = nullptr;  ///< what is counted by name; outlives the router
};

/// Adds `/metrics` in the Prometheus text format; needs scope `admin`.
void addMetricsRoute(Router& router, const directory::Context& context, MetricSources sources);

}  // namespace vestibule::http
