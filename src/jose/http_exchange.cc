#include "jose/http_exchange.h"

#include <curl/curl.h>

#include <charconv>
#include <cstdint>
#include <cstring>

#include "base/blanks.h"
#include "base/log.h"
#include "base/unicode.h"

namespace vestibule::jose {
namespace {

struct Free {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  /// One of the fields may be a credential.
  void operator()(curl_slist* list) const {
    for (auto* field = list; field != nullptr; field = field->next) {
      explicit_bzero(field->data, std::strlen(field->data));
    }
    curl_slist_free_all(list);
  }
};

using Fields = std::unique_ptr<curl_slist, Free>;

/// Of all headers of an answer, interim ones (RFC 9110 §15.2) among them: there may be any number.
constexpr std::size_t kMostHeaderBytes = std::size_t{64} * 1024;

tl::unexpected<Error> unavailable(std::string reason) {
  return tl::make_unexpected(
      Error{ErrorKind::kUnavailable, "the server cannot be asked", std::move(reason), {}, {}});
}

/// What the callbacks of one transfer share.
struct Transfer {
  const std::atomic<bool>& stop;
  const HttpRules& rules;
  HttpAnswer answer;
  bool is_interim = false;  ///< the header that comes is followed by another (RFC 9110 §15.2)
  bool has_header = false;  ///< all of the last one
  bool too_large = false;
  std::size_t header_bytes = 0;

  void takeField(std::string_view line) {
    if (line.starts_with("HTTP/")) {
      is_interim = line.find(" 1") == line.find(' ');
      return answer.fields.clear();
    }
    if (line == "\r\n" || line == "\n") has_header = !is_interim;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    answer.fields.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
};

// The forms of the callbacks are libcurl's.
std::size_t takeBody(char* data, std::size_t, std::size_t size, void* pointer) {
  auto& transfer = *static_cast<Transfer*>(pointer);
  const std::size_t room = transfer.rules.most_bytes - transfer.answer.body.size();
  if (size > room) {
    transfer.too_large = true;
    if (transfer.rules.status_counts) transfer.answer.body.append(data, room);
    return 0;
  }
  transfer.answer.body.append(data, size);
  return size;
}

std::size_t takeHeader(char* data, std::size_t, std::size_t size, void* pointer) {
  auto& transfer = *static_cast<Transfer*>(pointer);
  transfer.header_bytes += size;
  if (transfer.header_bytes > kMostHeaderBytes) return 0;
  transfer.takeField({data, size});
  return size;
}

int askWhetherToStop(void* pointer, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(pointer)->stop ? 1 : 0;
}

void setUpTrust(CURL* curl, const HttpRules& rules) {
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  if (!rules.ca_file.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, rules.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
  }
  if (!rules.certificate.empty()) {
    curl_easy_setopt(curl, CURLOPT_SSLCERT, rules.certificate.c_str());
    curl_easy_setopt(curl, CURLOPT_SSLKEY, rules.key.c_str());
  }
}

void setUpAnswer(CURL* curl, Transfer& transfer) {
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, takeBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, takeHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, askWhetherToStop);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
}

/// `method` is the request's, with an end that libcurl can see; it and `fields` must outlive the
/// transfer.
void setUpRequest(CURL* curl, const HttpRequest& request, const std::string& method,
                  curl_slist* fields) {
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "vestibule");
  if (request.body != nullptr) {
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body->data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body->size()));
  }
  if (!method.empty()) curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method.c_str());
}

void setUpRules(CURL* curl, const HttpRules& rules) {
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, rules.allow_http ? "http,https" : "https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  if (!rules.use_proxy) curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(rules.connect_limit.count()));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(rules.total_limit.count()));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
}

/// False where there is no room.
bool append(Fields& list, const std::string& field) {
  curl_slist* const longer = curl_slist_append(list.get(), field.c_str());
  if (longer == nullptr) return false;
  (void)list.release();
  list.reset(longer);
  return true;
}

bool appendAuthorization(Fields& list, const Secret* value) {
  if (value == nullptr) return true;
  constexpr std::string_view kName = "Authorization: ";
  std::string field;
  // Grows no further: nothing of it stays behind elsewhere.
  field.reserve(kName.size() + value->exposeSecret().size());
  field.append(kName).append(value->exposeSecret());
  const bool done = append(list, field);
  explicit_bzero(field.data(), field.size());
  return done;
}

/// The request's own fields, its credential and the trace; null where there is no room.
Fields fieldsOf(const HttpRequest& request) {
  Fields list;
  // No answer of ours waits for a 100 (Continue).
  bool made = append(list, "Expect:") && appendAuthorization(list, request.authorization);
  for (const auto& field : request.fields) made = made && append(list, field);
  if (const auto trace = LogScope::currentTrace(); !trace.trace_id.empty()) {
    made = made && append(list, "traceparent: " + childOf(trace));
  }
  return made ? std::move(list) : nullptr;
}

}  // namespace

std::optional<std::chrono::seconds> retryAfter(const HttpAnswer& answer) {
  for (const auto& [name, value] : answer.fields) {
    if (!equalIgnoringAsciiCase(name, "Retry-After")) continue;
    std::uint32_t seconds = 0;
    const char* const end = value.data() + value.size();
    const auto [stopped, fault] = std::from_chars(value.data(), end, seconds);
    if (!value.empty() && stopped == end && fault == std::errc()) {
      return std::chrono::seconds(seconds);
    }
  }
  return std::nullopt;
}

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
  Transfer transfer{stop, rules, {}};
  // The options go, the connections stay.
  curl_easy_reset(curl);
  const std::string method(request.method);
  setUpRequest(curl, request, method, fields.get());
  setUpRules(curl, rules);
  setUpTrust(curl, rules);
  setUpAnswer(curl, transfer);
  const CURLcode done = curl_easy_perform(curl);
  if (transfer.header_bytes > kMostHeaderBytes) {
    return unavailable("the header of the answer has more than " +
                       std::to_string(kMostHeaderBytes) + " bytes");
  }
  const bool suffices = rules.status_counts && transfer.has_header;
  if (transfer.too_large && !suffices) {
    return unavailable("the answer has more than " + std::to_string(rules.most_bytes) + " bytes");
  }
  if (done != CURLE_OK && !suffices) return unavailable(curl_easy_strerror(done));
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  transfer.answer.status = static_cast<int>(status);
  return std::move(transfer.answer);
}

}  // namespace vestibule::jose
