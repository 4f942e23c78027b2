#pragma once
// What this process takes of the machine, as the metrics tell it under the names that Prometheus
// has for it.

#include "base/metrics.h"

namespace vestibule {

/// Adds `process_resident_memory_bytes`, `process_virtual_memory_bytes`,
/// `process_cpu_seconds_total`, `process_open_fds`, `process_max_fds`, `process_threads` and
/// `process_start_time_seconds`, read from /proc at each scrape; what cannot be read is left out.
void addProcessUsage(Metrics& metrics);

}  // namespace vestibule
