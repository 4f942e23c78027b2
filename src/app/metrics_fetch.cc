#include "app/metrics_fetch.h"

#include <atomic>

#include "app/operator_error.h"
#include "jose/authorization.h"
#include "jose/http_exchange.h"

namespace vestibule::app {
namespace {

/// More than all labels together can make.
constexpr std::size_t kMostBytes = std::size_t{64} << 20U;
constexpr int kOk = 200;

}  // namespace

Result<std::string> fetchMetrics(const MetricsEndpoint& endpoint) {
  const Secret authorization = jose::bearerAuthorization(endpoint.token.exposeSecret());
  jose::HttpRequest request;
  request.url = endpoint.url;
  request.fields.emplace_back("User-Agent: vestibule top");
  request.authorization = &authorization;
  jose::HttpRules rules;
  rules.ca_file = endpoint.ca_file;
  rules.certificate = endpoint.certificate;
  rules.key = endpoint.key;
  rules.allow_http = true;
  rules.use_proxy = false;
  rules.connect_limit = endpoint.limit;
  rules.total_limit = endpoint.limit;
  rules.most_bytes = kMostBytes;
  // Whoever waits for it ends it together with the process.
  const std::atomic<bool> stop{false};
  jose::HttpClient client;
  auto answer = client.exchange(request, rules, stop);
  if (!answer) {
    return operatorFailure(ErrorKind::kUnavailable,
                           endpoint.url + " does not answer: " + answer.error().internal);
  }
  if (answer->status != kOk) {
    return operatorFailure(ErrorKind::kRefused, endpoint.url + " answers with the status " +
                                                    std::to_string(answer->status) +
                                                    ": it takes a token of the scope admin");
  }
  return std::move(answer->body);
}

}  // namespace vestibule::app
