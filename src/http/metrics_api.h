#pragma once
// GET /metrics, and what of it is looked up in the parts of the running server.

#include <functional>
#include <optional>
#include <string>

#include "base/metrics.h"
#include "directory/context.h"
#include "feed/event_workers.h"
#include "http/router.h"
#include "http/server.h"
#include "http/work_queue.h"
#include "jit/identity_providers.h"
#include "jit/queue_workers.h"

namespace vestibule::http {

/// One address as the metrics see it. Called on worker threads.
struct ListenerSource {
  std::string name;  ///< `public` or `internal`
  std::function<ServerCounts()> server;
  std::function<WorkQueueCounts()> queue;
};

/// Adds the metrics of connections, TLS and work queues, each with the label `listener`.
void addListenerReadings(Metrics& metrics, std::vector<ListenerSource> listeners);

/// Adds the metrics of logins: what they came to, and how many wait. `waiting` gives nothing while
/// that cannot be told. Both references are asked as long as anybody asks `metrics`.
void addLoginReadings(Metrics& metrics, const directory::Context& context,
                      const jit::IdentityProviders& providers,
                      std::function<std::optional<jit::WaitingLogins>()> waiting);

/// Adds how many events wait for receivers, and how many are dead. `waiting` gives nothing while
/// that cannot be told.
void addEventReadings(Metrics& metrics,
                      std::function<std::optional<feed::WaitingEvents>()> waiting);

/// Adds `/metrics` in the Prometheus text format; needs scope `admin`. Both arguments must outlive
/// the router.
void addMetricsRoute(Router& router, const directory::Context& context, const Metrics& metrics);

}  // namespace vestibule::http
