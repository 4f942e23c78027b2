#pragma once
// One request to a server of somebody else. This is the one door to libcurl: keys are read through
// it, events delivered, users provisioned and metrics looked at.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace vestibule::jose {

/// What is asked.
struct HttpRequest {
  std::string url;
  std::vector<std::string> fields;    ///< of the header, `Name: value` each
  const std::string* body = nullptr;  ///< null: none. Must outlive the exchange
  std::string_view method = {};       ///< RFC 9110 §9; empty: POST with a body, else GET
  /// The value of `Authorization`, as jose/authorization.h makes it; null: the request has none.
  /// Must outlive the exchange.
  const Secret* authorization = nullptr;
};

/// How it is asked.
struct HttpRules {
  /// PEM file of the authorities that may vouch for the server, and no others; empty: those that
  /// the system trusts.
  std::string ca_file;
  std::string certificate;  ///< PEM file, where the server wants one of its clients; empty: none
  std::string key;          ///< PEM file, of `certificate`
  bool allow_http = false;  ///< plain http as well as https
  bool use_proxy = true;    ///< those of the environment (`https_proxy`, `no_proxy`)
  std::chrono::milliseconds connect_limit{2'000};
  std::chrono::milliseconds total_limit{5'000};
  std::size_t most_bytes = std::size_t{64} * 1024;  ///< of the answer's body; 64 KiB of its header
  /// The status is what counts: once the header is there it is an answer, with as much of its body
  /// as came within the limits.
  bool status_counts = false;
};

/// What came back. Nothing in it can be trusted.
struct HttpAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> fields;  ///< of the last header, in order
  std::string body;
};

/// How long the server asks to be left alone (RFC 9110 §10.2.3). Nothing when it does not say, or
/// says it by a date or by more seconds than a 32-bit number has room for.
[[nodiscard]] std::optional<std::chrono::seconds> retryAfter(const HttpAnswer& answer);

/// A client that keeps its connection from one exchange to the next. For one thread at a time.
class HttpClient {
 public:
  HttpClient();
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Sends the request over TLS 1.2 or newer, with the certificate checked against its host, and
  /// takes any status. Redirects are not followed: a credential is for the host that was named.
  /// `traceparent` names the trace of the LogScope, if there is one. Ends within the limits, and
  /// within about a second once `stop` is set. Error kUnavailable with a reason in `internal`,
  /// which names neither address nor credential; nothing is known then of what the server has done.
  /// A body that is too large, too late or broken off is such an error unless `status_counts`.
  [[nodiscard]] Result<HttpAnswer> exchange(const HttpRequest& request, const HttpRules& rules,
                                            const std::atomic<bool>& stop);

 private:
  struct Handle;
  std::unique_ptr<Handle> handle_;
};

}  // namespace vestibule::jose
