#include "jose/remote_url.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "base/unicode.h"

namespace vestibule::jose {
namespace {

constexpr std::size_t kMaxBytes = 2'000;

tl::unexpected<Error> bad(std::string reason) {
  return failure(ErrorKind::kInvalidValue, std::move(reason));
}

/// Reads a number without leading zeros, which some resolvers take for octal and others for a name.
bool isByte(std::string_view text) {
  std::uint8_t value = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  return read.ec == std::errc() && read.ptr == end && (text.size() == 1 || text.front() != '0');
}

/// A name that only begins like an address may be anybody's.
bool isLoopback(std::string_view host) {
  if (host == "[::1]" || host == "localhost") return true;
  constexpr std::string_view kNetwork = "127.";
  if (!host.starts_with(kNetwork)) return false;
  host.remove_prefix(kNetwork.size());
  for (int more = 2; more > 0; --more) {
    const auto dot = host.find('.');
    if (dot == std::string_view::npos || !isByte(host.substr(0, dot))) return false;
    host.remove_prefix(dot + 1);
  }
  return isByte(host);
}

}  // namespace

std::string_view faultOfCharacters(std::string_view text) {
  if (text.size() > kMaxBytes) return "is longer than 2000 bytes";
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  return plain ? std::string_view() : "has white space or characters beyond ASCII";
}

Result<RemoteUrl> readRemoteUrl(std::string_view text) {
  if (const auto fault = faultOfCharacters(text); !fault.empty()) return bad(std::string(fault));
  constexpr std::string_view kMark = "://";
  const auto mark = std::min(text.find(kMark), text.size());
  const std::string scheme = lowerAscii(text.substr(0, mark));
  RemoteUrl url;
  url.is_https = scheme == "https";
  if (mark == text.size() || (!url.is_https && scheme != "http"))
    return bad("must be an https URL");
  const auto rest = text.substr(mark + kMark.size());
  const auto authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.find('@') != authority.npos) return bad("must not name a user");
  if (rest.find('#') != rest.npos) return bad("must not have a fragment");
  url.has_query = rest.find('?') != rest.npos;
  const auto end_of_host = std::min(
      authority.find(':', authority.starts_with('[') ? authority.find(']') : 0), authority.size());
  const std::string host = lowerAscii(authority.substr(0, end_of_host));
  if (host.empty()) return bad("names no host");
  if (host.starts_with('[') != host.ends_with(']')) return bad("names no host");
  std::string_view port = url.is_https ? "443" : "80";
  if (end_of_host + 1 < authority.size()) port = authority.substr(end_of_host + 1);
  std::uint16_t number = 0;
  const char* const end = port.data() + port.size();
  const auto read = std::from_chars(port.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return bad("has a port that is no number");
  url.is_loopback = isLoopback(host);
  url.origin = scheme + "://" + host + ":" + std::to_string(number);
  return url;
}

}  // namespace vestibule::jose
