#pragma once
// One reading of the metrics of a running server, over HTTP.

#include <chrono>
#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace vestibule::app {

/// Where the metrics are, and what is shown to get them.
struct MetricsEndpoint {
  std::string url;  ///< with the path
  Secret token;
  std::string ca_file;      ///< PEM, of the authority of the server; empty: those of the system
  std::string certificate;  ///< PEM, where the server wants one of its clients; empty: none
  std::string key;          ///< PEM, of `certificate`
  std::chrono::milliseconds limit{5'000};
};

/// Reads them by GET, within the limit. Redirects are not followed, proxies not used: the token is
/// for this server alone. Errors are for the operator: kUnavailable when there is no answer,
/// kRefused when the server says anything but 200.
[[nodiscard]] Result<std::string> fetchMetrics(const MetricsEndpoint& endpoint);

}  // namespace vestibule::app
