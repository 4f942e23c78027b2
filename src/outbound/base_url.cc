#include "outbound/base_url.h"

#include <algorithm>

#include "base/unicode.h"

namespace vestibule::outbound {
namespace {

constexpr std::size_t kMaxBytes = 2'000;

tl::unexpected<Error> bad(std::string reason) {
  return failure(ErrorKind::kInvalidValue, std::move(reason));
}

bool isLoopback(std::string_view authority) {
  std::string_view host = authority;
  if (host.starts_with('[')) {
    host = host.substr(0, host.find(']') + 1);
  } else {
    host = host.substr(0, host.find(':'));
  }
  return host == "127.0.0.1" || host == "[::1]" || equalIgnoringAsciiCase(host, "localhost");
}

Result<void> check(std::string_view text, bool allow_http, std::string_view not_in_path) {
  if (text.size() > kMaxBytes) return bad("is longer than 2000 bytes");
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (!plain) return bad("has white space or characters beyond ASCII");
  const auto end_of_scheme = text.find("://");
  const auto scheme = text.substr(0, end_of_scheme == text.npos ? 0 : end_of_scheme);
  const bool is_https = equalIgnoringAsciiCase(scheme, "https");
  if (!is_https && !equalIgnoringAsciiCase(scheme, "http")) return bad("must be an https URL");
  const auto rest = text.substr(end_of_scheme + 3);
  const auto authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.empty() || authority.starts_with(':')) return bad("names no host");
  if (authority.find('@') != authority.npos) return bad("must not name a user");
  if (rest.find_first_of(not_in_path) != rest.npos) {
    return bad(not_in_path == "#" ? "must have no fragment" : "must have no query and no fragment");
  }
  if (!is_https && !allow_http && !isLoopback(authority)) {
    return bad("must be https: over http anybody on the way could read the secret");
  }
  return {};
}

}  // namespace

Result<std::string> readBaseUrl(std::string_view text, bool allow_http) {
  if (auto good = check(text, allow_http, "?#"); !good) return propagate(good);
  while (text.ends_with('/')) text.remove_suffix(1);
  return std::string(text);
}

Result<std::string> readEndpointUrl(std::string_view text, bool allow_http) {
  if (auto good = check(text, allow_http, "#"); !good) return propagate(good);
  return std::string(text);
}

std::string percentEncoded(std::string_view text) {
  constexpr std::string_view kUnreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (kUnreserved.find(c) != kUnreserved.npos) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += kDigits[byte >> 4U];
    encoded += kDigits[byte & 15U];
  }
  return encoded;
}

}  // namespace vestibule::outbound
