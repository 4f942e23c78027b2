#pragma once
// HTTP to one other system, by libcurl.

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "base/secret.h"
#include "outbound/remote.h"

namespace vestibule::outbound {

/// How the other system is reached.
struct HttpClientOptions {
  /// PEM file of the authorities that may vouch for it, and no others; empty: those that the system
  /// trusts.
  std::string ca_file;
  /// With a user: RFC 7617; else RFC 6750. An empty secret sends no Authorization.
  std::string user_name;
  Secret secret;
  std::chrono::milliseconds connect_limit{5'000};
  std::chrono::milliseconds total_limit{10'000};
};

/// Sends requests one after the other and keeps the connection between them. TLS is 1.2 or newer,
/// with the certificate checked against the host; redirects are not followed; no more than
/// kMaxAnswerBytes are taken. The header `traceparent` names the trace of the LogScope, if there is
/// one. Proxies are those of the environment. Not thread-safe.
class HttpClient {
 public:
  /// `stop` must outlive it: a request ends within about a second once it is set.
  HttpClient(HttpClientOptions options, const std::atomic<bool>& stop);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Sends the request and waits for the answer, within the limits. Never fails: what went wrong is
  /// in the answer, without the secret.
  [[nodiscard]] RemoteAnswer send(const RemoteRequest& request);

 private:
  struct Handle;
  HttpClientOptions options_;
  const std::atomic<bool>& stop_;
  std::unique_ptr<Handle> handle_;
};

}  // namespace vestibule::outbound
