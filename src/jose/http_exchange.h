#pragma once
// One request to a server of somebody else, by libcurl: keys are read so, and events delivered.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace vestibule::jose {

/// What is asked.
struct HttpRequest {
  std::string url;
  std::vector<std::string> fields;    ///< of the header, `Name: value` each
  const std::string* body = nullptr;  ///< of a POST; null: a GET. Must outlive the exchange
};

/// How it is asked.
struct HttpRules {
  /// PEM file of the authorities that may vouch for the server, and no others; empty: those that
  /// the system trusts.
  std::string ca_file;
  bool allow_http = false;  ///< plain http as well as https
  std::chrono::milliseconds connect_limit{2'000};
  std::chrono::milliseconds total_limit{5'000};
  std::size_t most_bytes = std::size_t{64} * 1024;  ///< of the answer's body
};

/// What came back.
struct HttpAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;  ///< of the last header, in order
  std::string body;
};

/// A client that keeps its connection from one exchange to the next. For one thread at a time.
class HttpClient {
 public:
  HttpClient();
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Sends the request over TLS 1.2 or newer, with the certificate checked against its host, and
  /// takes any status. Redirects are not followed. `traceparent` names the trace of the LogScope,
  /// if there is one. Proxies are those of the environment (`https_proxy`, `no_proxy`). Ends within
  /// the limits, and within about a second once `stop` is set. Error kUnavailable with a reason in
  /// `internal`, which names no address; nothing is known then of what the server has done.
  [[nodiscard]] Result<HttpAnswer> exchange(const HttpRequest& request, const HttpRules& rules,
                                            const std::atomic<bool>& stop);

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace vestibule::jose
