#pragma once
// What a server counts and times.

#include "base/metrics.h"
#include "directory/retention.h"
#include "feed/event_metrics.h"
#include "http/request_report.h"
#include "http/tolerance_report.h"
#include "store/database_metrics.h"

namespace vestibule::app {

/// The parts that count, and beside them what the process is and takes. Outlives all that counts;
/// whoever runs a server adds what can be looked up in it before the first request.
struct ServeMetrics {
  /// `log_requests`: each request has a line in the log.
  explicit ServeMetrics(bool log_requests);

  Metrics all;
  http::RequestReport requests;
  http::ToleranceReport tolerances{all};
  store::DatabaseMetrics database{all};
  directory::RetentionMetrics retention{all};
  feed::EventMetrics events{all};
};

}  // namespace vestibule::app
