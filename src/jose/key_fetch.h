#pragma once
// One reading of a JWK Set from where it is.

#include <atomic>
#include <chrono>
#include <optional>
#include <string>

#include "base/result.h"
#include "jose/key_location.h"

namespace vestibule::jose {

/// What was read.
struct FetchedKeys {
  std::string text;
  /// How long its server wants it kept (Cache-Control, less Age: RFC 9111 §4.2); nothing when it
  /// does not say.
  std::optional<std::chrono::seconds> lifetime;
};

/// How a URL is read.
struct FetchOptions {
  /// PEM file of the authorities that may vouch for the server, and no others; empty: those that
  /// the system trusts.
  std::string ca_file;
  std::chrono::milliseconds connect_limit{2'000};
  std::chrono::milliseconds total_limit{5'000};
};

/// Reads the set. A URL is read by GET over TLS 1.2 or newer, with the certificate checked against
/// its host; redirects are not followed, no answer but 200 counts, and no more than kMaxKeySetBytes
/// are taken. The header `traceparent` names the trace of the LogScope, if there is one. Proxies
/// are those of the environment (`https_proxy`, `no_proxy`). A file has to be a regular one of no
/// more than these bytes. Ends within the limits, and within about a second once `stop` is set.
/// Error kUnavailable with a reason in `internal`. Thread-safe.
[[nodiscard]] Result<FetchedKeys> fetchKeys(const KeyLocation& location,
                                            const FetchOptions& options,
                                            const std::atomic<bool>& stop);

/// The lifetime that a Cache-Control field asks for (RFC 9111 §5.2.2): `max-age`, or zero for
/// `no-store` and `no-cache`; nothing when it says none.
[[nodiscard]] std::optional<std::chrono::seconds> lifetimeOf(std::string_view cache_control);

}  // namespace vestibule::jose
