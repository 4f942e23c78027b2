#pragma once
// `vestibule serve`: the running server, from the first log line to the last.

#include <filesystem>

#include "app/config.h"
#include "base/result.h"

namespace vestibule::app {

struct ServeOptions {
  /// Written once both listeners accept requests: `VESTIBULE_SCIM_URL=…`,
  /// `VESTIBULE_INTERNAL_URL=…` and `VESTIBULE_PID=…`, a line each. Empty: none.
  std::filesystem::path ready_file;
};

/// Opens everything, serves until SIGTERM or SIGINT, then drains: accepted requests are finished,
/// new ones refused. SIGHUP has the files of TLS read again. SIGTERM, SIGINT and SIGHUP must be
/// blocked in every thread before the call. Errors are for the operator.
[[nodiscard]] Result<void> serve(const Config& config, const ServeOptions& options);

}  // namespace vestibule::app
