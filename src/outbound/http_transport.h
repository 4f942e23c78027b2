#pragma once
// The transport of a target that is a real one: by HTTP.

#include <atomic>
#include <chrono>
#include <string>

#include "base/secret.h"
#include "outbound/remote.h"

namespace vestibule::outbound {

/// How the other system is reached.
struct HttpTransportOptions {
  /// PEM file of the authorities that may vouch for it, and no others; empty: those that the system
  /// trusts.
  std::string ca_file;
  Secret authorization;  ///< the value of `Authorization`; empty: none is sent
  std::chrono::milliseconds total_limit{10'000};
};

/// Sends requests of SCIM one after the other by jose::HttpClient, with what that promises, and
/// keeps the connection between them. No more than kMaxAnswerBytes are taken. `stop` must outlive
/// it: a request ends within about a second once it is set. What went wrong is in the answer's
/// `fault`, without the secret.
[[nodiscard]] Transport httpTransport(HttpTransportOptions options, const std::atomic<bool>& stop);

}  // namespace vestibule::outbound
