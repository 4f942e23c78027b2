#include "jose/key_fetch.h"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <system_error>

#include "base/blanks.h"
#include "base/unicode.h"
#include "jose/http_exchange.h"
#include "jose/key_set.h"

namespace vestibule::jose {
namespace {

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

/// How long the server wants its answer kept: the shortest that it says, less its age.
std::optional<std::chrono::seconds> lifetimeOfAnswer(const HttpAnswer& answer) {
  std::optional<std::chrono::seconds> max_age;
  std::chrono::seconds age{0};
  for (const auto& [name, value] : answer.fields) {
    if (equalIgnoringAsciiCase(name, "Cache-Control")) {
      if (const auto lifetime = lifetimeOf(value)) {
        max_age = max_age ? std::min(*max_age, *lifetime) : *lifetime;
      }
    } else if (equalIgnoringAsciiCase(name, "Age")) {
      age = secondsOf(value).value_or(age);
    }
  }
  if (!max_age) return std::nullopt;
  return std::max(*max_age - age, std::chrono::seconds(0));
}

Result<FetchedKeys> fetchUrl(const std::string& url, const FetchOptions& options,
                             const std::atomic<bool>& stop) {
  HttpRules rules;
  rules.ca_file = options.ca_file;
  rules.connect_limit = options.connect_limit;
  rules.total_limit = options.total_limit;
  rules.most_bytes = kMaxKeySetBytes;
  HttpClient client;
  auto answer = client.exchange(
      {url, {"Accept: application/jwk-set+json, application/json"}, nullptr}, rules, stop);
  if (!answer) return unavailable(std::move(answer.error().internal));
  const int status = answer->status;
  if (status != 200) {
    const bool moved = status >= 300 && status < 400;
    return unavailable("the answer has the status " + std::to_string(status) +
                       (moved ? ", and redirects are not followed" : ""));
  }
  const auto lifetime = lifetimeOfAnswer(*answer);
  return FetchedKeys{std::move(answer->body), lifetime};
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
