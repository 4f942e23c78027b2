#include "outbound/http_transport.h"

#include <memory>
#include <utility>

#include "jose/http_exchange.h"

namespace vestibule::outbound {
namespace {

/// One target's connection and how it is used.
class Connection {
 public:
  Connection(HttpTransportOptions options, const std::atomic<bool>& stop)
      : authorization_(std::move(options.authorization)), stop_(stop) {
    rules_.ca_file = std::move(options.ca_file);
    // Whether it may be http was settled when the target was stored.
    rules_.allow_http = true;
    rules_.connect_limit = std::chrono::seconds(5);
    rules_.total_limit = options.total_limit;
    rules_.most_bytes = kMaxAnswerBytes;
  }

  RemoteAnswer send(const RemoteRequest& request) {
    jose::HttpRequest asked;
    asked.method = request.method;
    asked.url = request.url;
    asked.fields.emplace_back("Accept: application/scim+json, application/json");
    if (!request.body.empty()) {
      asked.fields.emplace_back("Content-Type: application/scim+json");
      asked.body = &request.body;
    }
    if (!authorization_.empty()) asked.authorization = &authorization_;
    auto answer = client_.exchange(asked, rules_, stop_);
    RemoteAnswer made;
    if (!answer) {
      made.fault = std::move(answer.error().internal);
      return made;
    }
    made.status = answer->status;
    made.retry_after = jose::retryAfter(*answer);
    made.body = std::move(answer->body);
    return made;
  }

 private:
  Secret authorization_;
  jose::HttpRules rules_;
  const std::atomic<bool>& stop_;
  jose::HttpClient client_;
};

}  // namespace

Transport httpTransport(HttpTransportOptions options, const std::atomic<bool>& stop) {
  auto connection = std::make_shared<Connection>(std::move(options), stop);
  return [connection](const RemoteRequest& request) { return connection->send(request); };
}

}  // namespace vestibule::outbound
