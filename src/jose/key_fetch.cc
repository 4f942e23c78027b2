#include "jose/key_fetch.h"

#include <curl/curl.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <memory>
#include <system_error>

#include "base/blanks.h"
#include "base/log.h"
#include "base/unicode.h"
#include "jose/key_set.h"

namespace vestibule::jose {
namespace {

struct Free {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// A number of seconds; nothing for any other text. More than fits is the most that fits.
std::optional<std::chrono::seconds> secondsOf(std::string_view digits) {
  std::uint32_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stopped, fault] = std::from_chars(digits.data(), end, value);
  if (digits.empty() || stopped != end) return std::nullopt;
  if (fault == std::errc::result_out_of_range) value = UINT32_MAX;
  return std::chrono::seconds(value);
}

tl::unexpected<Error> unavailable(std::string reason) {
  return tl::make_unexpected(
      Error{ErrorKind::kUnavailable, "the keys cannot be read", std::move(reason), {}, {}});
}

/// What the callbacks of one transfer share.
struct Transfer {
  const std::atomic<bool>& stop;
  std::string body;
  bool too_large = false;
  std::optional<std::chrono::seconds> max_age;
  std::chrono::seconds age{0};

  void takeField(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (equalIgnoringAsciiCase(name, "Cache-Control")) {
      if (const auto lifetime = lifetimeOf(value)) {
        max_age = max_age ? std::min(*max_age, *lifetime) : *lifetime;
      }
    } else if (equalIgnoringAsciiCase(name, "Age")) {
      age = secondsOf(value).value_or(age);
    }
  }
};

// The forms of the callbacks are libcurl's.
std::size_t takeBody(char* data, std::size_t, std::size_t size, void* pointer) {
  auto& transfer = *static_cast<Transfer*>(pointer);
  if (transfer.body.size() + size > kMaxKeySetBytes) {
    transfer.too_large = true;
    return 0;
  }
  transfer.body.append(data, size);
  return size;
}

std::size_t takeHeader(char* data, std::size_t, std::size_t size, void* pointer) {
  static_cast<Transfer*>(pointer)->takeField({data, size});
  return size;
}

int askWhetherToStop(void* pointer, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(pointer)->stop ? 1 : 0;
}

void setUp(CURL* curl, const std::string& url, const FetchOptions& options, Transfer& transfer,
           curl_slist* fields) {
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  if (!options.ca_file.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, options.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
  }
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options.connect_limit.count()));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(options.total_limit.count()));
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
}

Result<FetchedKeys> fetchUrl(const std::string& url, const FetchOptions& options,
                             const std::atomic<bool>& stop) {
  static const CURLcode kStarted = curl_global_init(CURL_GLOBAL_DEFAULT);
  const std::unique_ptr<CURL, Free> curl(kStarted == CURLE_OK ? curl_easy_init() : nullptr);
  std::unique_ptr<curl_slist, Free> fields(
      curl_slist_append(nullptr, "Accept: application/jwk-set+json, application/json"));
  if (curl == nullptr || fields == nullptr) return unavailable("libcurl cannot be used");
  if (const auto trace = LogScope::currentTrace(); !trace.trace_id.empty()) {
    // The list stays the same when it grows: its first entry is there.
    const std::string field = "traceparent: " + childOf(trace);
    if (curl_slist_append(fields.get(), field.c_str()) == nullptr) {
      return unavailable("libcurl cannot be used");
    }
  }
  Transfer transfer{stop, {}, false, std::nullopt, std::chrono::seconds(0)};
  setUp(curl.get(), url, options, transfer, fields.get());
  const CURLcode done = curl_easy_perform(curl.get());
  if (transfer.too_large) {
    return unavailable("the answer has more than " + std::to_string(kMaxKeySetBytes) + " bytes");
  }
  if (done != CURLE_OK) return unavailable(curl_easy_strerror(done));
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) {
    const bool moved = status >= 300 && status < 400;
    return unavailable("the answer has the status " + std::to_string(status) +
                       (moved ? ", and redirects are not followed" : ""));
  }
  FetchedKeys fetched{std::move(transfer.body), std::nullopt};
  if (transfer.max_age) {
    fetched.lifetime = std::max(*transfer.max_age - transfer.age, std::chrono::seconds(0));
  }
  return fetched;
}

/// Read anew once a minute at most: a look costs little, and a new file is to be noticed soon.
constexpr std::chrono::seconds kFileLifetime{60};

Result<FetchedKeys> readFile(const std::string& path) {
  // Looked at before it is opened: to open a pipe would wait for somebody to write.
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return unavailable(std::error_code(errno, std::generic_category()).message());
  }
  if (!S_ISREG(status.st_mode)) return unavailable("it is no regular file");
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxKeySetBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) return unavailable("the file cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxKeySetBytes) {
    return unavailable("the file has more than " + std::to_string(kMaxKeySetBytes) + " bytes");
  }
  return FetchedKeys{std::move(text), kFileLifetime};
}

}  // namespace

Result<FetchedKeys> fetchKeys(const KeyLocation& location, const FetchOptions& options,
                              const std::atomic<bool>& stop) {
  return location.is_file ? readFile(location.target) : fetchUrl(location.target, options, stop);
}

std::optional<std::chrono::seconds> lifetimeOf(std::string_view cache_control) {
  std::optional<std::chrono::seconds> lifetime;
  while (!cache_control.empty()) {
    const std::size_t comma = std::min(cache_control.find(','), cache_control.size());
    const std::string_view directive = trimmed(cache_control.substr(0, comma));
    cache_control.remove_prefix(std::min(comma + 1, cache_control.size()));
    constexpr std::string_view kMaxAge = "max-age=";
    if (equalIgnoringAsciiCase(directive, "no-store") ||
        equalIgnoringAsciiCase(directive, "no-cache")) {
      return std::chrono::seconds(0);
    }
    if (equalIgnoringAsciiCase(directive.substr(0, kMaxAge.size()), kMaxAge)) {
      std::string_view digits = directive.substr(kMaxAge.size());
      // RFC 9111 §5.2: a recipient takes both forms.
      if (digits.size() >= 2 && digits.front() == '"' && digits.back() == '"') {
        digits = digits.substr(1, digits.size() - 2);
      }
      lifetime = secondsOf(digits);
    }
  }
  return lifetime;
}

}  // namespace vestibule::jose
