#include "outbound/base_url.h"

#include "jose/remote_url.h"

namespace vestibule::outbound {
namespace {

tl::unexpected<Error> bad(std::string reason) {
  return failure(ErrorKind::kInvalidValue, std::move(reason));
}

Result<void> check(std::string_view text, bool allow_http, bool may_have_query) {
  auto url = jose::readRemoteUrl(text);
  if (!url) return propagate(url);
  if (url->has_query && !may_have_query) return bad("must not have a query");
  if (!url->is_https && !allow_http && !url->is_loopback) {
    return bad("must be https: over http anybody on the way could read the secret");
  }
  return {};
}

}  // namespace

Result<std::string> readBaseUrl(std::string_view text, bool allow_http) {
  if (auto good = check(text, allow_http, false); !good) return propagate(good);
  while (text.ends_with('/')) text.remove_suffix(1);
  return std::string(text);
}

Result<std::string> readEndpointUrl(std::string_view text, bool allow_http) {
  if (auto good = check(text, allow_http, true); !good) return propagate(good);
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
