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
      : authorization_(std::move(options.authorization)),
        token_(std::move(options.token)),
        stop_(stop) {
    rules_.ca_file = std::move(options.ca_file);
    // Whether it may be http was settled when the target was stored.
    rules_.allow_http = true;
    rules_.connect_limit = std::chrono::seconds(5);
    rules_.total_limit = options.total_limit;
    rules_.most_bytes = kMaxAnswerBytes;
  }

  RemoteAnswer send(const RemoteRequest& request) {
    if (token_ == nullptr) {
      return sendAs(request, authorization_.empty() ? nullptr : &authorization_);
    }
    auto held = token_->at(AccessToken::Clock::now(), rules_, stop_);
    if (!held) return noAnswer(std::move(held.error()));
    auto answer = sendAs(request, held->authorization);
    if (answer.status != kUnauthorized || held->is_new) return answer;
    // It may have been withdrawn before its end.
    token_->forget();
    held = token_->at(AccessToken::Clock::now(), rules_, stop_);
    if (!held) return noAnswer(std::move(held.error()));
    return sendAs(request, held->authorization);
  }

 private:
  static constexpr int kUnauthorized = 401;

  static RemoteAnswer noAnswer(Error error) {
    RemoteAnswer made;
    made.fault = std::move(error.internal);
    if (error.retry_after) made.retry_after = std::chrono::seconds(*error.retry_after);
    return made;
  }

  RemoteAnswer sendAs(const RemoteRequest& request, const Secret* authorization) {
    jose::HttpRequest asked;
    asked.method = request.method;
    asked.url = request.url;
    asked.fields.emplace_back("Accept: application/scim+json, application/json");
    if (!request.body.empty()) {
      asked.fields.emplace_back("Content-Type: application/scim+json");
      asked.body = &request.body;
    }
    asked.authorization = authorization;
    auto answer = client_.exchange(asked, rules_, stop_);
    if (!answer) return noAnswer(std::move(answer.error()));
    RemoteAnswer made;
    made.status = answer->status;
    made.retry_after = jose::retryAfter(*answer);
    made.body = std::move(answer->body);
    return made;
  }

  Secret authorization_;
  std::unique_ptr<AccessToken> token_;
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
