#include "app/metrics_fetch.h"

#include <curl/curl.h>

#include <cstring>
#include <memory>

#include "app/operator_error.h"

namespace vestibule::app {
namespace {

/// More than all labels together can make.
constexpr std::size_t kMostBytes = std::size_t{64} << 20U;

struct Free {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  /// The fields hold the token.
  void operator()(curl_slist* list) const {
    for (auto* field = list; field != nullptr; field = field->next) {
      explicit_bzero(field->data, std::strlen(field->data));
    }
    curl_slist_free_all(list);
  }
};

/// libcurl's form of a callback.
std::size_t takeBody(char* data, std::size_t size, std::size_t count, void* pointer) {
  auto& body = *static_cast<std::string*>(pointer);
  if (body.size() + size * count > kMostBytes) return 0;
  body.append(data, size * count);
  return size * count;
}

void setUp(CURL* curl, const MetricsEndpoint& endpoint, curl_slist* fields, std::string& body) {
  curl_easy_setopt(curl, CURLOPT_URL, endpoint.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  if (!endpoint.ca_file.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, endpoint.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
  }
  if (!endpoint.certificate.empty()) {
    curl_easy_setopt(curl, CURLOPT_SSLCERT, endpoint.certificate.c_str());
    curl_easy_setopt(curl, CURLOPT_SSLKEY, endpoint.key.c_str());
  }
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(endpoint.limit.count()));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "vestibule top");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, takeBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
}

}  // namespace

Result<std::string> fetchMetrics(const MetricsEndpoint& endpoint) {
  static const CURLcode kStarted = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, Free> curl(kStarted == CURLE_OK ? curl_easy_init() : nullptr);
  std::string field = "Authorization: Bearer " + std::string(endpoint.token.exposeSecret());
  const std::unique_ptr<curl_slist, Free> fields(curl_slist_append(nullptr, field.c_str()));
  explicit_bzero(field.data(), field.size());
  if (curl == nullptr || fields == nullptr) {
    return operatorFailure(ErrorKind::kUnavailable, "libcurl cannot be used");
  }
  std::string body;
  setUp(curl.get(), endpoint, fields.get(), body);
  const CURLcode done = curl_easy_perform(curl.get());
  if (done != CURLE_OK) {
    return operatorFailure(ErrorKind::kUnavailable,
                           endpoint.url + " does not answer: " + curl_easy_strerror(done));
  }
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  constexpr long kOk = 200;
  if (status != kOk) {
    return operatorFailure(ErrorKind::kRefused, endpoint.url + " answers with the status " +
                                                    std::to_string(status) +
                                                    ": it takes a token of the scope admin");
  }
  return body;
}

}  // namespace vestibule::app
