#include "outbound/http_client.h"

#include <curl/curl.h>

#include <charconv>

#include "base/blanks.h"
#include "base/log.h"
#include "base/unicode.h"

namespace vestibule::outbound {
namespace {

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// What the callbacks of one transfer share.
struct Transfer {
  const std::atomic<bool>& stop;
  RemoteAnswer answer;
  bool too_large = false;

  void takeField(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    if (!equalIgnoringAsciiCase(line.substr(0, colon), "Retry-After")) return;
    const std::string_view digits = trimmed(line.substr(colon + 1));
    std::uint32_t value = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stopped, fault] = std::from_chars(digits.data(), end, value);
    if (!digits.empty() && stopped == end && fault == std::errc()) {
      answer.retry_after = std::chrono::seconds(value);
    }
  }
};

// The forms of the callbacks are libcurl's.
std::size_t takeBody(char* data, std::size_t, std::size_t size, void* pointer) {
  auto& transfer = *static_cast<Transfer*>(pointer);
  if (transfer.answer.body.size() + size > kMaxAnswerBytes) {
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

RemoteAnswer noAnswer(std::string fault) {
  RemoteAnswer answer;
  answer.fault = std::move(fault);
  return answer;
}

}  // namespace

struct HttpClient::Handle {
  explicit Handle(CURL* handle) : curl(handle) {}
  ~Handle() { curl_easy_cleanup(curl); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  CURL* curl;
};

HttpClient::HttpClient(HttpClientOptions options, const std::atomic<bool>& stop)
    : options_(std::move(options)), stop_(stop) {
  static const CURLcode kStarted = curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL* const handle = kStarted == CURLE_OK ? curl_easy_init() : nullptr;
  if (handle != nullptr) handle_ = std::make_unique<Handle>(handle);
}

HttpClient::~HttpClient() = default;

RemoteAnswer HttpClient::send(const RemoteRequest& request) {
  if (handle_ == nullptr) return noAnswer("libcurl cannot be used");
  CURL* const curl = handle_->curl;
  // Keeps connections, and forgets everything else of the request before.
  curl_easy_reset(curl);
  std::unique_ptr<curl_slist, FreeList> fields(
      curl_slist_append(nullptr, "Accept: application/scim+json, application/json"));
  const auto add = [&](const std::string& field) {
    return fields != nullptr && curl_slist_append(fields.get(), field.c_str()) != nullptr;
  };
  bool made = fields != nullptr;
  if (!request.body.empty()) {
    made = made && add("Content-Type: application/scim+json") && add("Expect:");
  }
  if (const auto trace = LogScope::currentTrace(); !trace.trace_id.empty()) {
    made = made && add("traceparent: " + childOf(trace));
  }
  const std::string secret(options_.secret.exposeSecret());
  if (!secret.empty() && options_.user_name.empty()) {
    made = made && add("Authorization: Bearer " + secret);
  }
  if (!made) return noAnswer("libcurl cannot be used");
  if (!options_.user_name.empty()) {
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(curl, CURLOPT_USERNAME, options_.user_name.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, secret.c_str());
  }
  Transfer transfer{stop_, {}};
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (!request.body.empty()) {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
  }
  // Which of the two may be used, the settings have said.
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  if (!options_.ca_file.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, options_.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
  }
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options_.connect_limit.count()));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.total_limit.count()));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields.get());
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "vestibule");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, takeBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, takeHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, askWhetherToStop);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);

  const CURLcode done = curl_easy_perform(curl);
  if (transfer.too_large) {
    return noAnswer("the answer has more than " + std::to_string(kMaxAnswerBytes) + " bytes");
  }
  if (done != CURLE_OK) return noAnswer(curl_easy_strerror(done));
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  transfer.answer.status = static_cast<int>(status);
  return std::move(transfer.answer);
}

}  // namespace vestibule::outbound
