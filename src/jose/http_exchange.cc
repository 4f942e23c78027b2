#include "jose/http_exchange.h"

#include <curl/curl.h>

#include "base/blanks.h"
#include "base/log.h"

namespace vestibule::jose {
namespace {

struct Free {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

tl::unexpected<Error> unavailable(std::string reason) {
  return tl::make_unexpected(
      Error{ErrorKind::kUnavailable, "the server cannot be asked", std::move(reason), {}, {}});
}

/// What the callbacks of one transfer share.
struct Transfer {
  const std::atomic<bool>& stop;
  const std::size_t most_bytes = 0;
  HttpAnswer answer;
  bool too_large = false;

  void takeField(std::string_view line) {
    // An interim answer (RFC 9110 §15.2) has a header of its own.
    if (line.starts_with("HTTP/")) return answer.fields.clear();
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    answer.fields.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
};

// The forms of the callbacks are libcurl's.
std::size_t takeBody(char* data, std::size_t, std::size_t size, void* pointer) {
  auto& transfer = *static_cast<Transfer*>(pointer);
  if (transfer.answer.body.size() + size > transfer.most_bytes) {
    transfer.too_large = true;
    return 0;
  }
  transfer.answer.body.append(data, size);
  return size;
}

std::size_t takeHeader(char* data, std::size_t, std::size_t size, void* pointer) {
  static_cast<Transfer*>(pointer)->takeField({data, size});
  return size;
}

int askWhetherToStop(void* pointer, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(pointer)->stop ? 1 : 0;
}

void setUp(CURL* curl, const HttpRequest& request, const HttpRules& rules, Transfer& transfer,
           curl_slist* fields) {
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, rules.allow_http ? "http,https" : "https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  if (!rules.ca_file.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, rules.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
  }
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(rules.connect_limit.count()));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(rules.total_limit.count()));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "vestibule");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, takeBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, takeHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, askWhetherToStop);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  if (request.body == nullptr) return;
  curl_easy_setopt(curl, CURLOPT_POST, 1L);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body->data());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(request.body->size()));
}

/// The header's own fields and that of the trace; null where there is no room.
std::unique_ptr<curl_slist, Free> fieldsOf(const HttpRequest& request) {
  std::vector<std::string> all = request.fields;
  if (const auto trace = LogScope::currentTrace(); !trace.trace_id.empty()) {
    all.push_back("traceparent: " + childOf(trace));
  }
  // No answer of ours waits for a 100 (Continue).
  all.emplace_back("Expect:");
  std::unique_ptr<curl_slist, Free> list;
  for (const auto& field : all) {
    curl_slist* const longer = curl_slist_append(list.get(), field.c_str());
    if (longer == nullptr) return nullptr;
    (void)list.release();
    list.reset(longer);
  }
  return list;
}

}  // namespace

struct HttpClient::Handle {
  std::unique_ptr<CURL, Free> curl;
};

HttpClient::HttpClient() : handle_(std::make_unique<Handle>()) {
  static const CURLcode kStarted = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (kStarted == CURLE_OK) handle_->curl.reset(curl_easy_init());
}

HttpClient::~HttpClient() = default;

Result<HttpAnswer> HttpClient::exchange(const HttpRequest& request, const HttpRules& rules,
                                        const std::atomic<bool>& stop) {
  CURL* const curl = handle_->curl.get();
  const auto fields = fieldsOf(request);
  if (curl == nullptr || fields == nullptr) return unavailable("libcurl cannot be used");
  Transfer transfer{stop, rules.most_bytes, {}, false};
  // The options go, the connections stay.
  curl_easy_reset(curl);
  setUp(curl, request, rules, transfer, fields.get());
  const CURLcode done = curl_easy_perform(curl);
  if (transfer.too_large) {
    return unavailable("the answer has more than " + std::to_string(rules.most_bytes) + " bytes");
  }
  if (done != CURLE_OK) return unavailable(curl_easy_strerror(done));
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  transfer.answer.status = static_cast<int>(status);
  return std::move(transfer.answer);
}

}  // namespace vestibule::jose
